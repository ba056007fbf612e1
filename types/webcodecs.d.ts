/** Frames as WebCodecs has them: what tracks are read and written with. How these declarations are written: see index.d.ts. */
/* eslint-disable no-var -- written as lib.dom is */

import type { GlobalType } from './platform.js';

export type AlphaOption = 'discard' | 'keep';
export type AudioSampleFormat = 'f32' | 'f32-planar' | 's16' | 's16-planar' | 's32' | 's32-planar' | 'u8' | 'u8-planar';
export type PredefinedColorSpace = 'display-p3' | 'srgb';
export type VideoColorPrimaries = 'bt2020' | 'bt470bg' | 'bt709' | 'smpte170m' | 'smpte432';
export type VideoMatrixCoefficients = 'bt2020-ncl' | 'bt470bg' | 'bt709' | 'rgb' | 'smpte170m';
export type VideoTransferCharacteristics = 'bt709' | 'hlg' | 'iec61966-2-1' | 'linear' | 'pq' | 'smpte170m';
export type VideoPixelFormat =
  | 'BGRA'
  | 'BGRX'
  | 'I420'
  | 'I420A'
  | 'I420AP10'
  | 'I420AP12'
  | 'I420P10'
  | 'I420P12'
  | 'I422'
  | 'I422A'
  | 'I422AP10'
  | 'I422AP12'
  | 'I422P10'
  | 'I422P12'
  | 'I444'
  | 'I444A'
  | 'I444AP10'
  | 'I444AP12'
  | 'I444P10'
  | 'I444P12'
  | 'NV12'
  | 'RGBA'
  | 'RGBX';

/**
 * What is read, without the values that lib.dom does not know where that is present: frames of ours are to stand for its.
 * All of them can be given.
 */
type Known<All, UnknownToDom> = typeof globalThis extends { VideoColorSpace: unknown }
  ? Exclude<All, UnknownToDom>
  : All;

export type AllowSharedBufferSource = ArrayBufferLike | ArrayBufferView;

export interface DOMRectInit {
  height?: number;
  width?: number;
  x?: number;
  y?: number;
}

export interface PlaneLayout {
  /** Octets from the begin of the buffer. */
  offset: number;
  /** Octets from one row to the next. */
  stride: number;
}

export interface VideoColorSpaceInit {
  fullRange?: boolean | null;
  matrix?: VideoMatrixCoefficients | null;
  primaries?: VideoColorPrimaries | null;
  transfer?: VideoTransferCharacteristics | null;
}

/** https://w3c.github.io/webcodecs/video_frame_metadata_registry.html */
export interface VideoFrameMetadata {
  /** When it was captured, as performance.now() counts. */
  captureTime?: number;
  receiveTime?: number;
  /** Of a frame that was received. */
  rtpTimestamp?: number;
}

export interface VideoFrameInit {
  /** `'discard'`: a format without alpha. */
  alpha?: AlphaOption;
  displayHeight?: number;
  displayWidth?: number;
  /** Microseconds. */
  duration?: number;
  /** Mirrored, after the rotation. */
  flip?: boolean;
  metadata?: VideoFrameMetadata;
  /** Degrees clockwise; to the nearest multiple of 90. */
  rotation?: number;
  /** Microseconds. */
  timestamp?: number;
  visibleRect?: DOMRectInit;
}

export interface VideoFrameBufferInit {
  codedHeight: number;
  codedWidth: number;
  colorSpace?: VideoColorSpaceInit;
  displayHeight?: number;
  displayWidth?: number;
  duration?: number;
  flip?: boolean;
  format: VideoPixelFormat;
  /** Without it: one plane after the other, without padding. */
  layout?: PlaneLayout[];
  metadata?: VideoFrameMetadata;
  rotation?: number;
  timestamp: number;
  /** Buffers that are taken away from the caller: nothing is copied when the data's is among them. */
  transfer?: ArrayBuffer[];
  visibleRect?: DOMRectInit;
}

export interface VideoFrameCopyToOptions {
  /** Of conversions to RGB. */
  colorSpace?: PredefinedColorSpace;
  /** The frame's own, or RGBA, RGBX, BGRA or BGRX. */
  format?: VideoPixelFormat;
  layout?: PlaneLayout[];
  rect?: DOMRectInit;
}

export interface AudioDataInit {
  data: AllowSharedBufferSource;
  format: AudioSampleFormat;
  numberOfChannels: number;
  numberOfFrames: number;
  sampleRate: number;
  /** Microseconds. */
  timestamp: number;
  transfer?: ArrayBuffer[];
}

export interface AudioDataCopyToOptions {
  format?: AudioSampleFormat;
  frameCount?: number;
  frameOffset?: number;
  planeIndex: number;
}

export interface DOMRectReadOnly {
  readonly bottom: number;
  readonly height: number;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly width: number;
  readonly x: number;
  readonly y: number;
  toJSON(): any; // eslint-disable-line @typescript-eslint/no-explicit-any -- as in lib.dom
}
export declare var DOMRectReadOnly: {
  prototype: DOMRectReadOnly;
  new (x?: number, y?: number, width?: number, height?: number): DOMRectReadOnly;
  fromRect(other?: DOMRectInit): DOMRectReadOnly;
};

/** https://w3c.github.io/webcodecs/#videocolorspace */
export interface VideoColorSpace {
  readonly fullRange: boolean | null;
  readonly matrix: Known<VideoMatrixCoefficients, 'bt2020-ncl'> | null;
  readonly primaries: Known<VideoColorPrimaries, 'bt2020' | 'smpte432'> | null;
  readonly transfer: Known<VideoTransferCharacteristics, 'hlg' | 'linear' | 'pq'> | null;
  toJSON(): Partial<Pick<VideoColorSpace, 'fullRange' | 'matrix' | 'primaries' | 'transfer'>>;
}
export declare var VideoColorSpace: {
  prototype: VideoColorSpace;
  new (init?: VideoColorSpaceInit): VideoColorSpace;
};

/** What is needed of a canvas: those of node-canvas, @napi-rs/canvas and skia-canvas have it. */
export interface VideoFrameCanvas {
  readonly height: number;
  readonly width: number;
  getContext(kind: '2d'): {
    getImageData(x: number, y: number, width: number, height: number): { readonly data: ArrayLike<number> };
  } | null;
}

/** A picture. close() it when it is no longer needed. https://w3c.github.io/webcodecs/#videoframe-interface */
export interface VideoFrame {
  readonly codedHeight: number;
  readonly codedRect: DOMRectReadOnly | null;
  readonly codedWidth: number;
  readonly colorSpace: VideoColorSpace;
  readonly displayHeight: number;
  readonly displayWidth: number;
  /** Microseconds. */
  readonly duration: number | null;
  readonly flip: boolean;
  /** null once it is closed. */
  readonly format: Known<VideoPixelFormat, 'I422A' | 'I444A' | `${string}P10` | `${string}P12`> | null;
  readonly rotation: number;
  /** Microseconds. */
  readonly timestamp: number;
  readonly visibleRect: DOMRectReadOnly | null;
  /** Octets that copyTo() with these options needs. */
  allocationSize(options?: VideoFrameCopyToOptions): number;
  clone(): VideoFrame;
  close(): void;
  copyTo(destination: AllowSharedBufferSource, options?: VideoFrameCopyToOptions): Promise<PlaneLayout[]>;
  metadata(): VideoFrameMetadata;
}
export declare var VideoFrame: {
  prototype: VideoFrame;
  /** The same picture, shown in another way. A variable of lib.dom's type can hold one of ours. */
  new (image: VideoFrame | GlobalType<'VideoFrame', VideoFrame>, init?: VideoFrameInit): VideoFrame;
  /** What the canvas shows now; without a timestamp it is a TypeError. */
  new (canvas: VideoFrameCanvas, init: VideoFrameInit): VideoFrame;
  new (data: AllowSharedBufferSource, init: VideoFrameBufferInit): VideoFrame;
};

/** A piece of sound. https://w3c.github.io/webcodecs/#audiodata-interface */
export interface AudioData {
  /** Microseconds. */
  readonly duration: number;
  /** null once it is closed. */
  readonly format: AudioSampleFormat | null;
  readonly numberOfChannels: number;
  readonly numberOfFrames: number;
  readonly sampleRate: number;
  /** Microseconds. */
  readonly timestamp: number;
  allocationSize(options: AudioDataCopyToOptions): number;
  clone(): AudioData;
  close(): void;
  /** Every format can be converted to every other. */
  copyTo(destination: AllowSharedBufferSource, options: AudioDataCopyToOptions): void;
}
export declare var AudioData: {
  prototype: AudioData;
  new (init: AudioDataInit): AudioData;
};
