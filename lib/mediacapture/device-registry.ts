import { endTrack } from './MediaStreamTrack';
import { queueTask } from '../dom/queue-task';
import type { Configuration } from './configuration';
import type { DeviceSource } from './device-source';
import { fakeDevices } from './fake-devices';
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
}

export type Device = InputDevice | OutputDevice;

/** The media devices there are; the first of each kind is the default one. */
export class DeviceRegistry {
  #devices: readonly Device[];
  /** The sources in use. They are held weakly: a track that is lost without having been stopped takes its source along. */
  readonly #sources = new Map<Device, Set<WeakRef<DeviceSource>>>();
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
    for (const source of this.#sources.get(device) ?? []) {
      const target = source.deref();
      for (const track of target ? liveTracksOf(target) : []) {
        queueTask(() => {
          endTrack(track);
        });
      }
    }
  }

  /** How many sources of a device are in use. */
  sourcesInUse(device: Device): number {
    return [...(this.#sources.get(device) ?? [])].filter((each) => each.deref()).length;
  }

  opened(device: Device, source: DeviceSource): void {
    const others = [...(this.#sources.get(device) ?? [])].filter((each) => each.deref());
    this.#sources.set(device, new Set([...others, new WeakRef(source)]));
  }

  closed(device: Device, source: DeviceSource): void {
    const others = [...(this.#sources.get(device) ?? [])].filter((each) => each.deref() && each.deref() !== source);
    if (others.length > 0) this.#sources.set(device, new Set(others));
    else this.#sources.delete(device);
  }

  #replace(devices: readonly Device[]): void {
    this.#devices = devices;
    for (const changed of this.#observers) changed();
  }
}

export const deviceRegistry = new DeviceRegistry(fakeDevices());
