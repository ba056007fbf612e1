/** Encoded frames and their transforms. How these declarations are written: see index.d.ts. */
/* eslint-disable no-var, @typescript-eslint/no-explicit-any -- written as lib.dom is */

import type { EventInit } from './events.js';
import type {
  AddListenerOptions,
  EventHandler,
  GlobalType,
  ListenerOptions,
  PlatformEvent,
  PlatformEventTarget,
  PlatformListener,
} from './platform.js';

// Enumerations -------------------------------------------------------------------------------------------------------

export type EncodedVideoChunkType = 'delta' | 'key';
export type SFrameCipherSuite =
  | 'AES_128_CTR_HMAC_SHA256_32'
  | 'AES_128_CTR_HMAC_SHA256_64'
  | 'AES_128_CTR_HMAC_SHA256_80'
  | 'AES_128_GCM_SHA256_128'
  | 'AES_256_CTR_HMAC_SHA512_32'
  | 'AES_256_CTR_HMAC_SHA512_64'
  | 'AES_256_CTR_HMAC_SHA512_80'
  | 'AES_256_GCM_SHA512_128';
export type SFrameTransformErrorEventType = 'authentication' | 'keyID' | 'syntax';

// Dictionaries -------------------------------------------------------------------------------------------------------

/** https://w3c.github.io/webrtc-encoded-transform/#RTCEncodedFrameMetadata */
export interface RTCEncodedFrameMetadata {
  /** Milliseconds, by performance.now(). Of received frames: where abs-capture-time says so. */
  captureTime?: number;
  contributingSources?: number[];
  mimeType?: string;
  payloadType?: number;
  /** Of received frames: when the last packet came. Milliseconds, by performance.now(). */
  receiveTime?: number;
  rtpTimestamp?: number;
  /** Milliseconds. */
  senderCaptureTimeOffset?: number;
  synchronizationSource?: number;
}

export interface RTCEncodedVideoFrameMetadata extends RTCEncodedFrameMetadata {
  /** frameIds. */
  dependencies?: number[];
  frameId?: number;
  height?: number;
  spatialIndex?: number;
  temporalIndex?: number;
  /** Microseconds. */
  timestamp?: number;
  width?: number;
}

export interface RTCEncodedAudioFrameMetadata extends RTCEncodedFrameMetadata {
  /** 0 to 1, linear. */
  audioLevel?: number;
  /** Of received frames. */
  sequenceNumber?: number;
}

export interface RTCEncodedVideoFrameOptions {
  metadata?: RTCEncodedVideoFrameMetadata;
}

export interface RTCEncodedAudioFrameOptions {
  metadata?: RTCEncodedAudioFrameMetadata;
}

/** What createEncodedStreams() returns. */
export interface RTCEncodedStreams {
  readonly readable: PlatformReadableStream;
  readonly writable: PlatformWritableStream;
}

export interface SFrameTransformOptions {
  cipherSuite: SFrameCipherSuite;
}

export interface RTCRtpSFrameEncryptorOptions extends SFrameTransformOptions {
  /** NotSupportedError: `'per-packet'`. */
  type?: 'per-frame' | 'per-packet';
}

/** Of earlier drafts. */
export interface SFrameEarlierTransformOptions {
  /** Default: `'AES_128_CTR_HMAC_SHA256_80'` */
  cipherSuite?: SFrameCipherSuite;
  /** Of a stream. Default: `'encrypt'` */
  role?: 'decrypt' | 'encrypt';
}

export interface SFrameTransformErrorEventInit extends EventInit {
  errorType: SFrameTransformErrorEventType;
  frame: any;
  keyID?: CryptoKeyID | null;
}

/** A Worker of node:worker_threads, one of a browser's kind, or a port (see receiveRtcTransform). */
export interface WorkerLike {
  postMessage(message: any, transfer: any): void;
}

export interface WorkerAndParameters {
  type?: 'sframe';
  worker: WorkerLike;
}

/** 0 to 2^64 - 1; as a number up to 2^53 - 1. */
export type CryptoKeyID = bigint | number;
/** One for HKDF, of which keys or bits may be derived. */
export type SFrameBaseKey = GlobalType<'CryptoKey', any>;
export type PlatformReadableStream = GlobalType<'ReadableStream', any>;
export type PlatformWritableStream = GlobalType<'WritableStream', any>;

// Frames -------------------------------------------------------------------------------------------------------------

/** https://w3c.github.io/webrtc-encoded-transform/#RTCEncodedVideoFrame-interface */
export interface RTCEncodedVideoFrame {
  /** Has no octets any more when the frame was written. */
  data: ArrayBuffer;
  /** The RTP timestamp, as earlier drafts had it. */
  readonly timestamp: number;
  readonly type: EncodedVideoChunkType;
  getMetadata(): RTCEncodedVideoFrameMetadata;
  /** Of earlier drafts. InvalidModificationError: something other than times was changed. */
  setMetadata(metadata: RTCEncodedVideoFrameMetadata): void;
}
export declare var RTCEncodedVideoFrame: {
  prototype: RTCEncodedVideoFrame;
  /** A copy, data and all, that can be written in the original's place. InvalidModificationError: as setMetadata(). */
  new (originalFrame: RTCEncodedVideoFrame, options?: RTCEncodedVideoFrameOptions): RTCEncodedVideoFrame;
};

/** https://w3c.github.io/webrtc-encoded-transform/#RTCEncodedAudioFrame-interface */
export interface RTCEncodedAudioFrame {
  /** Has no octets any more when the frame was written. */
  data: ArrayBuffer;
  /** The RTP timestamp, as earlier drafts had it. */
  readonly timestamp: number;
  getMetadata(): RTCEncodedAudioFrameMetadata;
  /** Of earlier drafts. InvalidModificationError: something other than times and audioLevel was changed. */
  setMetadata(metadata: RTCEncodedAudioFrameMetadata): void;
}
export declare var RTCEncodedAudioFrame: {
  prototype: RTCEncodedAudioFrame;
  /** A copy, data and all, that can be written in the original's place. InvalidModificationError: as setMetadata(). */
  new (originalFrame: RTCEncodedAudioFrame, options?: RTCEncodedAudioFrameOptions): RTCEncodedAudioFrame;
};

// Transforms ---------------------------------------------------------------------------------------------------------

export type RTCRtpSenderTransform = RTCRtpSFrameEncryptor | RTCRtpScriptTransform | SFrameTransform;
export type RTCRtpReceiverTransform = RTCRtpSFrameDecryptor | RTCRtpScriptTransform | SFrameTransform;

/** https://w3c.github.io/webrtc-encoded-transform/#scriptTransform */
export interface RTCRtpScriptTransform {}
export declare var RTCRtpScriptTransform: {
  prototype: RTCRtpScriptTransform;
  /** DataCloneError: the options cannot be posted. */
  new (
    workerOrWorkerAndParameters: WorkerLike | WorkerAndParameters,
    options?: any,
    transfer?: any[],
  ): RTCRtpScriptTransform;
};

/** https://w3c.github.io/webrtc-encoded-transform/#sframe */
export interface RTCRtpSFrameEncryptor {
  /** InvalidModificationError: a key that none can be derived from. RangeError: a bigint beyond 64 bits. */
  setEncryptionKey(key: SFrameBaseKey, keyId: CryptoKeyID): Promise<void>;
}
export declare var RTCRtpSFrameEncryptor: {
  prototype: RTCRtpSFrameEncryptor;
  new (options: RTCRtpSFrameEncryptorOptions): RTCRtpSFrameEncryptor;
};

export interface SFrameErrorEventMap {
  error: SFrameTransformErrorEvent;
}

/** Whatever tells of frames that cannot be decrypted, by `error`. */
export interface SFrameErrorTarget extends PlatformEventTarget {
  onerror: EventHandler<SFrameTransformErrorEvent>;
  addEventListener<K extends keyof SFrameErrorEventMap>(
    type: K,
    listener: (event: SFrameErrorEventMap[K]) => any,
    options?: boolean | AddListenerOptions,
  ): void;
  addEventListener(type: string, listener: PlatformListener | null, options?: boolean | AddListenerOptions): void;
  removeEventListener<K extends keyof SFrameErrorEventMap>(
    type: K,
    listener: (event: SFrameErrorEventMap[K]) => any,
    options?: boolean | ListenerOptions,
  ): void;
  removeEventListener(type: string, listener: PlatformListener | null, options?: boolean | ListenerOptions): void;
}

/** https://w3c.github.io/webrtc-encoded-transform/#sframe */
export interface RTCRtpSFrameDecryptor extends SFrameErrorTarget {
  /** As setEncryptionKey(). */
  addDecryptionKey(key: SFrameBaseKey, keyId: CryptoKeyID): Promise<void>;
  removeDecryptionKey(keyId: CryptoKeyID): Promise<void>;
}
export declare var RTCRtpSFrameDecryptor: {
  prototype: RTCRtpSFrameDecryptor;
  new (options: SFrameTransformOptions): RTCRtpSFrameDecryptor;
};

/** Buffers and encoded frames in, the same out. */
export interface SFrameEncryptorStream {
  readonly readable: PlatformReadableStream;
  readonly writable: PlatformWritableStream;
  setEncryptionKey(key: SFrameBaseKey, keyId: CryptoKeyID): Promise<void>;
}
export declare var SFrameEncryptorStream: {
  prototype: SFrameEncryptorStream;
  new (options: SFrameTransformOptions): SFrameEncryptorStream;
};

export interface SFrameDecryptorStream extends SFrameErrorTarget {
  readonly readable: PlatformReadableStream;
  readonly writable: PlatformWritableStream;
  addDecryptionKey(key: SFrameBaseKey, keyId: CryptoKeyID): Promise<void>;
  removeDecryptionKey(keyId: CryptoKeyID): Promise<void>;
}
export declare var SFrameDecryptorStream: {
  prototype: SFrameDecryptorStream;
  new (options: SFrameTransformOptions): SFrameDecryptorStream;
};

/** As drafts until 2025 had it, for senders, receivers and streams. */
export interface SFrameTransform extends SFrameErrorTarget {
  readonly readable: PlatformReadableStream;
  readonly writable: PlatformWritableStream;
  /** @param keyID default: 0 */
  setEncryptionKey(key: SFrameBaseKey, keyID?: CryptoKeyID): Promise<void>;
}
export declare var SFrameTransform: {
  prototype: SFrameTransform;
  new (options?: SFrameEarlierTransformOptions): SFrameTransform;
};

/** As drafts until 2025 had SFrameEncryptorStream. */
export interface SFrameEncrypterStream extends SFrameTransform {}
export declare var SFrameEncrypterStream: {
  prototype: SFrameEncrypterStream;
  new (options?: SFrameEarlierTransformOptions): SFrameEncrypterStream;
};

/** As drafts until 2025 had SFrameDecryptorStream. */
export interface SFrameDecrypterStream extends SFrameTransform {}
export declare var SFrameDecrypterStream: {
  prototype: SFrameDecrypterStream;
  new (options?: SFrameEarlierTransformOptions): SFrameDecrypterStream;
};

export interface SFrameTransformErrorEvent extends PlatformEvent {
  readonly errorType: SFrameTransformErrorEventType;
  readonly frame: any;
  /** Of the frame, when there is no such key. */
  readonly keyID: CryptoKeyID | null;
}
export declare var SFrameTransformErrorEvent: {
  prototype: SFrameTransformErrorEvent;
  new (type: string, eventInitDict: SFrameTransformErrorEventInit): SFrameTransformErrorEvent;
};

// In workers ---------------------------------------------------------------------------------------------------------

export interface RTCRtpScriptTransformerEventMap {
  keyframerequest: KeyFrameRequestEvent;
}

/** https://w3c.github.io/webrtc-encoded-transform/#RTCRtpScriptTransformer-interfaces */
export interface RTCRtpScriptTransformer extends PlatformEventTarget {
  readonly options: any;
  readonly readable: PlatformReadableStream;
  readonly writable: PlatformWritableStream;
  /**
   * Resolves with the RTP timestamp of the key frame, before that can be read. InvalidStateError: not of a sender of video.
   * NotFoundError: there is no such encoding that is active. NotAllowedError: not a rid.
   */
  generateKeyFrame(rid?: string): Promise<number | undefined>;
  /** InvalidStateError: not of a receiver of video. */
  sendKeyFrameRequest(): Promise<void>;
  /** The peer asks for a key frame, and gets one unless the event is cancelled. */
  onkeyframerequest: EventHandler<KeyFrameRequestEvent>;
  addEventListener<K extends keyof RTCRtpScriptTransformerEventMap>(
    type: K,
    listener: (this: RTCRtpScriptTransformer, event: RTCRtpScriptTransformerEventMap[K]) => any,
    options?: boolean | AddListenerOptions,
  ): void;
  addEventListener(type: string, listener: PlatformListener | null, options?: boolean | AddListenerOptions): void;
  removeEventListener<K extends keyof RTCRtpScriptTransformerEventMap>(
    type: K,
    listener: (this: RTCRtpScriptTransformer, event: RTCRtpScriptTransformerEventMap[K]) => any,
    options?: boolean | ListenerOptions,
  ): void;
  removeEventListener(type: string, listener: PlatformListener | null, options?: boolean | ListenerOptions): void;
}
/** undefined outside of workers. */
export declare var RTCRtpScriptTransformer: {
  prototype: RTCRtpScriptTransformer;
  new (): never;
};

export interface RTCTransformEvent extends PlatformEvent {
  readonly transformer: RTCRtpScriptTransformer;
}
/** undefined outside of workers. */
export declare var RTCTransformEvent: {
  prototype: RTCTransformEvent;
  new (): never;
};

export interface KeyFrameRequestEvent extends PlatformEvent {
  /** null: of all encodings. */
  readonly rid: string | null;
}
/** undefined outside of workers. */
export declare var KeyFrameRequestEvent: {
  prototype: KeyFrameRequestEvent;
  new (type: string, rid?: string): KeyFrameRequestEvent;
};

/**
 * Nonstandard, in workers: calls the listener with each `rtctransform` event, also of transforms made before. The worker
 * listens to its parentPort from then on. The global `onrtctransform` does the same.
 */
export declare function onRtcTransform(listener: (event: RTCTransformEvent) => unknown): void;

/**
 * Nonstandard, in workers: for messages that come another way than through parentPort.
 * @returns whether this one was a transform, and not the application's
 */
export declare function receiveRtcTransform(message: unknown): boolean;
