import type { MediaKind, NegotiatedCodec } from '../jsep/rtp-types';
import * as webidl from '../webidl';
import type { RTCRtpEncodingParameters, RTCRtpSendParameters } from '../webidl/generated/dictionaries';
import type { Connection } from './connection';
import type { RTCDtlsTransport } from './RTCDtlsTransport';
import type { TransceiverSlots } from './RTCRtpTransceiver';

type MediaStreamTrack = webidl.InterfaceType<'MediaStreamTrack'>;

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
  dtmf: webidl.InterfaceType<'RTCDTMFSender'> | null;
  /** [[AssociatedMediaStreamIds]], each once, in the order given. */
  associatedMediaStreamIds: readonly string[];
  /** [[SendEncodings]] */
  sendEncodings: RTCRtpEncodingParameters[];
  /** [[LastStableRidlessSendEncodings]] */
  lastStableRidlessSendEncodings: RTCRtpEncodingParameters[] | null;
  /** [[SendCodecs]] */
  sendCodecs: readonly NegotiatedCodec[];
  /** [[LastReturnedParameters]] */
  lastReturnedParameters: RTCRtpSendParameters | null;
  /** "Promises from setParameters methods" that are not settled: no description is committed meanwhile. */
  unsettledSetParameters: Set<Promise<unknown>>;
  /** Second part of `a=msid`: the id of the sender's first track, or one made up for a sender without. */
  readonly msidTrackId: string;
  /** One for each encoding, in their order; as many as there ever were encodings. */
  ssrcs: readonly { readonly ssrc: number; readonly rtxSsrc: number }[];
}

/** Friend access for the machinery of lib/webrtc. */
export let senderSlotsOf: (sender: RTCRtpSender) => SenderSlots;

/** https://w3c.github.io/webrtc-pc/#rtcrtpsender-interface */
export class RTCRtpSender {
  static {
    webidl.defineInterface('RTCRtpSender', this, (value) => #slots in value);
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
}

declare module '../webidl/types' {
  interface InterfaceTypes {
    RTCRtpSender: RTCRtpSender;
  }
}
