/** Encoded media and packets in and out of programs: docs/nonstandard.md. How these declarations are written: see index.d.ts. */
/* eslint-disable no-var, @typescript-eslint/no-explicit-any -- written as lib.dom is */

import type { KeyFrameRequestEvent } from './encoded-transform.js';
import type { MediaStreamTrack } from './mediacapture.js';
import type {
  AddListenerOptions,
  EventHandler,
  ListenerOptions,
  PlatformEvent,
  PlatformEventTarget,
  PlatformListener,
} from './platform.js';
import type { PlatformRtpReceiver, PlatformRtpSender, RTCRtpCodecParameters } from './rtp.js';

export interface RTCEncodedSourceInit {
  /** `video/H264`, `audio/opus` */
  mimeType: string;
}

/** An access unit. H.264: Annex B. VP8, VP9, AV1: one frame. Audio: the payload of one packet. */
export interface RTCEncodedSourceFrame {
  data: ArrayBuffer | ArrayBufferView;
  /** Microseconds. */
  timestamp: number;
  /** Milliseconds since 1970. */
  captureTime?: number;
}

export interface RTCEncodedVideoSourceFrame extends RTCEncodedSourceFrame {
  /** Of H.264, VP8, VP9 and AV1 it is found out. */
  type?: 'delta' | 'key';
  height?: number;
  /** 0, 90, 180, 270: degrees clockwise. */
  rotation?: number;
  /** Of simulcast: the encoding it is for. */
  rid?: string;
  spatialIndex?: number;
  temporalIndex?: number;
  width?: number;
}

export interface RTCEncodedAudioSourceFrame extends RTCEncodedSourceFrame {
  /** 0 to 127, -dBov. */
  audioLevel?: number;
}

/** A frame of a sink. Sources take it as it is. */
export interface RTCObservedEncodedFrame {
  readonly data: Uint8Array;
  readonly type: 'delta' | 'key';
  /** Microseconds. */
  readonly timestamp: number;
  readonly mimeType: string;
  readonly audioLevel?: number;
  readonly captureTime?: number;
  readonly contributingSources?: readonly number[];
  readonly height?: number;
  readonly payloadType?: number;
  readonly receiveTime?: number;
  readonly rid?: string;
  readonly rtpTimestamp?: number;
  readonly sequenceNumber?: number;
  readonly spatialIndex?: number;
  readonly synchronizationSource?: number;
  readonly temporalIndex?: number;
  readonly width?: number;
}

export interface RTCEncodedFrameEvent extends PlatformEvent {
  readonly frame: RTCObservedEncodedFrame;
}

export interface RTCPacketEvent extends PlatformEvent {
  readonly kind: 'rtcp' | 'rtp';
  /** A Buffer. */
  readonly packet: Uint8Array;
}

export interface RTCEncodedVideoSourceEventMap {
  codecchange: PlatformEvent;
  keyframerequest: KeyFrameRequestEvent;
}

/** Makes tracks of video that a program has encoded. */
export interface RTCEncodedVideoSource extends PlatformEventTarget {
  readonly mimeType: string;
  createTrack(): MediaStreamTrack;
  /** What its senders have negotiated, one entry for each. */
  getCodecs(): RTCRtpCodecParameters[];
  /** How many senders took the frame: of its codec, and not waiting for a key frame. */
  push(frame: RTCEncodedVideoSourceFrame): number;
  oncodecchange: EventHandler<PlatformEvent>;
  /** A sender begins, or a peer asks. */
  onkeyframerequest: EventHandler<KeyFrameRequestEvent>;
  addEventListener<K extends keyof RTCEncodedVideoSourceEventMap>(
    type: K,
    listener: (this: RTCEncodedVideoSource, event: RTCEncodedVideoSourceEventMap[K]) => any,
    options?: boolean | AddListenerOptions,
  ): void;
  addEventListener(type: string, listener: PlatformListener | null, options?: boolean | AddListenerOptions): void;
  removeEventListener<K extends keyof RTCEncodedVideoSourceEventMap>(
    type: K,
    listener: (this: RTCEncodedVideoSource, event: RTCEncodedVideoSourceEventMap[K]) => any,
    options?: boolean | ListenerOptions,
  ): void;
  removeEventListener(type: string, listener: PlatformListener | null, options?: boolean | ListenerOptions): void;
}

export interface RTCEncodedAudioSourceEventMap {
  codecchange: PlatformEvent;
}

/** Makes tracks of audio that a program has encoded. */
export interface RTCEncodedAudioSource extends PlatformEventTarget {
  readonly mimeType: string;
  createTrack(): MediaStreamTrack;
  getCodecs(): RTCRtpCodecParameters[];
  push(frame: RTCEncodedAudioSourceFrame): number;
  oncodecchange: EventHandler<PlatformEvent>;
  addEventListener<K extends keyof RTCEncodedAudioSourceEventMap>(
    type: K,
    listener: (this: RTCEncodedAudioSource, event: RTCEncodedAudioSourceEventMap[K]) => any,
    options?: boolean | AddListenerOptions,
  ): void;
  addEventListener(type: string, listener: PlatformListener | null, options?: boolean | AddListenerOptions): void;
  removeEventListener<K extends keyof RTCEncodedAudioSourceEventMap>(
    type: K,
    listener: (this: RTCEncodedAudioSource, event: RTCEncodedAudioSourceEventMap[K]) => any,
    options?: boolean | ListenerOptions,
  ): void;
  removeEventListener(type: string, listener: PlatformListener | null, options?: boolean | ListenerOptions): void;
}

export interface RTCEncodedVideoSinkEventMap {
  frame: RTCEncodedFrameEvent;
}

/** Shows frames before they are decoded, or after they were encoded. */
export interface RTCEncodedVideoSink extends PlatformEventTarget {
  readonly stopped: boolean;
  requestKeyFrame(): void;
  stop(): void;
  onframe: EventHandler<RTCEncodedFrameEvent>;
  addEventListener<K extends keyof RTCEncodedVideoSinkEventMap>(
    type: K,
    listener: (this: RTCEncodedVideoSink, event: RTCEncodedVideoSinkEventMap[K]) => any,
    options?: boolean | AddListenerOptions,
  ): void;
  addEventListener(type: string, listener: PlatformListener | null, options?: boolean | AddListenerOptions): void;
  removeEventListener<K extends keyof RTCEncodedVideoSinkEventMap>(
    type: K,
    listener: (this: RTCEncodedVideoSink, event: RTCEncodedVideoSinkEventMap[K]) => any,
    options?: boolean | ListenerOptions,
  ): void;
  removeEventListener(type: string, listener: PlatformListener | null, options?: boolean | ListenerOptions): void;
}

export interface RTCEncodedAudioSinkEventMap {
  frame: RTCEncodedFrameEvent;
}

export interface RTCEncodedAudioSink extends PlatformEventTarget {
  readonly stopped: boolean;
  stop(): void;
  onframe: EventHandler<RTCEncodedFrameEvent>;
  addEventListener<K extends keyof RTCEncodedAudioSinkEventMap>(
    type: K,
    listener: (this: RTCEncodedAudioSink, event: RTCEncodedAudioSinkEventMap[K]) => any,
    options?: boolean | AddListenerOptions,
  ): void;
  addEventListener(type: string, listener: PlatformListener | null, options?: boolean | AddListenerOptions): void;
  removeEventListener<K extends keyof RTCEncodedAudioSinkEventMap>(
    type: K,
    listener: (this: RTCEncodedAudioSink, event: RTCEncodedAudioSinkEventMap[K]) => any,
    options?: boolean | ListenerOptions,
  ): void;
  removeEventListener(type: string, listener: PlatformListener | null, options?: boolean | ListenerOptions): void;
}

export interface RTCRtpPacketTapEventMap {
  packet: RTCPacketEvent;
}

/** RTP and RTCP of one sender or receiver, in the clear. */
export interface RTCRtpPacketTap extends PlatformEventTarget {
  readonly stopped: boolean;
  stop(): void;
  /**
   * Of a sender: sends the packet as it is. Of a receiver: as if it had come.
   * @param kind default: `'rtp'`
   * @returns false: nobody took it
   */
  write(packet: ArrayBuffer | ArrayBufferView, kind?: 'rtcp' | 'rtp'): boolean;
  onpacket: EventHandler<RTCPacketEvent>;
  addEventListener<K extends keyof RTCRtpPacketTapEventMap>(
    type: K,
    listener: (this: RTCRtpPacketTap, event: RTCRtpPacketTapEventMap[K]) => any,
    options?: boolean | AddListenerOptions,
  ): void;
  addEventListener(type: string, listener: PlatformListener | null, options?: boolean | AddListenerOptions): void;
  removeEventListener<K extends keyof RTCRtpPacketTapEventMap>(
    type: K,
    listener: (this: RTCRtpPacketTap, event: RTCRtpPacketTapEventMap[K]) => any,
    options?: boolean | ListenerOptions,
  ): void;
  removeEventListener(type: string, listener: PlatformListener | null, options?: boolean | ListenerOptions): void;
}

export type RTCEncodedSinkSource = PlatformRtpReceiver | PlatformRtpSender | MediaStreamTrack;
export declare var RTCEncodedAudioSink: {
  prototype: RTCEncodedAudioSink;
  new (source: RTCEncodedSinkSource): RTCEncodedAudioSink;
};
export declare var RTCEncodedAudioSource: {
  prototype: RTCEncodedAudioSource;
  new (init: RTCEncodedSourceInit): RTCEncodedAudioSource;
};
export declare var RTCEncodedVideoSink: {
  prototype: RTCEncodedVideoSink;
  new (source: RTCEncodedSinkSource): RTCEncodedVideoSink;
};
export declare var RTCEncodedVideoSource: {
  prototype: RTCEncodedVideoSource;
  new (init: RTCEncodedSourceInit): RTCEncodedVideoSource;
};
export declare var RTCRtpPacketTap: {
  prototype: RTCRtpPacketTap;
  new (target: PlatformRtpReceiver | PlatformRtpSender): RTCRtpPacketTap;
};
