/**
 * The public types of peerwire: what its classes are at run time.
 *
 * They are interfaces and `declare var`, as in lib.dom, so that lib.dom's types and these can stand for one another.
 * They need neither lib.dom nor @types/node: where one of them is present, its Event, EventTarget, DOMException,
 * MessageEvent and Blob are used, and otherwise the small ones of platform.d.ts.
 */
/* eslint-disable no-var, @typescript-eslint/no-explicit-any -- written as lib.dom is */

import type {
  RTCDataChannelEvent,
  RTCErrorEvent,
  RTCPeerConnectionIceErrorEvent,
  RTCPeerConnectionIceEvent,
  RTCTrackEvent,
} from './events.js';
import type { MediaStream, MediaStreamTrack } from './mediacapture.js';
import type {
  AddListenerOptions,
  EventHandler,
  GlobalType,
  ListenerOptions,
  PlatformBlob,
  PlatformDOMException,
  PlatformEvent,
  PlatformEventTarget,
  PlatformListener,
  PlatformMessageEvent,
} from './platform.js';
import type {
  PlatformRtpSender,
  RTCRtpReceiver,
  RTCRtpSender,
  RTCRtpTransceiver,
  RTCRtpTransceiverInit,
} from './rtp.js';

export * from './encoded-transform.js';
export * from './events.js';
export * from './mediacapture.js';
export * as nonstandard from './nonstandard.js';
export * from './rtp.js';
export * from './webcodecs.js';

// Enumerations -------------------------------------------------------------------------------------------------------

export type RTCBundlePolicy = 'balanced' | 'max-bundle' | 'max-compat';
export type RTCDataChannelState = 'closed' | 'closing' | 'connecting' | 'open';
export type RTCDtlsTransportState = 'closed' | 'connected' | 'connecting' | 'failed' | 'new';
export type RTCErrorDetailType =
  | 'data-channel-failure'
  | 'dtls-failure'
  | 'fingerprint-failure'
  | 'hardware-encoder-error'
  | 'hardware-encoder-not-available'
  | 'sctp-failure'
  | 'sdp-syntax-error';
export type RTCIceCandidateType = 'host' | 'prflx' | 'relay' | 'srflx';
export type RTCIceComponent = 'rtcp' | 'rtp';
export type RTCIceConnectionState =
  'checking' | 'closed' | 'completed' | 'connected' | 'disconnected' | 'failed' | 'new';
export type RTCIceGathererState = 'complete' | 'gathering' | 'new';
export type RTCIceGatheringState = 'complete' | 'gathering' | 'new';
export type RTCIceProtocol = 'tcp' | 'udp';
export type RTCIceRole = 'controlled' | 'controlling' | 'unknown';
export type RTCIceServerTransportProtocol = 'tcp' | 'tls' | 'udp';
export type RTCIceTcpCandidateType = 'active' | 'passive' | 'so';
export type RTCIceTransportPolicy = 'all' | 'relay';
export type RTCIceTransportState =
  'checking' | 'closed' | 'completed' | 'connected' | 'disconnected' | 'failed' | 'new';
export type RTCPeerConnectionState = 'closed' | 'connected' | 'connecting' | 'disconnected' | 'failed' | 'new';
export type RTCPriorityType = 'high' | 'low' | 'medium' | 'very-low';
export type RTCRtcpMuxPolicy = 'require';
export type RTCSctpTransportState = 'closed' | 'connected' | 'connecting';
export type RTCSdpType = 'answer' | 'offer' | 'pranswer' | 'rollback';
export type RTCSignalingState =
  'closed' | 'have-local-offer' | 'have-local-pranswer' | 'have-remote-offer' | 'have-remote-pranswer' | 'stable';
export type RTCStatsType =
  | 'candidate-pair'
  | 'certificate'
  | 'codec'
  | 'data-channel'
  | 'inbound-rtp'
  | 'local-candidate'
  | 'media-playout'
  | 'media-source'
  | 'outbound-rtp'
  | 'peer-connection'
  | 'remote-candidate'
  | 'remote-inbound-rtp'
  | 'remote-outbound-rtp'
  | 'transport';

// Dictionaries -------------------------------------------------------------------------------------------------------

export interface RTCIceServer {
  credential?: string;
  /** `stun:`, `stuns:`, `turn:` or `turns:` URLs. */
  urls: string | string[];
  username?: string;
}

/** https://w3c.github.io/webrtc-ice/#rtcicegatheroptions* */
export interface RTCIceGatherOptions {
  /** `'all'` when absent; `'relay'`: only candidates of TURN servers, and no packet to anybody else. */
  gatherPolicy?: RTCIceTransportPolicy;
  iceServers?: RTCIceServer[];
  /** Nonstandard: the local ports ICE may use, both inclusive (0 to 65535). */
  portRange?: { min?: number; max?: number };
  /** Nonstandard: the local IP address to use. */
  bindAddress?: string;
  /** Nonstandard: transports with this flag and the same `portRange.min` share one UDP socket on that port. */
  enableIceUdpMux?: boolean;
  /**
   * Nonstandard: ICE over TCP. `'active'`, as when absent: connections to passive candidates of the peer; `'listen'`:
   * passive candidates, too, on one port for all where `enableIceUdpMux` is set.
   */
  iceTcp?: 'off' | 'active' | 'listen';
  /** Nonstandard: gather host candidates on loopback too. */
  includeLoopback?: boolean;
  /** Nonstandard: which interfaces ICE may use: their names (`*` at the end for any), addresses, prefixes. */
  interfaces?: { allow?: string[]; exclude?: string[] };
  /** Nonstandard: host candidates show names of multicast DNS, not addresses; browsers' pages do so. */
  mdnsCandidates?: boolean;
  /** Nonstandard: what a 1:1 NAT in front of this machine makes of its addresses: `external` or `external/local`. */
  nat1To1?: { addresses: string[]; candidateType?: 'host' | 'srflx' };
}

export interface RTCConfiguration {
  /** Offers have a section for data from the first, before a channel is created; it cannot be changed later. */
  alwaysNegotiateDataChannels?: boolean;
  bundlePolicy?: RTCBundlePolicy;
  certificates?: RTCCertificate[];
  /** 0 to 255. */
  iceCandidatePoolSize?: number;
  iceServers?: RTCIceServer[];
  iceTransportPolicy?: RTCIceTransportPolicy;
  rtcpMuxPolicy?: RTCRtcpMuxPolicy;
  /** Nonstandard: the local ports ICE may use, both inclusive (0 to 65535). */
  portRange?: { min?: number; max?: number };
  /** Nonstandard: the local IP address to use. */
  bindAddress?: string;
  /** Nonstandard: connections with this flag and the same `portRange.min` share one UDP socket on that port. */
  enableIceUdpMux?: boolean;
  /**
   * Nonstandard: ICE over TCP. `'active'`, as when absent: connections to passive candidates of the peer; `'listen'`:
   * passive candidates, too, on one port for all where `enableIceUdpMux` is set.
   */
  iceTcp?: 'off' | 'active' | 'listen';
  /** Nonstandard: gather host candidates on loopback too. */
  includeLoopback?: boolean;
  /** Nonstandard: which interfaces ICE may use: their names (`*` at the end for any), addresses, prefixes. */
  interfaces?: { allow?: string[]; exclude?: string[] };
  /** Nonstandard: host candidates show names of multicast DNS, not addresses; browsers' pages do so. */
  mdnsCandidates?: boolean;
  /** Nonstandard: what a 1:1 NAT in front of this machine makes of its addresses: `external` or `external/local`. */
  nat1To1?: { addresses: string[]; candidateType?: 'host' | 'srflx' };
  /** Nonstandard: be an ICE-lite agent, for servers that peers reach directly. */
  iceLite?: boolean;
  /** Nonstandard: the local ICE credentials of the first transport, until it restarts. */
  iceCredentials?: { usernameFragment: string; password: string };
  /**
   * Nonstandard: take any certificate of the peer, whatever its description says. For protocols that find out by
   * themselves who the peer is, over the data channels; without such a one anybody on the way can read and write all.
   */
  disableFingerprintVerification?: boolean;
  /** Nonstandard: accept all layers of a peer that offers simulcast, as a media server does; browsers take one. */
  receiveSimulcast?: boolean;
  /** Nonstandard: frames wait for createEncodedStreams() or a transform, as in Chromium. */
  encodedInsertableStreams?: boolean;
}

export interface RTCOfferAnswerOptions {
  /**
   * Of earlier drafts (https://www.rfc-editor.org/rfc/rfc9429.html#section-5.2.3.2). `true`: pauses of sound may be
   * suppressed, ours and the peer's (comfort noise, `usedtx=1` of Opus), in an answer only as far as the offer has it;
   * `false`: they must not. Left out: comfort noise is offered, and Opus decides by what the peer says.
   */
  voiceActivityDetection?: boolean;
}
export interface RTCAnswerOptions extends RTCOfferAnswerOptions {}
export interface RTCOfferOptions extends RTCOfferAnswerOptions {
  iceRestart?: boolean;
  offerToReceiveAudio?: boolean;
  offerToReceiveVideo?: boolean;
}

export interface RTCSessionDescriptionInit {
  sdp?: string;
  type: RTCSdpType;
}

export interface RTCLocalSessionDescriptionInit {
  sdp?: string;
  type?: RTCSdpType;
}

export interface RTCIceCandidateInit {
  candidate?: string;
  sdpMLineIndex?: number | null;
  sdpMid?: string | null;
  usernameFragment?: string | null;
}

export interface RTCLocalIceCandidateInit extends RTCIceCandidateInit {
  relayProtocol?: RTCIceServerTransportProtocol | null;
  url?: string | null;
}

export interface RTCIceParameters {
  /** The peer is a lite agent, such as a gateway; never of ours. */
  iceLite?: boolean;
  /** 22 to 256 letters, digits, `+` and `/`. */
  password?: string;
  /** 4 to 256 letters, digits, `+` and `/`. */
  usernameFragment?: string;
}

export interface RTCDtlsFingerprint {
  algorithm?: string;
  value?: string;
}

export interface RTCCertificateExpiration {
  /** Milliseconds from now. */
  expires?: number;
}

export interface RTCDataChannelInit {
  /** 0 to 65534; needed with `negotiated`, ignored without. */
  id?: number;
  /** Milliseconds; not together with `maxRetransmits`. */
  maxPacketLifeTime?: number;
  maxRetransmits?: number;
  negotiated?: boolean;
  ordered?: boolean;
  priority?: RTCPriorityType;
  protocol?: string;
}

export interface RTCErrorInit {
  errorDetail: RTCErrorDetailType;
  receivedAlert?: number;
  sctpCauseCode?: number;
  sdpLineNumber?: number;
  sentAlert?: number;
}

export interface RTCStats {
  id: string;
  /** Milliseconds since the Unix epoch. */
  timestamp: number;
  type: RTCStatsType;
}

/** What generateCertificate() takes: `{ name: 'ECDSA', namedCurve: 'P-256' }` or RSASSA-PKCS1-v1_5. */
export type RTCKeygenAlgorithm = string | { name: string } | { name: string; [parameter: string]: unknown };

export type RTCPeerConnectionErrorCallback = (error: PlatformDOMException) => void;
export type RTCSessionDescriptionCallback = (description: RTCSessionDescriptionInit) => void;

// Interfaces ---------------------------------------------------------------------------------------------------------

export interface RTCPeerConnectionEventMap {
  connectionstatechange: PlatformEvent;
  datachannel: RTCDataChannelEvent;
  icecandidate: RTCPeerConnectionIceEvent;
  icecandidateerror: RTCPeerConnectionIceErrorEvent;
  iceconnectionstatechange: PlatformEvent;
  icegatheringstatechange: PlatformEvent;
  negotiationneeded: PlatformEvent;
  signalingstatechange: PlatformEvent;
  track: RTCTrackEvent;
}

/** https://w3c.github.io/webrtc-pc/#rtcpeerconnection-interface */
export interface RTCPeerConnection extends PlatformEventTarget {
  readonly canTrickleIceCandidates: boolean | null;
  readonly connectionState: RTCPeerConnectionState;
  readonly currentLocalDescription: RTCSessionDescription | null;
  readonly currentRemoteDescription: RTCSessionDescription | null;
  readonly iceConnectionState: RTCIceConnectionState;
  readonly iceGatheringState: RTCIceGatheringState;
  readonly localDescription: RTCSessionDescription | null;
  readonly pendingLocalDescription: RTCSessionDescription | null;
  readonly pendingRemoteDescription: RTCSessionDescription | null;
  readonly remoteDescription: RTCSessionDescription | null;
  readonly sctp: RTCSctpTransport | null;
  readonly signalingState: RTCSignalingState;
  addIceCandidate(candidate?: RTCIceCandidateInit | null): Promise<void>;
  /** @deprecated */
  addIceCandidate(
    candidate: RTCIceCandidateInit,
    successCallback: () => void,
    failureCallback: RTCPeerConnectionErrorCallback,
  ): Promise<void>;
  /**
   * Sends the track, in a transceiver that has not sent yet, or a new one. InvalidAccessError: a sender has the track
   * already. InvalidStateError: the connection is closed.
   */
  addTrack(track: MediaStreamTrack, ...streams: MediaStream[]): RTCRtpSender;
  /**
   * TypeError: an unknown kind, a wrong rid. RangeError: scaleResolutionDownBy is below 1, or maxFramerate below 0.
   * OperationError: a codec or scalabilityMode that cannot be sent. InvalidStateError: the connection is closed.
   */
  addTransceiver(trackOrKind: MediaStreamTrack | string, init?: RTCRtpTransceiverInit): RTCRtpTransceiver;
  close(): void;
  createAnswer(options?: RTCAnswerOptions): Promise<RTCSessionDescriptionInit>;
  /** @deprecated */
  createAnswer(
    successCallback: RTCSessionDescriptionCallback,
    failureCallback: RTCPeerConnectionErrorCallback,
  ): Promise<void>;
  createDataChannel(label: string, dataChannelDict?: RTCDataChannelInit): RTCDataChannel;
  createOffer(options?: RTCOfferOptions): Promise<RTCSessionDescriptionInit>;
  /** @deprecated */
  createOffer(
    successCallback: RTCSessionDescriptionCallback,
    failureCallback: RTCPeerConnectionErrorCallback,
    options?: RTCOfferOptions,
  ): Promise<void>;
  getConfiguration(): RTCConfiguration;
  getReceivers(): RTCRtpReceiver[];
  getSenders(): RTCRtpSender[];
  /** InvalidAccessError: none, or more than one, of the senders and receivers has the track. */
  getStats(selector?: MediaStreamTrack | null): Promise<RTCStatsReport>;
  getTransceivers(): RTCRtpTransceiver[];
  /** Nonstandard: a live connection keeps the process running again (the default). */
  ref(): this;
  /** InvalidAccessError: the sender is another connection's. InvalidStateError: the connection is closed. */
  removeTrack(sender: PlatformRtpSender): void;
  restartIce(): void;
  setConfiguration(configuration?: RTCConfiguration | null): void;
  setLocalDescription(description?: RTCLocalSessionDescriptionInit): Promise<void>;
  /** @deprecated */
  setLocalDescription(
    description: RTCLocalSessionDescriptionInit,
    successCallback: () => void,
    failureCallback: RTCPeerConnectionErrorCallback,
  ): Promise<void>;
  setRemoteDescription(description: RTCSessionDescriptionInit): Promise<void>;
  /** @deprecated */
  setRemoteDescription(
    description: RTCSessionDescriptionInit,
    successCallback: () => void,
    failureCallback: RTCPeerConnectionErrorCallback,
  ): Promise<void>;
  /** Nonstandard: a live connection no longer keeps the process running, as with `net.Socket`. */
  unref(): this;
  onconnectionstatechange: EventHandler<PlatformEvent>;
  ondatachannel: EventHandler<RTCDataChannelEvent>;
  onicecandidate: EventHandler<RTCPeerConnectionIceEvent>;
  /** Takes our event; reads as lib.dom of TypeScript 5.0 had it, which later ones can be given, too. */
  get onicecandidateerror(): EventHandler<PlatformEvent>;
  set onicecandidateerror(handler: EventHandler<RTCPeerConnectionIceErrorEvent>);
  oniceconnectionstatechange: EventHandler<PlatformEvent>;
  onicegatheringstatechange: EventHandler<PlatformEvent>;
  onnegotiationneeded: EventHandler<PlatformEvent>;
  onsignalingstatechange: EventHandler<PlatformEvent>;
  /** Takes ours; reads as lib.dom's where that is present, so that a connection of ours can be given where its is wanted. */
  get ontrack(): EventHandler<GlobalType<'RTCTrackEvent', RTCTrackEvent>>;
  set ontrack(handler: EventHandler<RTCTrackEvent>);
  addEventListener<K extends keyof RTCPeerConnectionEventMap>(
    type: K,
    listener: (this: RTCPeerConnection, event: RTCPeerConnectionEventMap[K]) => any,
    options?: boolean | AddListenerOptions,
  ): void;
  addEventListener(type: string, listener: PlatformListener | null, options?: boolean | AddListenerOptions): void;
  removeEventListener<K extends keyof RTCPeerConnectionEventMap>(
    type: K,
    listener: (this: RTCPeerConnection, event: RTCPeerConnectionEventMap[K]) => any,
    options?: boolean | ListenerOptions,
  ): void;
  removeEventListener(type: string, listener: PlatformListener | null, options?: boolean | ListenerOptions): void;
}
export declare var RTCPeerConnection: {
  prototype: RTCPeerConnection;
  new (configuration?: RTCConfiguration | null): RTCPeerConnection;
  generateCertificate(keygenAlgorithm: RTCKeygenAlgorithm): Promise<RTCCertificate>;
};

export interface RTCDataChannelEventMap {
  bufferedamountlow: PlatformEvent;
  close: PlatformEvent;
  closing: PlatformEvent;
  error: RTCErrorEvent;
  message: PlatformMessageEvent;
  open: PlatformEvent;
}

/** https://w3c.github.io/webrtc-pc/#rtcdatachannel */
export interface RTCDataChannel extends PlatformEventTarget {
  binaryType: 'arraybuffer' | 'blob';
  readonly bufferedAmount: number;
  bufferedAmountLowThreshold: number;
  readonly id: number | null;
  readonly label: string;
  readonly maxPacketLifeTime: number | null;
  readonly maxRetransmits: number | null;
  readonly negotiated: boolean;
  readonly ordered: boolean;
  /** Always there; optional because lib.dom has no such member, and its channels must be assignable to this. */
  readonly priority?: RTCPriorityType;
  readonly protocol: string;
  readonly readyState: RTCDataChannelState;
  close(): void;
  send(data: string): void;
  send(data: PlatformBlob): void;
  send(data: ArrayBuffer): void;
  send(data: ArrayBufferView): void;
  send(data: string | PlatformBlob | ArrayBuffer | ArrayBufferView): void;
  onbufferedamountlow: EventHandler<PlatformEvent>;
  onclose: EventHandler<PlatformEvent>;
  onclosing: EventHandler<PlatformEvent>;
  /** Takes our event; reads as lib.dom had it up to TypeScript 5.6, which later ones can be given, too. */
  get onerror(): EventHandler<PlatformEvent>;
  set onerror(handler: EventHandler<RTCErrorEvent>);
  onmessage: EventHandler<PlatformMessageEvent>;
  onopen: EventHandler<PlatformEvent>;
  addEventListener<K extends keyof RTCDataChannelEventMap>(
    type: K,
    listener: (this: RTCDataChannel, event: RTCDataChannelEventMap[K]) => any,
    options?: boolean | AddListenerOptions,
  ): void;
  addEventListener(type: string, listener: PlatformListener | null, options?: boolean | AddListenerOptions): void;
  removeEventListener<K extends keyof RTCDataChannelEventMap>(
    type: K,
    listener: (this: RTCDataChannel, event: RTCDataChannelEventMap[K]) => any,
    options?: boolean | ListenerOptions,
  ): void;
  removeEventListener(type: string, listener: PlatformListener | null, options?: boolean | ListenerOptions): void;
}
export declare var RTCDataChannel: {
  prototype: RTCDataChannel;
  new (): never;
};

export interface RTCSctpTransportEventMap {
  statechange: PlatformEvent;
}

/** https://w3c.github.io/webrtc-pc/#rtcsctptransport-interface */
export interface RTCSctpTransport extends PlatformEventTarget {
  readonly maxChannels: number | null;
  readonly maxMessageSize: number;
  readonly state: RTCSctpTransportState;
  readonly transport: RTCDtlsTransport;
  onstatechange: EventHandler<PlatformEvent>;
  addEventListener<K extends keyof RTCSctpTransportEventMap>(
    type: K,
    listener: (this: RTCSctpTransport, event: RTCSctpTransportEventMap[K]) => any,
    options?: boolean | AddListenerOptions,
  ): void;
  addEventListener(type: string, listener: PlatformListener | null, options?: boolean | AddListenerOptions): void;
  removeEventListener<K extends keyof RTCSctpTransportEventMap>(
    type: K,
    listener: (this: RTCSctpTransport, event: RTCSctpTransportEventMap[K]) => any,
    options?: boolean | ListenerOptions,
  ): void;
  removeEventListener(type: string, listener: PlatformListener | null, options?: boolean | ListenerOptions): void;
}
export declare var RTCSctpTransport: {
  prototype: RTCSctpTransport;
  new (): never;
};

export interface RTCDtlsTransportEventMap {
  error: RTCErrorEvent;
  statechange: PlatformEvent;
}

/** https://w3c.github.io/webrtc-pc/#rtcdtlstransport-interface */
export interface RTCDtlsTransport extends PlatformEventTarget {
  readonly iceTransport: RTCIceTransport;
  readonly state: RTCDtlsTransportState;
  /** The certificates of the peer, its own first, DER. */
  getRemoteCertificates(): ArrayBuffer[];
  /** Takes our event; reads as lib.dom had it up to TypeScript 5.6, which later ones can be given, too. */
  get onerror(): EventHandler<PlatformEvent>;
  set onerror(handler: EventHandler<RTCErrorEvent>);
  onstatechange: EventHandler<PlatformEvent>;
  addEventListener<K extends keyof RTCDtlsTransportEventMap>(
    type: K,
    listener: (this: RTCDtlsTransport, event: RTCDtlsTransportEventMap[K]) => any,
    options?: boolean | AddListenerOptions,
  ): void;
  addEventListener(type: string, listener: PlatformListener | null, options?: boolean | AddListenerOptions): void;
  removeEventListener<K extends keyof RTCDtlsTransportEventMap>(
    type: K,
    listener: (this: RTCDtlsTransport, event: RTCDtlsTransportEventMap[K]) => any,
    options?: boolean | ListenerOptions,
  ): void;
  removeEventListener(type: string, listener: PlatformListener | null, options?: boolean | ListenerOptions): void;
}
export declare var RTCDtlsTransport: {
  prototype: RTCDtlsTransport;
  new (): never;
};

export interface RTCIceTransportEventMap {
  gatheringstatechange: PlatformEvent;
  icecandidate: RTCPeerConnectionIceEvent;
  icecandidateerror: RTCPeerConnectionIceErrorEvent;
  selectedcandidatepairchange: PlatformEvent;
  statechange: PlatformEvent;
}

/**
 * Of a connection (https://w3c.github.io/webrtc-pc/#rtcicetransport), or constructed, to be connected by itself
 * (https://w3c.github.io/webrtc-ice/). Events tell what the ICE agent finds out; what a method sets has no event, but
 * for stop().
 */
export interface RTCIceTransport extends PlatformEventTarget {
  readonly component: RTCIceComponent;
  readonly gatheringState: RTCIceGathererState;
  readonly role: RTCIceRole;
  readonly state: RTCIceTransportState;
  /**
   * Gives the peer's candidate; without a line: there will be no more. One of another generation than that of the remote
   * parameters is passed over.
   * @throws InvalidStateError when closed, or a connection's
   * @throws OperationError when malformed
   */
  addRemoteCandidate(remoteCandidate?: RTCIceCandidateInit | null): void;
  /**
   * Gathers local candidates; `icecandidate` brings each of them, and null at the end. The process stays alive meanwhile.
   * @throws InvalidStateError when closed, a connection's, or called before
   * @throws SyntaxError, InvalidAccessError as RTCPeerConnection does for ICE servers
   */
  gather(options?: RTCIceGatherOptions): void;
  getLocalCandidates(): RTCIceCandidate[];
  getLocalParameters(): RTCIceParameters | null;
  getRemoteCandidates(): RTCIceCandidate[];
  getRemoteParameters(): RTCIceParameters | null;
  getSelectedCandidatePair(): RTCIceCandidatePair | null;
  /**
   * Answers the peer's checks, and checks its candidates. Called again with other parameters it turns to them: remote
   * candidates and pairs are flushed, local candidates stay.
   * @param role 'controlling' or 'controlled' (the default); not to be changed afterwards
   * @throws TypeError without usernameFragment or password
   * @throws SyntaxError when one of them is not well-formed
   * @throws InvalidStateError when closed, a connection's, or the role is another than before
   */
  start(remoteParameters?: RTCIceParameters, role?: RTCIceRole): void;
  /**
   * Releases sockets and allocations, for good.
   * @throws InvalidStateError for the transport of a connection
   */
  stop(): void;
  /** Takes `icecandidateerror` events. */
  onerror: EventHandler<RTCPeerConnectionIceErrorEvent>;
  ongatheringstatechange: EventHandler<PlatformEvent>;
  onicecandidate: EventHandler<RTCPeerConnectionIceEvent>;
  onselectedcandidatepairchange: EventHandler<PlatformEvent>;
  onstatechange: EventHandler<PlatformEvent>;
  addEventListener<K extends keyof RTCIceTransportEventMap>(
    type: K,
    listener: (this: RTCIceTransport, event: RTCIceTransportEventMap[K]) => any,
    options?: boolean | AddListenerOptions,
  ): void;
  addEventListener(type: string, listener: PlatformListener | null, options?: boolean | AddListenerOptions): void;
  removeEventListener<K extends keyof RTCIceTransportEventMap>(
    type: K,
    listener: (this: RTCIceTransport, event: RTCIceTransportEventMap[K]) => any,
    options?: boolean | ListenerOptions,
  ): void;
  removeEventListener(type: string, listener: PlatformListener | null, options?: boolean | ListenerOptions): void;
}
export declare var RTCIceTransport: {
  prototype: RTCIceTransport;
  new (): RTCIceTransport;
};

/** https://w3c.github.io/webrtc-pc/#rtcicecandidatepair */
export interface RTCIceCandidatePair {
  readonly local: RTCIceCandidate;
  readonly remote: RTCIceCandidate;
}
export declare var RTCIceCandidatePair: {
  prototype: RTCIceCandidatePair;
  new (): never;
};

/** https://w3c.github.io/webrtc-pc/#rtccertificate-interface */
export interface RTCCertificate {
  /** Milliseconds since the Unix epoch. */
  readonly expires: number;
  getFingerprints(): RTCDtlsFingerprint[];
}
export declare var RTCCertificate: {
  prototype: RTCCertificate;
  new (): never;
  /**
   * Not of the Recommendation (docs/nonstandard.md).
   * @param certificatePem the certificate, and its chain behind it
   * @param privateKeyPem its private key, unencrypted
   */
  fromPem(certificatePem: string, privateKeyPem: string): RTCCertificate;
  /** Not of the Recommendation: the certificate with its private key, which is shown in no other way. */
  toPem(certificate: RTCCertificate): { certificate: string; privateKey: string };
};

/** https://w3c.github.io/webrtc-pc/#rtcsessiondescription-class */
export interface RTCSessionDescription {
  readonly sdp: string;
  readonly type: RTCSdpType;
  toJSON(): RTCSessionDescriptionInit;
}
export declare var RTCSessionDescription: {
  prototype: RTCSessionDescription;
  new (descriptionInitDict: RTCSessionDescriptionInit): RTCSessionDescription;
};

/** https://w3c.github.io/webrtc-pc/#rtcicecandidate-interface */
export interface RTCIceCandidate {
  readonly address: string | null;
  readonly candidate: string;
  readonly component: RTCIceComponent | null;
  readonly foundation: string | null;
  readonly port: number | null;
  readonly priority: number | null;
  readonly protocol: RTCIceProtocol | null;
  readonly relatedAddress: string | null;
  readonly relatedPort: number | null;
  /** Always there; optional because lib.dom has no such member. */
  readonly relayProtocol?: RTCIceServerTransportProtocol | null;
  readonly sdpMLineIndex: number | null;
  readonly sdpMid: string | null;
  readonly tcpType: RTCIceTcpCandidateType | null;
  readonly type: RTCIceCandidateType | null;
  /** Always there; optional because lib.dom has no such member. */
  readonly url?: string | null;
  readonly usernameFragment: string | null;
  toJSON(): RTCIceCandidateInit;
}
export declare var RTCIceCandidate: {
  prototype: RTCIceCandidate;
  new (candidateInitDict?: RTCLocalIceCandidateInit): RTCIceCandidate;
};

/** Readonly maplike from id to entry. https://w3c.github.io/webrtc-pc/#rtcstatsreport-object */
export interface RTCStatsReport {
  readonly size: number;
  // A map's own iterators: what they are differs between the libs that an application compiles with.
  [Symbol.iterator](): ReturnType<ReadonlyMap<string, any>['entries']>;
  entries(): ReturnType<ReadonlyMap<string, any>['entries']>;
  forEach(callback: (value: any, key: string, report: RTCStatsReport) => void, thisArgument?: any): void;
  get(key: string): any;
  has(key: string): boolean;
  keys(): ReturnType<ReadonlyMap<string, any>['keys']>;
  values(): ReturnType<ReadonlyMap<string, any>['values']>;
}
export declare var RTCStatsReport: {
  prototype: RTCStatsReport;
  new (): never;
};

/** https://w3c.github.io/webrtc-pc/#rtcerror-interface */
export interface RTCError extends PlatformDOMException {
  readonly errorDetail: RTCErrorDetailType;
  readonly receivedAlert: number | null;
  readonly sctpCauseCode: number | null;
  readonly sdpLineNumber: number | null;
  readonly sentAlert: number | null;
}
export declare var RTCError: {
  prototype: RTCError;
  new (init: RTCErrorInit, message?: string): RTCError;
};
