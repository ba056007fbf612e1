/** What the offer/answer engine and its caller tell each other about audio and video. Everything is immutable. */
import type { Direction } from '../sdp/attributes/direction';

export type { Direction } from '../sdp/attributes/direction';
export type MediaKind = 'audio' | 'video';

/** A codec as RTCRtpCodec has it. */
export interface RtpCodec {
  /** 'video/VP8'; compared without regard to case. */
  readonly mimeType: string;
  /** Hertz. */
  readonly clockRate: number;
  /** Audio only. */
  readonly channels?: number;
  /** The value of `a=fmtp` behind the payload type. */
  readonly sdpFmtpLine?: string;
}

/** A codec of this build. RTX, RED, ULPFEC, telephone-event and CN are codecs, too. */
export interface RtpCodecCapability extends RtpCodec {
  readonly canSend: boolean;
  readonly canReceive: boolean;
  /** Values of `a=rtcp-fb` behind the payload type: 'nack pli'. */
  readonly rtcpFeedback: readonly string[];
  /** The payload type that we offer, where it is free. */
  readonly preferredPayloadType: number;
}

export interface RtpHeaderExtensionCapability {
  readonly uri: string;
  /** The identifier that we offer, where it is free; 1 to 14. */
  readonly preferredId: number;
  /** What is offered as long as nobody says otherwise; 'stopped': nothing. */
  readonly direction: Direction | 'stopped';
  /** What is answered where an offer has one that is 'stopped' by itself. */
  readonly widest?: Direction;
}

/** What this build can do with one kind of media, best first. */
export interface RtpKindCapabilities {
  readonly codecs: readonly RtpCodecCapability[];
  readonly headerExtensions: readonly RtpHeaderExtensionCapability[];
}

export type RtpCapabilities = Readonly<Record<MediaKind, RtpKindCapabilities>>;

/** One layer that a sender sends. */
export interface SendEncoding {
  /** null: it is the only one, and has none, or each layer is told apart by its SSRC. */
  readonly rid: string | null;
  readonly isActive: boolean;
}

/**
 * An RTCRtpTransceiver as negotiation sees it. The caller makes these anew for each call, in the order of the set of
 * transceivers; the session keeps none of them, only their ids.
 */
export interface TransceiverView {
  /** Unique in the connection, never used again. */
  readonly id: string;
  readonly kind: MediaKind;
  /** [[Direction]] */
  readonly direction: Direction;
  /** [[Stopping]] */
  readonly isStopping: boolean;
  /** [[Stopped]] */
  readonly isStopped: boolean;
  /** addTrack() made it, so that a section of a remote offer may become its own (RFC 9429 section 5.10). */
  readonly isFromAddTrack: boolean;
  /** Sending has been negotiated, now or before. */
  readonly hasSent?: boolean;
  /** [[AssociatedMediaStreamIds]] of the sender. */
  readonly streamIds: readonly string[];
  /** Of `a=msid`: that of the sender's first track, or one made up for a sender without. */
  readonly trackId: string;
  /** [[PreferredCodecs]]; empty: all of the kind, in the build's order. */
  readonly preferredCodecs: readonly RtpCodec[];
  /** [[HeaderExtensionsToNegotiate]]: one for each extension of the kind. */
  readonly headerExtensions: readonly { readonly uri: string; readonly direction: Direction | 'stopped' }[];
  /** Of those 'stopped': the ones that answers take all the same. */
  readonly welcomeHeaderExtensions?: readonly string[];
  /** [[SendEncodings]]; at least one. */
  readonly sendEncodings: readonly SendEncoding[];
  /** Of the sender, of each encoding: for `a=ssrc`. */
  readonly ssrcs: readonly { readonly ssrc: number; readonly rtxSsrc: number }[];
}

export interface NegotiatedCodec extends RtpCodec {
  readonly payloadType: number;
  readonly rtcpFeedback: readonly string[];
}

export interface NegotiatedHeaderExtension {
  readonly uri: string;
  readonly id: number;
  /** Ours. */
  readonly direction: Direction;
}

/** What an answer or provisional answer made of a media section. */
export interface NegotiatedRtp {
  /** Ours: what becomes [[CurrentDirection]]. */
  readonly direction: Direction;
  /** With the peer's payload types, in the peer's order of preference (RFC 9429 section 5.10). */
  readonly sendCodecs: readonly NegotiatedCodec[];
  /** With our payload types, in our order. */
  readonly receiveCodecs: readonly NegotiatedCodec[];
  readonly headerExtensions: readonly NegotiatedHeaderExtension[];
  /** `a=rtcp-rsize` on both sides. */
  readonly reducedSizeRtcp: boolean;
  /** Bits a second that the peer wants at most (`b=TIAS`, or `b=AS` less what headers take); null: not said. */
  readonly maxBitrate: number | null;
  /** Milliseconds of sound that the peer likes in a packet, and takes at most (`a=ptime`, `a=maxptime`); null: not said. */
  readonly packetTime: number | null;
  readonly maxPacketTime: number | null;
  /**
   * Layers that the peer accepts, in its order; null: it accepts no simulcast, and the first layer alone is sent. Says
   * nothing while `direction` does not send: layers are not negotiated then.
   */
  readonly sendRids: readonly { readonly rid: string; readonly isPaused: boolean }[] | null;
  /** Layers that the peer sends; empty without simulcast. */
  readonly receiveRids: readonly string[];
  /** What the peer tells of its streams in `a=ssrc`; a group's semantics is 'FID' for retransmissions, or 'SIM'. */
  readonly remoteSsrcs: readonly { readonly ssrc: number; readonly cname: string | null }[];
  readonly remoteSsrcGroups: readonly { readonly semantics: string; readonly ssrcs: readonly number[] }[];
}

/**
 * A transceiver's place in the descriptions. It is rolled back with the rest, and goes when an answer rejects the section.
 */
export interface JsepMedia {
  readonly transceiverId: string;
  readonly kind: MediaKind;
  readonly mid: string;
  readonly mediaSectionIndex: number;
  /** {@link JsepTransport.id}; null before a local description, or an answer, gives the section one. */
  readonly transportId: string | null;
  /** By the last answer or provisional answer; null before. */
  readonly negotiated: NegotiatedRtp | null;
}

/**
 * What an applied description says of one section of audio or video, for "set a session description" (steps 4.6.x for
 * each media description, https://w3c.github.io/webrtc-pc/#set-description). In the order of the sections.
 */
export interface AppliedMediaSection {
  readonly mid: string;
  readonly mediaSectionIndex: number;
  readonly kind: MediaKind;
  /** null: a rejected section that belongs to no transceiver. */
  readonly transceiverId: string | null;
  /** The description is a remote offer, and no transceiver fits: make one, 'recvonly', under `transceiverId`. */
  readonly isNewTransceiver: boolean;
  /** Port 0, and not bundle-only. */
  readonly isRejected: boolean;
  /** As we see it: that of a remote description is reversed already. 'inactive' for a rejected section. */
  readonly direction: Direction;
  /**
   * Remote descriptions: ids of `a=msid` (or of `a=ssrc … msid:`), in order, without '-'. Of a peer that writes no msid at all:
   * one id for all of its tracks, the same for the whole session.
   */
  readonly remoteStreamIds: readonly string[];
  /** Remote descriptions: of `a=msid`; null when not said. */
  readonly remoteTrackId: string | null;
  /**
   * Remote offers: layers it wants to receive (`a=simulcast:recv`), of alternatives the first, each once, for
   * [[SendEncodings]] of a transceiver that had none before.
   */
  readonly offeredReceiveRids: readonly { readonly rid: string; readonly isPaused: boolean }[];
  /** Local offers: layers that an application has written into them (`a=ssrc-group:SIM`), or that stand there since. */
  readonly sourceLayers: readonly { readonly ssrc: number; readonly rtxSsrc: number | null }[];
}
