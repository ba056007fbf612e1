/** Media in and out of programs, as `wrtc` has it, and files as sources: docs/nonstandard.md. */
/* eslint-disable no-var, @typescript-eslint/no-explicit-any -- written as lib.dom is */

import type { MediaStream, MediaStreamTrack } from './mediacapture.js';
import type {
  AddListenerOptions,
  EventHandler,
  GlobalType,
  ListenerOptions,
  PlatformEvent,
  PlatformEventTarget,
  PlatformListener,
} from './platform.js';

export * from './encoded-media.js';

/** I420 without padding, chroma rounded up; or, for the conversions, RGBA. */
export interface RTCVideoFrame {
  width: number;
  height: number;
  data: ArrayBufferView | ArrayBuffer;
  /** Degrees clockwise by which it has to be turned to be upright. */
  rotation?: 0 | 90 | 180 | 270;
}

export interface RTCVideoSourceInit {
  /** The pictures are of a screen: sharpness comes before smoothness. */
  isScreencast?: boolean;
  needsDenoising?: boolean;
}

export interface RTCVideoSource {
  readonly isScreencast: boolean;
  readonly needsDenoising: boolean | null;
  createTrack(): MediaStreamTrack;
  /** The data is copied before this returns. */
  onFrame(frame: RTCVideoFrame): void;
}
export declare var RTCVideoSource: {
  prototype: RTCVideoSource;
  new (init?: RTCVideoSourceInit): RTCVideoSource;
};

export interface RTCVideoSinkEvent {
  readonly type: 'frame';
  readonly frame: {
    readonly width: number;
    readonly height: number;
    readonly rotation: 0 | 90 | 180 | 270;
    readonly data: Uint8Array;
  };
}

export interface RTCVideoSinkEventMap {
  frame: RTCVideoSinkEvent;
}

export interface RTCVideoSink extends PlatformEventTarget {
  readonly stopped: boolean;
  stop(): void;
  onframe: ((event: RTCVideoSinkEvent) => any) | null;
  addEventListener<K extends keyof RTCVideoSinkEventMap>(
    type: K,
    listener: (this: RTCVideoSink, event: RTCVideoSinkEventMap[K]) => any,
    options?: boolean | AddListenerOptions,
  ): void;
  addEventListener(type: string, listener: PlatformListener | null, options?: boolean | AddListenerOptions): void;
  removeEventListener<K extends keyof RTCVideoSinkEventMap>(
    type: K,
    listener: (this: RTCVideoSink, event: RTCVideoSinkEventMap[K]) => any,
    options?: boolean | ListenerOptions,
  ): void;
  removeEventListener(type: string, listener: PlatformListener | null, options?: boolean | ListenerOptions): void;
}
export declare var RTCVideoSink: {
  prototype: RTCVideoSink;
  new (track: MediaStreamTrack): RTCVideoSink;
};

export interface RTCAudioData {
  /** 16 bits, interleaved: any number of frames; 10 ms are sent on as they are. */
  samples: ArrayBufferView | ArrayBuffer;
  /** 8000 to 65535 */
  sampleRate: number;
  bitsPerSample?: 16;
  /** 1 to 8; 1 unless given. */
  channelCount?: number;
  numberOfFrames?: number;
}

export interface RTCAudioSource {
  /** Milliseconds of sound that were given to onData() and have not been sent on. */
  readonly bufferedDuration: number;
  /** Drops what waits: for who is interrupted. */
  clear(): void;
  createTrack(): MediaStreamTrack;
  /** The samples are copied before this returns. Throws a RangeError when two minutes of them wait already. */
  onData(data: RTCAudioData): void;
}
export declare var RTCAudioSource: {
  prototype: RTCAudioSource;
  new (): RTCAudioSource;
};

/** What the samples are to have; what is not given is as it comes. */
export interface RTCAudioSinkInit {
  /** 1 to 8 */
  channelCount?: number;
  /** 8000 to 65535 */
  sampleRate?: number;
}

export interface RTCAudioSinkEvent {
  readonly type: 'data';
  readonly samples: Int16Array;
  readonly sampleRate: number;
  readonly bitsPerSample: 16;
  readonly channelCount: number;
  readonly numberOfFrames: number;
}

export interface RTCAudioSinkEventMap {
  data: RTCAudioSinkEvent;
}

export interface RTCAudioSink extends PlatformEventTarget {
  readonly stopped: boolean;
  stop(): void;
  ondata: ((event: RTCAudioSinkEvent) => any) | null;
  addEventListener<K extends keyof RTCAudioSinkEventMap>(
    type: K,
    listener: (this: RTCAudioSink, event: RTCAudioSinkEventMap[K]) => any,
    options?: boolean | AddListenerOptions,
  ): void;
  addEventListener(type: string, listener: PlatformListener | null, options?: boolean | AddListenerOptions): void;
  removeEventListener<K extends keyof RTCAudioSinkEventMap>(
    type: K,
    listener: (this: RTCAudioSink, event: RTCAudioSinkEventMap[K]) => any,
    options?: boolean | ListenerOptions,
  ): void;
  removeEventListener(type: string, listener: PlatformListener | null, options?: boolean | ListenerOptions): void;
}
export declare var RTCAudioSink: {
  prototype: RTCAudioSink;
  new (track: MediaStreamTrack, init?: RTCAudioSinkInit): RTCAudioSink;
};

/** Fills the second frame's data; BT.601, limited range. */
export declare function i420ToRgba(i420Frame: RTCVideoFrame, rgbaFrame: RTCVideoFrame): void;
export declare function rgbaToI420(rgbaFrame: RTCVideoFrame, i420Frame: RTCVideoFrame): void;

/** The number of a frame of a fake camera or screen, read from its brightness; null when there is none. */
export declare function readFrameNumber(frame: {
  readonly width: number;
  readonly height: number;
  readonly data: ArrayBufferView | ArrayBuffer;
}): number | null;

/** A stream that plays a file in real time: WAV, Y4M and IVF by itself, others by FFmpeg where that is installed. */
export declare function openFile(
  path: string | GlobalType<'URL', { readonly href: string }>,
  options?: { loop?: boolean },
): Promise<MediaStream>;
/** Connects a file as camera and microphone of getUserMedia(); the function that it gives disconnects it. */
export declare function connectFile(
  path: string | GlobalType<'URL', { readonly href: string }>,
  options?: { label?: string },
): Promise<() => void>;

/** A check of a peer that no connection on the port is for. Nothing in it has been authenticated. */
export interface RTCIceBindingRequestEvent extends PlatformEvent {
  /** Whom the peer looks for, and what it calls itself. */
  readonly localUsernameFragment: string;
  readonly remoteUsernameFragment: string;
  readonly address: string;
  readonly port: number;
  readonly localAddress: string;
}

export interface RTCIceUdpListenerOptions {
  /** 0, the default: one that is free. */
  port?: number;
  bindAddress?: string;
  includeLoopback?: boolean;
  interfaces?: { allow?: string[]; exclude?: string[] };
}

export interface RTCIceUdpListenerEventMap {
  bindingrequest: RTCIceBindingRequestEvent;
}

/** Holds a UDP port open that connections share (`enableIceUdpMux`). */
export interface RTCIceUdpListener extends PlatformEventTarget {
  readonly port: number;
  close(): void;
  ref(): this;
  unref(): this;
  onbindingrequest: EventHandler<RTCIceBindingRequestEvent>;
  addEventListener<K extends keyof RTCIceUdpListenerEventMap>(
    type: K,
    listener: (this: RTCIceUdpListener, event: RTCIceUdpListenerEventMap[K]) => any,
    options?: boolean | AddListenerOptions,
  ): void;
  addEventListener(type: string, listener: PlatformListener | null, options?: boolean | AddListenerOptions): void;
  removeEventListener<K extends keyof RTCIceUdpListenerEventMap>(
    type: K,
    listener: (this: RTCIceUdpListener, event: RTCIceUdpListenerEventMap[K]) => any,
    options?: boolean | ListenerOptions,
  ): void;
  removeEventListener(type: string, listener: PlatformListener | null, options?: boolean | ListenerOptions): void;
}
export declare var RTCIceUdpListener: {
  prototype: RTCIceUdpListener;
  listen(options?: RTCIceUdpListenerOptions): Promise<RTCIceUdpListener>;
};
