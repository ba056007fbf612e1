import { randomUUID } from 'node:crypto';
import type { MediaTrackCapabilities, MediaTrackSettings } from '../webidl/generated/dictionaries';
import { type Configuration, capabilitiesOf } from './configuration';
import type { TrackSource } from './track-source';

const width = 1920;
const height = 1080;
const frameRate = 30;
/** "The user agent MUST establish a floor value": no display surface has fewer pixels or frames a second. */
export const displayFloor = 1;

const fixed: Configuration = {
  displaySurface: { values: ['monitor'] },
  logicalSurface: { values: [false] },
  cursor: { values: ['never'] },
};

/** Scaled down in proportion, never cropped; a side of 1 pixel is the least. */
const videoConfigurations: readonly Configuration[] = [
  {
    ...fixed,
    resizeMode: { values: ['none'] },
    width: { values: [width] },
    height: { values: [height] },
    aspectRatio: { min: 1 / height, max: width, preferred: width / height },
    frameRate: { values: [frameRate] },
  },
  {
    ...fixed,
    resizeMode: { values: ['crop-and-scale'] },
    width: { min: Math.round(width / height), max: width, preferred: width, integer: true },
    height: { min: displayFloor, max: height, preferred: height, integer: true },
    // To the nearest pixel.
    aspectRatio: { min: (width - 1) / height, max: width / (height - 1), preferred: width / height },
    frameRate: { min: displayFloor, max: frameRate, preferred: frameRate },
  },
];

const audioConfigurations: readonly Configuration[] = [
  { restrictOwnAudio: { values: [false, true] }, suppressLocalAudioPlayback: { values: [false, true] } },
];

/** The fake display surface, or the sound that goes with it. */
export class DisplaySource implements TrackSource {
  readonly kind: 'audio' | 'video';
  readonly label: string;
  readonly surface = 'monitor';
  readonly #id = randomUUID();

  constructor(kind: 'audio' | 'video') {
    this.kind = kind;
    this.label = kind === 'video' ? 'Fake Display' : 'Fake Display Audio';
  }

  capabilities(): MediaTrackCapabilities {
    const capabilities = { ...capabilitiesOf(this.configurations()), deviceId: this.#id };
    if (this.kind === 'audio') return capabilities;
    const ratio = Number((width / height).toFixed(10));
    return { ...capabilities, aspectRatio: { max: ratio, min: ratio } };
  }

  settings(): MediaTrackSettings {
    return { deviceId: this.#id, ...(this.kind === 'video' && { screenPixelRatio: 1 }) };
  }

  configurations(): readonly Configuration[] {
    return this.kind === 'video' ? videoConfigurations : audioConfigurations;
  }

  /** There is nothing to stop: it makes pictures and sound only for those who take them. */

  stop(): void {}
}
