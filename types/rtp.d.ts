/** Senders, receivers and transceivers. How these declarations are written: see index.d.ts. */
/* eslint-disable no-var, @typescript-eslint/no-explicit-any -- written as lib.dom is */

import type { RTCEncodedStreams, RTCRtpReceiverTransform, RTCRtpSenderTransform } from './encoded-transform.js';
import type { RTCDtlsTransport, RTCDTMFToneChangeEvent, RTCPriorityType, RTCStatsReport } from './index.js';
import type { MediaStream, MediaStreamTrack } from './mediacapture.js';
import type {
  AddListenerOptions,
  EventHandler,
  GlobalType,
  ListenerOptions,
  PlatformEventTarget,
  PlatformListener,
} from './platform.js';

// Enumerations -------------------------------------------------------------------------------------------------------

/** lib.dom does not know 'maintain-framerate-and-resolution'; where it is present, neither do these types. */
export type RTCDegradationPreference =
  | 'balanced'
  | 'maintain-framerate'
  | 'maintain-resolution'
  | (typeof globalThis extends { RTCRtpSender: unknown } ? never : 'maintain-framerate-and-resolution');
export type RTCRtpTransceiverDirection = 'inactive' | 'recvonly' | 'sendonly' | 'sendrecv' | 'stopped';

// Dictionaries -------------------------------------------------------------------------------------------------------

/** https://w3c.github.io/webrtc-pc/#rtcrtpcodec */
export interface RTCRtpCodec {
  /** Audio only: 1 or 2. */
  channels?: number;
  /** Hertz. */
  clockRate: number;
  /** `'video/VP8'`; case does not matter. */
  mimeType: string;
  /** The value of `a=fmtp`: `'profile-id=0'`. */
  sdpFmtpLine?: string;
}

export interface RTCRtpCodecParameters extends RTCRtpCodec {
  /** 0 to 127. */
  payloadType: number;
}

export interface RTCRtpHeaderExtensionParameters {
  encrypted?: boolean;
  /** 1 to 14, or to 255 with two-byte headers. */
  id: number;
  uri: string;
}

export interface RTCRtcpParameters {
  /** Of senders. */
  cname?: string;
  /** RFC 5506 is negotiated. */
  reducedSize?: boolean;
}

/** What is negotiated; not to be changed. https://w3c.github.io/webrtc-pc/#rtcrtpparameters */
export interface RTCRtpParameters {
  codecs: RTCRtpCodecParameters[];
  headerExtensions: RTCRtpHeaderExtensionParameters[];
  rtcp: RTCRtcpParameters;
}

/** Of `RTCRtpReceiver.getParameters()`. Its lists are empty while the receiver is not to receive. */
export interface RTCRtpReceiveParameters extends RTCRtpParameters {}

export interface RTCRtpCodingParameters {
  /** One to 255 ASCII letters and digits; read-only after addTransceiver(). */
  rid?: string;
}

/** Pixels, both more than 0; width and height change places for pictures that stand upright. */
export interface RTCResolutionRestriction {
  maxHeight?: number;
  maxWidth?: number;
}

/** One layer of what a sender sends. https://w3c.github.io/webrtc-pc/#rtcrtpencodingparameters */
export interface RTCRtpEncodingParameters extends RTCRtpCodingParameters {
  /** Default: true. */
  active?: boolean;
  /** Packets of any length, as the network bears them; not together with `ptime`. Default: false. */
  adaptivePtime?: boolean;
  /** What to send it with; one of the negotiated codecs. Default: the first of them. */
  codec?: RTCRtpCodec;
  /** Bits a second. */
  maxBitrate?: number;
  /** Frames a second, 0 or more; video only. */
  maxFramerate?: number;
  /** For the DSCP of its packets. Default: as `priority`. */
  networkPriority?: RTCPriorityType;
  /** Share of the bandwidth. Default: 'low'. */
  priority?: RTCPriorityType;
  /** Milliseconds of sound in a packet. */
  ptime?: number;
  /** `'L1T2'` and the like (https://w3c.github.io/webrtc-svc/); video only. */
  scalabilityMode?: string;
  /** 1 or more; video only. Default: 4, 2, 1 with three encodings. */
  scaleResolutionDownBy?: number;
  /** Instead of scaleResolutionDownBy; on all active encodings or on none. */
  scaleResolutionDownTo?: RTCResolutionRestriction;
}

/** Of `RTCRtpSender.getParameters()`. https://w3c.github.io/webrtc-pc/#rtcrtpsendparameters */
export interface RTCRtpSendParameters extends RTCRtpParameters {
  degradationPreference?: RTCDegradationPreference;
  encodings: RTCRtpEncodingParameters[];
  /** Names the call of getParameters() that they come from. */
  transactionId: string;
}

export interface RTCEncodingOptions {
  /** Ask the encoder for a key frame. Default: false. */
  keyFrame?: boolean;
}

export interface RTCSetParameterOptions {
  /** None, or one for each encoding. */
  encodingOptions?: RTCEncodingOptions[];
}

export interface RTCRtpHeaderExtensionCapability {
  /** What is offered; `'stopped'`: nothing. Always there; optional because lib.dom has no such member. */
  direction?: RTCRtpTransceiverDirection;
  uri: string;
}

/** What this build can do. https://w3c.github.io/webrtc-pc/#rtcrtpcapabilities */
export interface RTCRtpCapabilities {
  codecs: RTCRtpCodec[];
  headerExtensions: RTCRtpHeaderExtensionCapability[];
}

/** https://w3c.github.io/webrtc-pc/#dom-rtcrtpcontributingsource */
export interface RTCRtpContributingSource {
  /** 0 (silence) to 1 (0 dBov), linear; audio only. */
  audioLevel?: number;
  /** Where abs-capture-time was negotiated: milliseconds since 1900, by the clock of who captured what was heard last. */
  captureTimestamp?: number;
  rtpTimestamp: number;
  /** Milliseconds from that clock to the sender's. */
  senderCaptureTimeOffset?: number;
  /** CSRC or SSRC. */
  source: number;
  /** Milliseconds since the Unix epoch. */
  timestamp: number;
}

export interface RTCRtpSynchronizationSource extends RTCRtpContributingSource {}

export interface RTCRtpTransceiverInit {
  /** Default: 'sendrecv'. */
  direction?: RTCRtpTransceiverDirection;
  /** Up to three for video, one for audio; what is beyond is dropped. */
  sendEncodings?: RTCRtpEncodingParameters[];
  streams?: MediaStream[];
}

// Interfaces ---------------------------------------------------------------------------------------------------------

/** https://w3c.github.io/webrtc-pc/#rtcrtptransceiver-interface */
export interface RTCRtpTransceiver {
  /** As negotiated; null before; `'stopped'` in the end. */
  readonly currentDirection: RTCRtpTransceiverDirection | null;
  /** What is wanted from the next negotiation on. Setting `'stopped'` is a TypeError: use stop(). */
  direction: RTCRtpTransceiverDirection;
  readonly mid: string | null;
  readonly receiver: RTCRtpReceiver;
  readonly sender: RTCRtpSender;
  /** @deprecated Nonstandard, as browsers have it: whether `direction` is `'stopped'`. */
  readonly stopped: boolean;
  /** One entry for each extension of the kind. https://w3c.github.io/webrtc-extensions/#rtp-header-extension-control */
  getHeaderExtensionsToNegotiate(): RTCRtpHeaderExtensionCapability[];
  /** The same, with `'stopped'` for those that the last answer left out. */
  getNegotiatedHeaderExtensions(): RTCRtpHeaderExtensionCapability[];
  /**
   * Codecs to negotiate, best first, out of getCapabilities(); an empty list is the default. InvalidModificationError: one
   * of them is unknown, or there are none but RTX, RED, FEC and comfort noise.
   */
  setCodecPreferences(codecs: RTCRtpCodec[]): void;
  /**
   * Takes the list of getHeaderExtensionsToNegotiate() with other directions. InvalidModificationError: another list, or
   * another direction than `'sendrecv'` for `…:sdes:mid`.
   */
  setHeaderExtensionsToNegotiate(
    extensions: (RTCRtpHeaderExtensionCapability & { direction: RTCRtpTransceiverDirection })[],
  ): void;
  /** For good; the connection needs negotiation then. InvalidStateError: the connection is closed. */
  stop(): void;
}
export declare var RTCRtpTransceiver: {
  prototype: RTCRtpTransceiver;
  new (): RTCRtpTransceiver;
};

/** https://w3c.github.io/webrtc-pc/#rtcrtpsender-interface */
export interface RTCRtpSender {
  /** null: a sender of video. */
  readonly dtmf: RTCDTMFSender | null;
  readonly track: MediaStreamTrack | null;
  /** InvalidStateError: the transform was in use before. */
  transform: RTCRtpSenderTransform | null;
  readonly transport: RTCDtlsTransport | null;
  /** Nonstandard, Chromium's. InvalidStateError: there are streams or a transform already. */
  createEncodedStreams(): RTCEncodedStreams;
  getParameters(): RTCRtpSendParameters;
  getStats(): Promise<RTCStatsReport>;
  /** TypeError: a track of the other kind. InvalidStateError: the transceiver is stopped. */
  replaceTrack(withTrack: MediaStreamTrack | null): Promise<void>;
  /**
   * Takes what getParameters() returned in the same task, with changed encodings and degradationPreference.
   * InvalidStateError: getParameters() was not called, or the transceiver is stopped. InvalidModificationError: something
   * read-only was changed, or a codec or a scalabilityMode is none of the negotiated ones. RangeError:
   * scaleResolutionDownBy is below 1, or maxFramerate below 0.
   */
  setParameters(parameters: RTCRtpSendParameters, setParameterOptions?: RTCSetParameterOptions): Promise<void>;
  /** Streams that the peer is told the track belongs to, from the next negotiation on. */
  setStreams(...streams: MediaStream[]): void;
}
export declare var RTCRtpSender: {
  prototype: RTCRtpSender;
  new (): RTCRtpSender;
  /** null: `kind` is neither `'audio'` nor `'video'`. */
  getCapabilities(kind: string): RTCRtpCapabilities | null;
};

/** https://w3c.github.io/webrtc-pc/#rtcrtpreceiver-interface */
export interface RTCRtpReceiver {
  /** Milliseconds, 0 to 4000 (else a RangeError), that received media is to be kept for; null: as is best. */
  jitterBufferTarget: number | null;
  readonly track: MediaStreamTrack;
  /** InvalidStateError: the transform was in use before. */
  transform: RTCRtpReceiverTransform | null;
  readonly transport: RTCDtlsTransport | null;
  /** Nonstandard, Chromium's. InvalidStateError: there are streams or a transform already. */
  createEncodedStreams(): RTCEncodedStreams;
  /** Of the last ten seconds, the latest first. */
  getContributingSources(): RTCRtpContributingSource[];
  getParameters(): RTCRtpReceiveParameters;
  getStats(): Promise<RTCStatsReport>;
  /** Of the last ten seconds, the latest first. */
  getSynchronizationSources(): RTCRtpSynchronizationSource[];
}
export declare var RTCRtpReceiver: {
  prototype: RTCRtpReceiver;
  new (): RTCRtpReceiver;
  /** null: `kind` is neither `'audio'` nor `'video'`. */
  getCapabilities(kind: string): RTCRtpCapabilities | null;
};

/** What is given to us may have lib.dom's type: a variable of that type can hold one of ours. */
export type PlatformRtpSender = RTCRtpSender | GlobalType<'RTCRtpSender', RTCRtpSender>;
export type PlatformRtpReceiver = RTCRtpReceiver | GlobalType<'RTCRtpReceiver', RTCRtpReceiver>;
export type PlatformRtpTransceiver = RTCRtpTransceiver | GlobalType<'RTCRtpTransceiver', RTCRtpTransceiver>;

export interface RTCDTMFSenderEventMap {
  tonechange: RTCDTMFToneChangeEvent;
}

/** https://w3c.github.io/webrtc-pc/#rtcdtmfsender */
export interface RTCDTMFSender extends PlatformEventTarget {
  /** The connection is up, the transceiver sends, and telephone-event is negotiated. */
  readonly canInsertDTMF: boolean;
  /** What is still to be played. */
  readonly toneBuffer: string;
  /**
   * Plays these tones instead of those still waiting; an empty text ends after the current tone. `0`–`9`, `A`–`D`, `#`,
   * `*`, and `,` for two seconds of silence. InvalidStateError: not canInsertDTMF. InvalidCharacterError: another character.
   * @param duration milliseconds, kept within 40 and 6000. Default: 100
   * @param interToneGap milliseconds, kept within 30 and 6000. Default: 70
   */
  insertDTMF(tones: string, duration?: number, interToneGap?: number): void;
  ontonechange: EventHandler<RTCDTMFToneChangeEvent>;
  addEventListener<K extends keyof RTCDTMFSenderEventMap>(
    type: K,
    listener: (this: RTCDTMFSender, event: RTCDTMFSenderEventMap[K]) => any,
    options?: boolean | AddListenerOptions,
  ): void;
  addEventListener(type: string, listener: PlatformListener | null, options?: boolean | AddListenerOptions): void;
  removeEventListener<K extends keyof RTCDTMFSenderEventMap>(
    type: K,
    listener: (this: RTCDTMFSender, event: RTCDTMFSenderEventMap[K]) => any,
    options?: boolean | ListenerOptions,
  ): void;
  removeEventListener(type: string, listener: PlatformListener | null, options?: boolean | ListenerOptions): void;
}
export declare var RTCDTMFSender: {
  prototype: RTCDTMFSender;
  new (): RTCDTMFSender;
};
