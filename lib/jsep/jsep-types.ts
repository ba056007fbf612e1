/** Records of the offer/answer engine; jsep-session.ts is the door to them. Everything is immutable. */
import type { Candidate } from '../sdp/attributes/candidate';
import type { Fingerprint } from '../sdp/attributes/dtls';
import type { SessionDescription } from '../sdp/session-description';
import type { NumberBindings } from './number-bindings';
import type { AppliedMediaSection, JsepMedia, RtpCapabilities, TransceiverView } from './rtp-types';

export type SignalingState =
  'stable' | 'have-local-offer' | 'have-remote-offer' | 'have-local-pranswer' | 'have-remote-pranswer';
/** What a description can be once applied; 'rollback' is {@link rollback}. */
export type DescriptionType = 'offer' | 'pranswer' | 'answer';
export type BundlePolicy = 'balanced' | 'max-compat' | 'max-bundle';
export type IceRole = 'controlling' | 'controlled';
export type DtlsRole = 'client' | 'server';

export interface IceParameters {
  /** 4 to 256 ice-chars (RFC 8839 section 5.4). */
  readonly usernameFragment: string;
  /** 22 to 256 ice-chars. */
  readonly password: string;
}

export interface RemoteIceParameters extends IceParameters {
  readonly iceLite: boolean;
}

/** Fixed for the life of a session. */
export interface JsepSessionOptions {
  readonly bundlePolicy: BundlePolicy;
  readonly rtcpMuxPolicy: 'require' | 'negotiate';
  /** The number of `o=`: decimal, random, below 2^63 (RFC 9429 section 5.2.1). */
  readonly sessionId: string;
  /** What this build can do with audio and video. */
  readonly capabilities: RtpCapabilities;
  /** Of all our RTP streams (RFC 7022), for `a=ssrc`. */
  readonly cname: string;
  /**
   * Transports share a port with others, and are told apart by their credentials alone. Else those of an offer that may
   * become one by BUNDLE have the same: Firefox and GStreamer take no others.
   */
  readonly hasSharedPort?: boolean;
  /** Our ICE agent is a lite one (RFC 8445): always controlled. Its peers are full agents. */
  readonly isIceLite?: boolean;
  /** Answers accept all layers of a simulcast offer. Else, as in browsers, only one stream is received. */
  readonly receivesSimulcast?: boolean;
  /**
   * Offers have a section for data, created channels or not, before the new ones of audio and video, and tagged for
   * BUNDLE (https://w3c.github.io/webrtc-extensions/#always-negotiating-datachannels).
   */
  readonly alwaysOffersData?: boolean;
}

/** What createOffer and createAnswer need to know of the world. */
export interface LocalParameters {
  /** Of every certificate in use, SHA-256 first; at least one. */
  readonly fingerprints: readonly Fingerprint[];
  /** Credentials for a transport that has none yet, or that restarts. Called once for each. */
  readonly newIceParameters: () => IceParameters;
  /** Octets of the largest data channel message we receive; 0: any size. */
  readonly maxMessageSize: number;
  /** All that are not stopped, in the order of their creation; stopped ones may be among them. */
  readonly transceivers: readonly TransceiverView[];
  /** createOffer: a data channel was created, so there has to be a section for it. */
  readonly hasDataChannels?: boolean;
  /** RTCOfferAnswerOptions.voiceActivityDetection, where it was given. */
  readonly silenceSuppression?: boolean | undefined;
  /** createOffer: RTCOfferOptions.iceRestart. */
  readonly iceRestart?: boolean;
  /** createOffer: [[LocalIceCredentialsToReplace]], set by restartIce() from {@link localIceCredentials}. */
  readonly credentialsToReplace?: readonly IceParameters[];
}

/** A candidate, or the end of them (null), that was added to a media section of an applied description. */
export interface TrickledCandidate {
  /** The section's place. */
  readonly index: number;
  readonly candidate: Candidate | null;
  /** One of our own: `m=` and `c=` of its section follow. */
  readonly isLocal: boolean;
}

/** An applied description with the candidates that were added to it since. */
export interface JsepDescription {
  readonly type: DescriptionType;
  /** As it was applied: what is read of it but candidates stays true. */
  readonly model: SessionDescription;
  /** What it was applied with. Use {@link descriptionText}. */
  readonly text: string;
  /** Of each media section; made up by us where the description has none (RFC 9429 section 5.10). */
  readonly mids: readonly string[];
  /** In order. */
  readonly trickled: readonly TrickledCandidate[];
  /** The model goes; it is read from the text again when somebody asks for it. */
  forgetModel(): void;
}

/** One ICE and DTLS transport that the applied descriptions ask for. */
export interface JsepTransport {
  /** Unique in the session, never used again. */
  readonly id: string;
  /** The mid whose section carries the transport's parameters (the tagged section of its BUNDLE group). */
  readonly mid: string;
  /** All mids that use it, `mid` among them. */
  readonly mids: readonly string[];
  readonly localIce: IceParameters;
  /** null until an answer, or a local answer to an offer, is applied. */
  readonly remoteIce: RemoteIceParameters | null;
  /** Of the generation `remoteIce`, in order of arrival. */
  readonly remoteCandidates: readonly Candidate[];
  readonly remoteEndOfCandidates: boolean;
  readonly iceRole: IceRole;
  readonly dtlsRole: DtlsRole | null;
  /** Those of the media section, or else of the session; at least one of them has to match (RFC 8122 section 5). */
  readonly remoteFingerprints: readonly Fingerprint[];
  /** RFC 8842; null when the peer sends none. */
  readonly remoteTlsId: string | null;
}

/** The SCTP association that the applied descriptions ask for. */
export interface JsepSctp {
  readonly mid: string;
  readonly transportId: string;
  readonly localPort: number;
  readonly remotePort: number;
  /** The peer's a=max-message-size in octets: 65536 where there is none, 0 for any size. */
  readonly remoteMaxMessageSize: number;
}

/** What is undone by a rollback, and what each exchange carries over to the next. */
export interface NegotiatedState {
  readonly transports: readonly JsepTransport[];
  readonly sctp: JsepSctp | null;
  /** One for each transceiver that is associated with a media section, in the order of the sections. */
  readonly media: readonly JsepMedia[];
  /** What payload types have meant until now. */
  readonly payloadTypes: NumberBindings;
  /** What identifiers of header extensions have meant until now. */
  readonly headerExtensions: NumberBindings;
  /** null until the first exchange is complete; then kept (RFC 8445 section 9). */
  readonly iceRole: IceRole | null;
}

export interface JsepSession extends NegotiatedState {
  readonly options: JsepSessionOptions;
  readonly signalingState: SignalingState;
  readonly currentLocal: JsepDescription | null;
  readonly pendingLocal: JsepDescription | null;
  readonly currentRemote: JsepDescription | null;
  readonly pendingRemote: JsepDescription | null;
  /** ICE ufrags that applied remote descriptions have had, in force or not, the latest first. */
  readonly remoteFragments: readonly string[];
  /** [[LastCreatedOffer]]; null in place of an empty text. It is what comes to be applied, and not read again for that. */
  readonly lastCreatedOffer: JsepDescription | null;
  /** [[LastCreatedAnswer]], as the offer. */
  readonly lastCreatedAnswer: JsepDescription | null;
  /** What the last created ones were made of, for {@link lastCreated}. */
  readonly lastCreatedInputs: { readonly offer: string; readonly answer: string };
  /** The section that the last created offer gave to each transceiver, by its id. */
  readonly offeredMids: ReadonlyMap<string, string>;
  /** State of the last stable, to which a rollback returns. */
  readonly stable: NegotiatedState;
  /** Last used number of `o=`, and the text it stood in, without that number. */
  readonly origin: { readonly version: number; readonly content: string };
  readonly nextTransport: number;
  /** Lowest number that no negotiated section has had as mid. */
  readonly nextMid: number;
  /** Counts the transceivers that remote offers made: 'remote-0', 'remote-1', … */
  readonly nextRemoteTransceiver: number;
}

/**
 * What the transports have to do. `transportId` is {@link JsepTransport.id}.
 *
 * - `create-transport`: make ICE and DTLS transport; `gather` always follows.
 * - `gather`: gather with these credentials: the first time, or again for a restart.
 * - `revert-ice`: a local restart was rolled back: go back to these credentials, keep the pair in use.
 * - `move-transport`: `mids` changed (BUNDLE was negotiated, or a section came or went).
 * - `remove-transport`: close it: its sections are bundled elsewhere, rejected, or rolled back.
 * - `set-remote-ice`: remote credentials are known; `restart` when they replace others. Checks start.
 * - `add-remote-candidates`: new ones only. `endOfCandidates`: no more will come.
 * - `start-dtls`: role and fingerprints are known; `restart` when a new association replaces a running one (the
 *   peer's fingerprints or tls-id changed).
 * - `start-sctp`: make and start the association ("initiates the establishment", RFC 8841 section 10.3).
 * - `update-sctp`: only the maximum message size changed.
 * - `stop-sctp`: the data section was rejected or rolled back.
 */
export type JsepEffect =
  | { readonly kind: 'create-transport'; readonly transportId: string; readonly transport: JsepTransport }
  | { readonly kind: 'gather'; readonly transportId: string; readonly local: IceParameters; readonly restart: boolean }
  | { readonly kind: 'revert-ice'; readonly transportId: string; readonly local: IceParameters }
  | {
      readonly kind: 'move-transport';
      readonly transportId: string;
      readonly mid: string;
      readonly mids: readonly string[];
    }
  | { readonly kind: 'remove-transport'; readonly transportId: string }
  | {
      readonly kind: 'set-remote-ice';
      readonly transportId: string;
      readonly remote: RemoteIceParameters;
      readonly role: IceRole;
      readonly restart: boolean;
    }
  | {
      readonly kind: 'add-remote-candidates';
      readonly transportId: string;
      readonly candidates: readonly Candidate[];
      readonly endOfCandidates: boolean;
    }
  | {
      readonly kind: 'start-dtls';
      readonly transportId: string;
      readonly role: DtlsRole;
      readonly fingerprints: readonly Fingerprint[];
      readonly restart: boolean;
    }
  | { readonly kind: 'start-sctp'; readonly sctp: JsepSctp }
  | { readonly kind: 'update-sctp'; readonly sctp: JsepSctp }
  | { readonly kind: 'stop-sctp'; readonly sctp: JsepSctp };

export interface JsepResult {
  readonly session: JsepSession;
  readonly effects: readonly JsepEffect[];
  /** What an applied description says of each section of audio and video; empty for rollbacks and candidates. */
  readonly media: readonly AppliedMediaSection[];
}

/** What decides whether negotiation is needed. */
export type NegotiationNeeds = Pick<LocalParameters, 'transceivers' | 'hasDataChannels' | 'credentialsToReplace'>;

export interface CreatedDescription {
  /** Store it at once: it remembers what was created (setLocalDescription compares), and the version number. */
  readonly session: JsepSession;
  readonly type: 'offer' | 'answer';
  readonly sdp: string;
}

/** Members of RTCIceCandidateInit that mean something to the session. */
export interface RemoteCandidateInit {
  /** Empty: end of candidates. */
  readonly candidate: string;
  readonly sdpMid: string | null;
  readonly sdpMLineIndex: number | null;
  readonly usernameFragment: string | null;
}

/** Where a local candidate belongs, for the RTCIceCandidate of the event. */
export interface LocalCandidateResult {
  readonly session: JsepSession;
  /** null: it belongs to no applied description (an older generation): no event. */
  readonly place: {
    /** null when the peer's offer gave the section no mid. */
    readonly sdpMid: string | null;
    readonly sdpMLineIndex: number;
  } | null;
}
