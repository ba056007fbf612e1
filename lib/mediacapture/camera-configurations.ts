import type { MediaTrackSettings } from '../webidl/generated/dictionaries';
import type { Configuration } from './configuration';

/** A resolution that a camera delivers by itself, with the frame rates it has there; the first one is preferred. */
export interface VideoMode {
  readonly width: number;
  readonly height: number;
  readonly frameRates: readonly number[];
}

/** By leaving out frames, one in ten seconds. */
const slowestFrameRate = 0.1;

/**
 * The ways to get pictures out of a camera: each mode as it is (resizeMode 'none'), then each mode as a superset of that,
 * cropped, scaled down and with frames left out ('crop-and-scale').
 */
export function cameraConfigurations(fixed: Configuration, modes: readonly VideoMode[]): readonly Configuration[] {
  const asItIs = modes.map(({ width, height, frameRates }) => ({
    ...fixed,
    resizeMode: { values: ['none'] },
    width: { values: [width] },
    height: { values: [height] },
    aspectRatio: { min: 1 / height, max: width, preferred: width / height },
    frameRate: { values: frameRates },
  }));
  const processed = modes.map(({ width, height, frameRates }) => ({
    ...fixed,
    resizeMode: { values: ['crop-and-scale'] },
    width: { min: 1, max: width, preferred: width, integer: true },
    height: { min: 1, max: height, preferred: height, integer: true },
    aspectRatio: { min: 1 / height, max: width, preferred: width / height },
    frameRate: { min: slowestFrameRate, max: Math.max(...frameRates), preferred: frameRates[0] ?? 30 },
  }));
  return [...asItIs, ...processed];
}

/** The ways to play pictures of one size: as they are, or cropped, scaled down, and with frames left out. */
export function pictureConfigurations({ width = 1, height = 1, frameRate = 30 }: MediaTrackSettings): Configuration[] {
  return [...cameraConfigurations({}, [{ width, height, frameRates: [frameRate] }])];
}
