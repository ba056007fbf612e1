import { queueTask } from '../dom/queue-task';
import type { MediaTrackCapabilities, MediaTrackSettings } from '../webidl/generated/dictionaries';
import { type Configuration, capabilitiesOf } from './configuration';
import type { DeviceRegistry, InputDevice } from './device-registry';
import { trackSlotsOf } from './MediaStreamTrack';
import { type NativeSource, type RunningSource, commonSettings } from './running-source';
import { endTracksOf } from './end-tracks';
import { type TrackSource, liveTracksOf } from './track-source';

/** A camera or a microphone in use: what one call of getUserMedia() opened, until its last track ends. */
export class DeviceSource implements TrackSource {
  readonly device: InputDevice;
  /** Stands for it where it must not be held. */
  readonly key: symbol = Symbol('DeviceSource');
  readonly isSelfRunning = true;
  readonly #registry: DeviceRegistry;
  #running: RunningSource | null = null;
  #hasFailed = false;

  constructor(registry: DeviceRegistry, device: InputDevice) {
    this.device = device;
    this.#registry = registry;
    registry.opened(this);
  }

  get kind(): 'audio' | 'video' {
    return this.device.kind === 'audioinput' ? 'audio' : 'video';
  }

  get label(): string {
    return this.device.label;
  }

  capabilities(): MediaTrackCapabilities {
    return capabilitiesOf(this.device.configurations);
  }

  /** Each track has settings of its own; the device delivers what all of them can be made of. */
  settings(): MediaTrackSettings {
    return {};
  }

  configurations(): readonly Configuration[] {
    return this.device.configurations;
  }

  native(): NativeSource | null {
    if (!this.#running && !this.#hasFailed) this.#start();
    return this.#running?.native ?? null;
  }

  adapt(): void {
    this.#running?.configure(this.#wantedSettings());
  }

  stop(): void {
    this.#running?.stop();
    this.#running = null;
    this.#registry.closed(this);
  }

  /** Whoever wants the first frame is in the midst of something else: a device that does not start is one that ends. */
  #start(): void {
    const ended = (): void => {
      endTracksOf(this);
    };
    try {
      this.#running = this.device.run?.(this.#wantedSettings(), ended) ?? null;
    } catch (error) {
      this.#hasFailed = true;
      process.emitWarning(`${this.label} could not be started: ${(error as Error).message}`, 'PeerwireWarning');
      queueTask(ended);
    }
  }

  #wantedSettings(): MediaTrackSettings {
    return commonSettings(liveTracksOf(this).map((track) => trackSlotsOf(track).settings ?? {}));
  }
}
