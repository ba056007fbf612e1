import type { NativeTransportHandle } from './handle';

/** When a frame or block is from. */
export interface NativeMediaTimes {
  /** Microseconds by the engine's monotonic clock (that of process.hrtime). */
  captureTime: number;
  /** Microseconds, as the program gave them that pushed it. */
  programTime?: number;
  /** Of received media. */
  rtpTimestamp?: number;
  /** Of received media, by the sender's clock: milliseconds since 1900. */
  captureNtpTime?: number;
}

/** I420: three planes without padding, chroma rounded up. */
export interface NativeVideoFrame extends NativeMediaTimes {
  width: number;
  height: number;
  /** Degrees clockwise by which it has to be turned to be upright. */
  rotation: 0 | 90 | 180 | 270;
  data: ArrayBuffer;
}

/** 16 bits, interleaved. */
export interface NativeAudioBlock extends NativeMediaTimes {
  sampleRate: number;
  channelCount: number;
  numberOfFrames: number;
  data: ArrayBuffer;
}

/** Sources, tracks and sinks; requestStats() has little to tell of them. They never hold the process. */
export type NativeMediaHandle = NativeTransportHandle;

export interface NativeVideoShape {
  width: number;
  height: number;
  frameRate: number;
}

export interface NativeVideoSource extends NativeMediaHandle {
  /**
   * Sends a picture on, which is copied before this returns. Of program sources.
   * @param data I420 without padding; a view's own octets
   * @param captureTime microseconds by the engine's clock; without it: now
   */
  push(
    data: ArrayBuffer | ArrayBufferView,
    width: number,
    height: number,
    rotation: number,
    programTime?: number,
    captureTime?: number,
  ): void;
  /** Of fake sources: from the next picture on. */
  configure(shape: NativeVideoShape): void;
  /** Pictures as they come now, upright; zeros until one has come. */
  flow(): NativeVideoShape;
}

export interface NativeAudioShape {
  sampleRate: number;
  channelCount: number;
}

export interface NativeAudioSource extends NativeMediaHandle {
  /**
   * Sends sound on, which is copied before this returns. Of program sources.
   * @param data 16 bits, interleaved
   * @param paced in real time, in blocks of 10 ms; otherwise at once, as it is
   * @returns false when it was not taken, because too much waits already
   */
  push(
    data: ArrayBuffer | ArrayBufferView,
    sampleRate: number,
    channelCount: number,
    paced: boolean,
    programTime?: number,
    captureTime?: number,
  ): boolean;
  configure(shape: NativeAudioShape): void;
  flow(): NativeAudioShape;
  /** Of paced sound: microseconds that were taken and have not been sent on. */
  waitingUs(): number;
  /** Drops it. */
  clear(): void;
}

/** `reportsDemand`: whether there are SourceDemand events. */
export type NativeSourceOptions<Shape> =
  | { type: 'program'; reportsDemand: boolean }
  /** `device`: which of several, told by colour and tone. */
  | ({ type: 'fake'; device: number; reportsDemand: boolean } & Shape)
  /** Y4M or IVF, WAV. The constructor throws an Error whose message says why it cannot be played. */
  | { type: 'file'; path: string; loop: boolean; reportsDemand: boolean };

/** One MediaStreamTrack. Closing it ends it. */
export interface NativeMediaTrack extends NativeMediaHandle {
  setEnabled(enabled: boolean): void;
  /** Of video: largest size, upright, and frame rate; 0: as it comes. */
  setShape(width: number, height: number, frameRate: number): void;
  end(): void;
}

/** Gives VideoFrame or AudioBlock events, until it is closed. */
export interface NativeMediaSink extends NativeMediaHandle {
  /** Of sinks that are pulled: that many more may come. */
  pull(count: number): void;
  /** Of all that the track has delivered; also after close(). */
  counts(): { received: number; dropped: number };
}

/**
 * @param capacity so many wait for JavaScript at most; the oldest are dropped
 * @param format of sound, which comes in blocks of 10 ms then; 0: of what comes
 */
export type NativeSinkConstructor = new (
  track: NativeMediaTrack,
  capacity: number,
  pulled: boolean,
  format?: NativeAudioShape,
) => NativeMediaSink;
