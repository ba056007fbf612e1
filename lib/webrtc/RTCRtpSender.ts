import type { MediaKind, NegotiatedCodec } from '../jsep/rtp-types';
import type { RtpPackets } from '../media/rtp-packets';
import type { MediaStream } from '../mediacapture/MediaStream';
import type { MediaStreamTrack } from '../mediacapture/MediaStreamTrack';
import type { RtpSender } from '../media/rtp-sender';
import * as webidl from '../webidl';
import {
  type RTCRtpCapabilities,
  type RTCRtpSendParameters,
  type RTCSetParameterOptions,
  toRTCRtpSendParameters,
  toRTCSetParameterOptions,
} from '../webidl/generated/dictionaries';
import type { RTCDegradationPreference } from '../webidl/generated/enums';
import type { Connection } from './connection';
import type { EncodedFrameStage } from './encoded-transform/encoded-frame-stage';
import type { RTCEncodedStreams } from './encoded-transform/encoded-streams';
import {
  createEncodedStreams,
  type RTCRtpSenderTransform,
  setTransform,
} from './encoded-transform/transform-attribute';
import { getStats } from './get-stats';
import type { RTCDTMFSender } from './RTCDTMFSender';
import type { RTCDtlsTransport } from './RTCDtlsTransport';
import type { TransceiverSlots } from './RTCRtpTransceiver';
import { capabilitiesFor } from './rtp-capabilities';
import { replaceTrack, setStreams } from './replace-track';
import type { SenderSink } from './encoded-sender';
import type { Attached } from './rtp-streams';
import type { RTCStatsReport } from './RTCStatsReport';
import type { SendEncodings } from './send-encodings';
import { getParameters, setParameters } from './sender-parameters';

const INTERFACE = 'RTCRtpSender';
const toNullableTrack = webidl.nullable(webidl.interfaceConverter('MediaStreamTrack'));
const toStream = webidl.interfaceConverter('MediaStream');

export interface EncodingSsrcs {
  readonly ssrc: number;
  /** Of its retransmissions. */
  readonly rtxSsrc: number;
}

/** The internal slots, as the machinery of lib/webrtc keeps them. */
export interface SenderSlots {
  /** That the sender was created by. */
  readonly connection: Connection;
  /** The transceiver that it is [[Sender]] of, from its creation on. */
  transceiver: TransceiverSlots;
  readonly kind: MediaKind;
  /** [[SenderTrack]] */
  track: MediaStreamTrack | null;
  /** [[SenderTransport]] */
  transport: RTCDtlsTransport | null;
  /** [[Dtmf]] */
  dtmf: RTCDTMFSender | null;
  /** [[AssociatedMediaStreamIds]], each once, in the order given. */
  associatedMediaStreamIds: readonly string[];
  /** [[SendEncodings]] */
  sendEncodings: SendEncodings;
  /** Its encodings are layers that the peer knows by their SSRCs, and not by their rids. */
  hasSourceLayers: boolean;
  /** [[LastStableRidlessSendEncodings]] */
  lastStableRidlessSendEncodings: SendEncodings | null;
  /** [[SendCodecs]] */
  sendCodecs: readonly NegotiatedCodec[];
  /** [[LastReturnedParameters]] */
  lastReturnedParameters: RTCRtpSendParameters | null;
  /** Of its parameters; undefined as long as nobody has set it. */
  degradationPreference: RTCDegradationPreference | undefined;
  /** "Promises from setParameters methods" that are not settled: no description is committed meanwhile. */
  unsettledSetParameters: Set<Promise<unknown>>;
  /** Second part of `a=msid`: the id of the sender's first track, or one made up for a sender without. */
  readonly msidTrackId: string;
  /** Of each encoding there has been, by its rid; '' without. */
  readonly ssrcs: Map<string, EncodingSsrcs>;
  /** What sends its media; null before there is a transport. */
  attached: Attached<RtpSender> | null;
  /** Of the track whose hint is followed: the steps, which nobody else keeps, and what ends that; null without. */
  followedHint: { readonly track: MediaStreamTrack; readonly update: () => void; readonly end: () => void } | null;
  /** Of a track that comes encoded; null for others, and before there is a stream. */
  encodedSink: SenderSink | null;
  /** Where its frames can be taken out and put back between encoder and packetizer. */
  readonly encodedFrames: EncodedFrameStage;
  /** [[transform]] */
  transform: RTCRtpSenderTransform | null;
  /** Its packets, for those who want to see them. */
  readonly packets: RtpPackets;
}

/** Friend access for the machinery of lib/webrtc. */
export let senderSlotsOf: (sender: RTCRtpSender) => SenderSlots;

/** https://w3c.github.io/webrtc-pc/#rtcrtpsender-interface */
export class RTCRtpSender {
  static {
    webidl.defineInterface(INTERFACE, this, (value) => #slots in value);
    senderSlotsOf = (sender) => sender.#slots;
  }

  readonly #slots: SenderSlots;

  constructor(key: webidl.ConstructionKey, slots: SenderSlots) {
    webidl.requireConstructionKey(key);
    this.#slots = slots;
  }

  get track(): MediaStreamTrack | null {
    return this.#slots.track;
  }

  get transport(): RTCDtlsTransport | null {
    return this.#slots.transport;
  }

  /** For audio. */
  get dtmf(): RTCDTMFSender | null {
    return this.#slots.dtmf;
  }

  /** https://w3c.github.io/webrtc-encoded-transform/#dom-rtcrtpsender-transform */
  get transform(): RTCRtpSenderTransform | null {
    return this.#slots.transform;
  }

  set transform(value: RTCRtpSenderTransform | null) {
    setTransform(this.#slots, value, webidl.setterContext('transform', INTERFACE));
  }

  /** https://w3c.github.io/webrtc-pc/#dom-rtcrtpsender-getcapabilities */
  static getCapabilities(kind: string): RTCRtpCapabilities | null {
    const context = webidl.operationContext('getCapabilities', INTERFACE);
    webidl.requireArguments(arguments.length, 1, context);
    return capabilitiesFor(webidl.DOMString(kind, context), 'send');
  }

  /** https://w3c.github.io/webrtc-pc/#dom-rtcrtpsender-getparameters */
  getParameters(): RTCRtpSendParameters {
    return getParameters(this.#slots);
  }

  /** https://w3c.github.io/webrtc-pc/#dom-rtcrtpsender-setparameters */
  async setParameters(
    parameters: RTCRtpSendParameters,
    setParameterOptions?: Partial<RTCSetParameterOptions>,
  ): Promise<void> {
    const slots = this.#slots;
    const context = webidl.operationContext('setParameters', INTERFACE);
    webidl.requireArguments(arguments.length, 1, context);
    const newParameters = toRTCRtpSendParameters(parameters, context);
    const options = toRTCSetParameterOptions(setParameterOptions, context);
    return setParameters(slots, newParameters, options);
  }

  /** https://w3c.github.io/webrtc-pc/#dom-rtcrtpsender-replacetrack */
  async replaceTrack(withTrack: MediaStreamTrack | null): Promise<void> {
    const slots = this.#slots;
    const context = webidl.operationContext('replaceTrack', INTERFACE);
    webidl.requireArguments(arguments.length, 1, context);
    return replaceTrack(slots, toNullableTrack(withTrack, context), context);
  }

  /** https://w3c.github.io/webrtc-pc/#dom-rtcrtpsender-setstreams */
  setStreams(...streams: MediaStream[]): void {
    const slots = this.#slots;
    const context = webidl.operationContext('setStreams', INTERFACE);
    setStreams(
      slots,
      streams.map((stream) => toStream(stream, context)),
      context,
    );
  }

  /** What there is to know of the streams that it sends, and of all that they refer to. */
  async getStats(): Promise<RTCStatsReport> {
    const slots = this.#slots;
    return getStats(slots.connection, { sender: slots });
  }

  /** Chromium's, from before there were transforms (docs/nonstandard.md). */
  createEncodedStreams(): RTCEncodedStreams {
    return createEncodedStreams(this.#slots, webidl.operationContext('createEncodedStreams', INTERFACE));
  }
}

declare module '../webidl/types' {
  interface InterfaceTypes {
    RTCRtpSender: RTCRtpSender;
  }
}
