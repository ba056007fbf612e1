import { basename } from 'node:path';
import { nativeAddon } from '../binding/load';
import { NativeEventKind } from '../binding/native-addon';
import { NativeLink } from '../transport/native-link';
import type { MediaTrackCapabilities, MediaTrackSettings } from '../webidl/generated/dictionaries';
import { pictureConfigurations } from './camera-configurations';
import { type Configuration, capabilitiesOf } from './configuration';
import { endTracksOf } from './end-tracks';
import { audioFlowSettings, videoFlowSettings } from './program-source';
import type { NativeSource } from './running-source';
import type { TrackSource } from './track-source';

/** What a file is to do at its end, and what is in it. */
export interface FileOptions {
  readonly kind: 'audio' | 'video';
  readonly loop: boolean;
  /** Called at its end; otherwise its tracks end. */
  readonly ended?: (() => void) | undefined;
}

/** A file that could not be played to its end: there is no one to whom a track could tell it. */
export function warnOfFile(path: string, reason: string): void {
  process.emitWarning(`${path} could not be played to its end: ${reason}`, 'PeerwireWarning');
}

/** A file that native code plays: WAV, Y4M, IVF. */
export class FileSource implements TrackSource {
  readonly kind: 'audio' | 'video';
  readonly label: string;
  readonly isSelfRunning = true;
  readonly isFinite: boolean;
  readonly #configurations: readonly Configuration[];
  #link: NativeLink<NativeSource> | null;

  /** @throws Error that says why the file cannot be played */
  constructor(path: string, { kind, loop, ended }: FileOptions) {
    const { VideoSource, AudioSource } = nativeAddon();
    const Source = kind === 'video' ? VideoSource : AudioSource;
    this.kind = kind;
    this.isFinite = !loop;
    this.label = basename(path);
    const native = new Source({ type: 'file', path, loop, reportsDemand: false });
    this.#link = new NativeLink<NativeSource>(native, (event, _number, value) => {
      if (event !== NativeEventKind.SourceEnded) return;
      if (value !== '') warnOfFile(path, value as string);
      if (ended) ended();
      else endTracksOf(this);
    });
    this.#configurations = kind === 'video' ? pictureConfigurations(this.settings()) : [{}];
  }

  native(): NativeSource | null {
    return this.#link?.handle ?? null;
  }

  capabilities(): MediaTrackCapabilities {
    return this.kind === 'video' ? capabilitiesOf(this.#configurations) : {};
  }

  settings(): MediaTrackSettings {
    const native = this.#link?.handle;
    if (!native) return {};
    return 'waitingUs' in native ? audioFlowSettings(native) : videoFlowSettings(native);
  }

  configurations(): readonly Configuration[] {
    return this.#configurations;
  }

  stop(): void {
    this.#link?.close();
    this.#link = null;
  }
}
