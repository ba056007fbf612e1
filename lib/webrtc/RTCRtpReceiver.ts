import type { MediaKind, NegotiatedCodec } from '../jsep/rtp-types';
import type { RtpPackets } from '../media/rtp-packets';
import type { MediaStream } from '../mediacapture/MediaStream';
import type { MediaStreamTrack } from '../mediacapture/MediaStreamTrack';
import type { RtpReceiver } from '../media/rtp-receiver';
import * as webidl from '../webidl';
import type {
  RTCRtpCapabilities,
  RTCRtpContributingSource,
  RTCRtpReceiveParameters,
  RTCRtpSynchronizationSource,
} from '../webidl/generated/dictionaries';
import type { Connection } from './connection';
import {
  checkJitterBufferTarget,
  contributingSources,
  getReceiveParameters,
  synchronizationSources,
} from './receiver-parameters';
import type { EncodedFrameStage } from './encoded-transform/encoded-frame-stage';
import type { RTCEncodedStreams } from './encoded-transform/encoded-streams';
import {
  createEncodedStreams,
  type RTCRtpReceiverTransform,
  setTransform,
} from './encoded-transform/transform-attribute';
import { getStats } from './get-stats';
import type { RTCDtlsTransport } from './RTCDtlsTransport';
import type { Attached } from './rtp-streams';
import type { RTCStatsReport } from './RTCStatsReport';
import type { TransceiverSlots } from './RTCRtpTransceiver';
import { capabilitiesFor } from './rtp-capabilities';

const INTERFACE = 'RTCRtpReceiver';
const toJitterBufferTarget = webidl.nullable(webidl.double);

/** The internal slots, as the machinery of lib/webrtc keeps them. */
export interface ReceiverSlots {
  /** That the receiver was created by. */
  readonly connection: Connection;
  /** The transceiver that it is [[Receiver]] of, from its creation on. */
  transceiver: TransceiverSlots;
  readonly kind: MediaKind;
  /** [[ReceiverTrack]] */
  readonly track: MediaStreamTrack;
  /** [[ReceiverTransport]] */
  transport: RTCDtlsTransport | null;
  /** [[AssociatedRemoteMediaStreams]] */
  associatedRemoteMediaStreams: readonly MediaStream[];
  /** [[LastStableStateAssociatedRemoteMediaStreams]] */
  lastStableStateAssociatedRemoteMediaStreams: readonly MediaStream[];
  /** [[ReceiveCodecs]] */
  receiveCodecs: readonly NegotiatedCodec[];
  /** [[JitterBufferTarget]], milliseconds */
  jitterBufferTarget: number | null;
  /** What receives its media; null before there is a transport. */
  attached: Attached<RtpReceiver> | null;
  /** Where its frames can be taken out and put back between depacketizer and decoder. */
  readonly encodedFrames: EncodedFrameStage;
  /** [[transform]] */
  transform: RTCRtpReceiverTransform | null;
  /** Its packets, for those who want to see them. */
  readonly packets: RtpPackets;
}

/** Friend access for the machinery of lib/webrtc. */
export let receiverSlotsOf: (receiver: RTCRtpReceiver) => ReceiverSlots;

/** https://w3c.github.io/webrtc-pc/#rtcrtpreceiver-interface */
export class RTCRtpReceiver {
  static {
    webidl.defineInterface(INTERFACE, this, (value) => #slots in value);
    receiverSlotsOf = (receiver) => receiver.#slots;
  }

  readonly #slots: ReceiverSlots;

  constructor(key: webidl.ConstructionKey, slots: ReceiverSlots) {
    webidl.requireConstructionKey(key);
    this.#slots = slots;
  }

  get track(): MediaStreamTrack {
    return this.#slots.track;
  }

  get transport(): RTCDtlsTransport | null {
    return this.#slots.transport;
  }

  /** Milliseconds; null: as the buffer sees fit. https://w3c.github.io/webrtc-extensions/#dom-rtcrtpreceiver-jitterbuffertarget */
  get jitterBufferTarget(): number | null {
    return this.#slots.jitterBufferTarget;
  }

  set jitterBufferTarget(value: number | null) {
    const slots = this.#slots;
    const target = toJitterBufferTarget(value, webidl.setterContext('jitterBufferTarget', INTERFACE));
    checkJitterBufferTarget(target);
    slots.jitterBufferTarget = target;
    slots.attached?.stream.setJitterBufferTarget(target);
  }

  /** https://w3c.github.io/webrtc-encoded-transform/#dom-rtcrtpsender-transform */
  get transform(): RTCRtpReceiverTransform | null {
    return this.#slots.transform;
  }

  set transform(value: RTCRtpReceiverTransform | null) {
    setTransform(this.#slots, value, webidl.setterContext('transform', INTERFACE));
  }

  /** https://w3c.github.io/webrtc-pc/#dom-rtcrtpreceiver-getcapabilities */
  static getCapabilities(kind: string): RTCRtpCapabilities | null {
    const context = webidl.operationContext('getCapabilities', INTERFACE);
    webidl.requireArguments(arguments.length, 1, context);
    return capabilitiesFor(webidl.DOMString(kind, context), 'receive');
  }

  /** https://w3c.github.io/webrtc-pc/#dom-rtcrtpreceiver-getparameters */
  getParameters(): RTCRtpReceiveParameters {
    return getReceiveParameters(this.#slots);
  }

  /** https://w3c.github.io/webrtc-pc/#dom-rtcrtpreceiver-getcontributingsources */
  getContributingSources(): RTCRtpContributingSource[] {
    return contributingSources(this.#slots);
  }

  /** https://w3c.github.io/webrtc-pc/#dom-rtcrtpreceiver-getsynchronizationsources */
  getSynchronizationSources(): RTCRtpSynchronizationSource[] {
    return synchronizationSources(this.#slots);
  }

  /** What there is to know of the streams that it receives, and of all that they refer to. */
  async getStats(): Promise<RTCStatsReport> {
    const slots = this.#slots;
    return getStats(slots.connection, { receiver: slots });
  }

  /** Chromium's, from before there were transforms (docs/nonstandard.md). */
  createEncodedStreams(): RTCEncodedStreams {
    return createEncodedStreams(this.#slots, webidl.operationContext('createEncodedStreams', INTERFACE));
  }
}

declare module '../webidl/types' {
  interface InterfaceTypes {
    RTCRtpReceiver: RTCRtpReceiver;
  }
}
