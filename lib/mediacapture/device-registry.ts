import { endTrack } from './MediaStreamTrack';
import { queueTask } from '../dom/queue-task';
import type { Configuration } from './configuration';
import type { DeviceSource } from './device-source';
import { fakeDevices } from './fake-devices';
import type { MediaTrackSettings } from '../webidl/generated/dictionaries';
import type { RunningSource } from './running-source';
import { liveTracksOf } from './track-source';

/** What all devices have. https://w3c.github.io/mediacapture-main/#mediadeviceinfo */
export interface OutputDevice {
  readonly kind: 'audiooutput';
  readonly deviceId: string;
  readonly groupId: string;
  readonly label: string;
}

/** A camera or a microphone. */
export interface InputDevice {
  readonly kind: 'audioinput' | 'videoinput';
  readonly deviceId: string;
  readonly groupId: string;
  readonly label: string;
  /** The ways to run it, best liked first. */
  readonly configurations: readonly Configuration[];
  /** Whether it can be started just now. @throws Error that says why not */
  readonly tryOut?: () => void;
  /**
   * Starts it, so that it delivers what the settings say. A device without it delivers nothing.
   * @param ended is called when it cannot go on
   */
  readonly run?: (settings: MediaTrackSettings, ended: () => void) => RunningSource;
}

export type Device = InputDevice | OutputDevice;

/**
 * The sources of one device that are in use. They are held weakly: a track that is lost without having been stopped takes
 * its source along.
 */
class SourcesInUse {
  readonly #references = new Map<symbol, WeakRef<DeviceSource>>();
  readonly #lost = new FinalizationRegistry<symbol>((key) => {
    this.#references.delete(key);
  });

  add(source: DeviceSource): void {
    this.#references.set(source.key, new WeakRef(source));
    this.#lost.register(source, source.key);
  }

  delete(source: DeviceSource): void {
    this.#references.delete(source.key);
  }

  list(): DeviceSource[] {
    return [...this.#references.values()].flatMap((reference) => reference.deref() ?? []);
  }
}

/** The media devices there are; the first of each kind is the default one. */
export class DeviceRegistry {
  #devices: readonly Device[];
  readonly #sources = new WeakMap<Device, SourcesInUse>();
  readonly #observers: (() => void)[] = [];

  constructor(devices: readonly Device[]) {
    this.#devices = devices;
  }

  /** A list that never changes: another one takes its place. */
  get devices(): readonly Device[] {
    return this.#devices;
  }

  /** Calls the function after each change of the list. */
  observe(changed: () => void): void {
    this.#observers.push(changed);
  }

  connect(device: Device): void {
    this.#replace([...this.#devices, device]);
  }

  /** The device is gone, and its tracks end. */
  disconnect(device: Device): void {
    this.#replace(this.#devices.filter((each) => each !== device));
    for (const track of this.sourcesInUse(device).flatMap(liveTracksOf)) {
      queueTask(() => {
        endTrack(track);
      });
    }
  }

  /** What getUserMedia() opened and has live tracks. */
  sourcesInUse(device: Device): DeviceSource[] {
    return this.#sources.get(device)?.list() ?? [];
  }

  opened(source: DeviceSource): void {
    const sources = this.#sources.get(source.device) ?? new SourcesInUse();
    this.#sources.set(source.device, sources);
    sources.add(source);
  }

  closed(source: DeviceSource): void {
    this.#sources.get(source.device)?.delete(source);
  }

  #replace(devices: readonly Device[]): void {
    this.#devices = devices;
    for (const changed of this.#observers) changed();
  }
}

export const deviceRegistry = new DeviceRegistry(fakeDevices());
