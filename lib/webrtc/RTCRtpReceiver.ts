import type { MediaKind, NegotiatedCodec } from '../jsep/rtp-types';
import * as webidl from '../webidl';
import type { Connection } from './connection';
import type { RTCDtlsTransport } from './RTCDtlsTransport';
import type { TransceiverSlots } from './RTCRtpTransceiver';

type MediaStreamTrack = webidl.InterfaceType<'MediaStreamTrack'>;
type MediaStream = webidl.InterfaceType<'MediaStream'>;

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
}

/** Friend access for the machinery of lib/webrtc. */
export let receiverSlotsOf: (receiver: RTCRtpReceiver) => ReceiverSlots;

/** https://w3c.github.io/webrtc-pc/#rtcrtpreceiver-interface */
export class RTCRtpReceiver {
  static {
    webidl.defineInterface('RTCRtpReceiver', this, (value) => #slots in value);
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
}

declare module '../webidl/types' {
  interface InterfaceTypes {
    RTCRtpReceiver: RTCRtpReceiver;
  }
}
