import * as webidl from '../webidl';
import { type VideoColorSpaceInit, toVideoColorSpaceInit } from '../webidl/generated/dictionaries';
import type {
  VideoColorPrimaries,
  VideoMatrixCoefficients,
  VideoPixelFormat,
  VideoTransferCharacteristics,
} from '../webidl/generated/enums';

/** https://w3c.github.io/webcodecs/#videocolorspace */
export class VideoColorSpace {
  static {
    webidl.defineInterface('VideoColorSpace', this, (value) => #init in value);
  }

  readonly #init: VideoColorSpaceInit;

  constructor(init?: Partial<VideoColorSpaceInit>) {
    this.#init = toVideoColorSpaceInit(init, webidl.constructorContext('VideoColorSpace'));
  }

  get primaries(): VideoColorPrimaries | null {
    return this.#init.primaries;
  }

  get transfer(): VideoTransferCharacteristics | null {
    return this.#init.transfer;
  }

  get matrix(): VideoMatrixCoefficients | null {
    return this.#init.matrix;
  }

  get fullRange(): boolean | null {
    return this.#init.fullRange;
  }

  toJSON(): VideoColorSpaceInit {
    return { ...this.#init };
  }
}

/** What is meant when a program does not say: https://w3c.github.io/webcodecs/#videoframe-pick-color-space */
export function defaultColorSpace(format: VideoPixelFormat): VideoColorSpace {
  const isRgb = /^(?:RGB|BGR)/.test(format);
  return new VideoColorSpace(
    isRgb
      ? { primaries: 'bt709', transfer: 'iec61966-2-1', matrix: 'rgb', fullRange: true }
      : { primaries: 'bt709', transfer: 'bt709', matrix: 'bt709', fullRange: false },
  );
}

/** What WebRTC and cameras have, without further words. */
export function cameraColorSpace(): VideoColorSpace {
  return new VideoColorSpace({
    primaries: 'smpte170m',
    transfer: 'smpte170m',
    matrix: 'smpte170m',
    fullRange: false,
  });
}

declare module '../webidl/types' {
  interface InterfaceTypes {
    VideoColorSpace: VideoColorSpace;
  }
}
