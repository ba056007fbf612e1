import { randomUUID } from 'node:crypto';
import type { MediaTrackCapabilities, MediaTrackSettings } from '../webidl/generated/dictionaries';
import type { DisplayCaptureSurfaceType } from '../webidl/generated/enums';
import { type Configuration, capabilitiesOf } from './configuration';
import { aspectRatioOf } from './picture-shape';
import { trackSlotsOf } from './MediaStreamTrack';
import { type NativeSource, type RunningSource, commonSettings, runTestPicture, runTestSound } from './running-source';
import { type TrackSource, liveTracksOf } from './track-source';

/** "The user agent MUST establish a floor value": no display surface has fewer pixels or frames a second. */
export const displayFloor = 1;

const frameRate = 30;

/** What there is to capture; without any preference the first one is. */
const displays: Readonly<Record<DisplayCaptureSurfaceType, { label: string; width: number; height: number }>> = {
  monitor: { label: 'Fake Monitor', width: 1920, height: 1080 },
  window: { label: 'Fake Window', width: 1280, height: 720 },
  browser: { label: 'Fake Browser Tab', width: 1024, height: 768 },
};

/** Which test picture and test sound: the first ones are those of the fake cameras and microphones. */
const devices: Readonly<Record<DisplayCaptureSurfaceType, number>> = { monitor: 2, window: 3, browser: 4 };

/** As it is, or scaled down in proportion; never cropped. */
function videoConfigurations(surface: DisplayCaptureSurfaceType): readonly Configuration[] {
  const { width, height } = displays[surface];
  const fixed: Configuration = {
    displaySurface: { values: [surface] },
    // Only a monitor shows what lies before the window.
    logicalSurface: { values: [surface !== 'monitor'] },
    cursor: { values: ['never'] },
  };
  const preferred = width / height;
  return [
    {
      ...fixed,
      resizeMode: { values: ['none'] },
      width: { values: [width] },
      height: { values: [height] },
      aspectRatio: { min: 1 / height, max: width, preferred },
      frameRate: { values: [frameRate] },
    },
    {
      ...fixed,
      resizeMode: { values: ['crop-and-scale'] },
      width: { min: Math.round(preferred), max: width, preferred: width, integer: true },
      height: { min: displayFloor, max: height, preferred: height, integer: true },
      // To the nearest pixel.
      aspectRatio: { min: (width - 1) / height, max: width / (height - 1), preferred },
      frameRate: { min: displayFloor, max: frameRate, preferred: frameRate },
    },
  ];
}

const audioConfigurations: readonly Configuration[] = [
  { restrictOwnAudio: { values: [false, true] }, suppressLocalAudioPlayback: { values: [false, true] } },
];

/** A fake display surface, or the sound that goes with it. */
export class DisplaySource implements TrackSource {
  readonly kind: 'audio' | 'video';
  readonly label: string;
  readonly surface: DisplayCaptureSurfaceType;
  readonly #configurations: readonly Configuration[];
  readonly isSelfRunning = true;
  readonly isScreen = true;
  readonly #id = randomUUID();
  #running: RunningSource | null = null;

  constructor(kind: 'audio' | 'video', surface: DisplayCaptureSurfaceType) {
    this.kind = kind;
    this.surface = surface;
    this.label = kind === 'video' ? displays[surface].label : `${displays[surface].label} Audio`;
    this.#configurations = kind === 'video' ? videoConfigurations(surface) : audioConfigurations;
  }

  capabilities(): MediaTrackCapabilities {
    const capabilities = { ...capabilitiesOf(this.#configurations), deviceId: this.#id };
    if (this.kind === 'audio') return capabilities;
    const ratio = aspectRatioOf(displays[this.surface]);
    return { ...capabilities, aspectRatio: { max: ratio, min: ratio } };
  }

  settings(): MediaTrackSettings {
    return { deviceId: this.#id, ...(this.kind === 'video' && { screenPixelRatio: 1 }) };
  }

  configurations(): readonly Configuration[] {
    return this.#configurations;
  }

  native(): NativeSource {
    const device = devices[this.surface];
    const run = this.kind === 'video' ? runTestPicture : runTestSound;
    this.#running ??= run(device, this.#wantedSettings());
    return this.#running.native;
  }

  adapt(): void {
    this.#running?.configure(this.#wantedSettings());
  }

  stop(): void {
    this.#running?.stop();
    this.#running = null;
  }

  #wantedSettings(): MediaTrackSettings {
    const { width, height } = displays[this.surface];
    const wanted = commonSettings(liveTracksOf(this).map((track) => trackSlotsOf(track).settings ?? {}));
    return { width, height, frameRate, ...wanted };
  }
}
