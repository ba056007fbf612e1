import { nativeAddon } from '../binding/load';
import type { NativeAudioSource, NativeVideoSource } from '../binding/native-addon';
import type { MediaTrackCapabilities, MediaTrackSettings } from '../webidl/generated/dictionaries';
import { pictureConfigurations } from './camera-configurations';
import type { Configuration } from './configuration';
import type { PropertyName } from './constrainable-properties';
import { aspectRatioOf } from './picture-shape';
import type { TrackSource } from './track-source';

/** Pictures as they flow, as a track's settings tell of them. */
export function videoFlowSettings(native: NativeVideoSource): MediaTrackSettings {
  const { width, height, frameRate } = native.flow();
  if (width === 0) return {};
  return { width, height, aspectRatio: aspectRatioOf({ width, height }), ...(frameRate > 0 && { frameRate }) };
}

/** Sound as it flows. */
export function audioFlowSettings(native: NativeAudioSource): MediaTrackSettings {
  const { sampleRate, channelCount } = native.flow();
  return sampleRate === 0 ? {} : { sampleRate, channelCount, sampleSize: 16 };
}

interface ProgramSourceOptions {
  readonly label?: string;
  /** Told when the last live track has ended. */
  readonly stopped?: () => void;
}

/** Pictures that a program pushes. */
export class VideoProgramSource implements TrackSource {
  readonly kind = 'video';
  readonly label: string;
  readonly isVariable = true;
  readonly isScreen: boolean;
  readonly #stopped: (() => void) | undefined;
  #native: NativeVideoSource | null = null;

  /** @param isScreen whether the pictures are of a screen, where sharpness comes before smoothness */
  constructor({ label = '', isScreen = false, stopped }: ProgramSourceOptions & { readonly isScreen?: boolean } = {}) {
    this.label = label;
    this.isScreen = isScreen;
    this.#stopped = stopped;
  }

  native(): NativeVideoSource {
    this.#native ??= new (nativeAddon().VideoSource)({ type: 'program', reportsDemand: false });
    return this.#native;
  }

  capabilities(): MediaTrackCapabilities {
    return {};
  }

  settings(): MediaTrackSettings {
    return this.#native ? videoFlowSettings(this.#native) : {};
  }

  /** Before there are pictures nothing is known of them. */
  configurations(): readonly Configuration[] {
    const flow = this.#native ? videoFlowSettings(this.#native) : {};
    return flow.width === undefined ? [{}] : pictureConfigurations(flow);
  }

  /** The program may go on pushing, for tracks to come. */
  stop(): void {
    this.#native?.close();
    this.#native = null;
    this.#stopped?.();
  }
}

/** Sound that a program pushes. */
export class AudioProgramSource implements TrackSource {
  readonly kind = 'audio';
  readonly label: string;
  readonly isVariable = true;
  readonly #stopped: (() => void) | undefined;
  #native: NativeAudioSource | null = null;

  constructor({ label = '', stopped }: ProgramSourceOptions = {}) {
    this.label = label;
    this.#stopped = stopped;
  }

  native(): NativeAudioSource {
    this.#native ??= new (nativeAddon().AudioSource)({ type: 'program', reportsDemand: false });
    return this.#native;
  }

  capabilities(): MediaTrackCapabilities {
    return {};
  }

  settings(): MediaTrackSettings {
    return this.#native ? audioFlowSettings(this.#native) : {};
  }

  configurations(): readonly Configuration[] {
    const flow = Object.entries(this.settings()) as [PropertyName, number][];
    return [Object.fromEntries(flow.map(([name, value]) => [name, { values: [value] }]))];
  }

  stop(): void {
    this.#native?.close();
    this.#native = null;
    this.#stopped?.();
  }
}
