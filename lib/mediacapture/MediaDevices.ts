import type { EventHandler } from '../dom/event-handler';
import { fireEvent } from '../dom/fire-event';
import { queueTask } from '../dom/queue-task';
import { EventTarget } from '../dom/realm';
import * as webidl from '../webidl';
import {
  type DisplayMediaStreamOptions,
  type MediaStreamConstraints,
  type MediaTrackSupportedConstraints,
  toDisplayMediaStreamOptions,
  toMediaStreamConstraints,
} from '../webidl/generated/dictionaries';
import { propertyNames } from './constrainable-properties';
import { createDeviceChangeEvent } from './DeviceChangeEvent';
import { listDevices } from './device-list';
import type { Device, DeviceRegistry } from './device-registry';
import { checkDisplayOptions, getDisplayMedia } from './get-display-media';
import { getUserMedia, requestedMediaTypes } from './get-user-media';
import { inParallel } from './in-parallel';
import type { MediaDeviceInfo } from './MediaDeviceInfo';
import type { MediaStream } from './MediaStream';

const isSameList = (one: readonly MediaDeviceInfo[], other: readonly MediaDeviceInfo[]) =>
  JSON.stringify(one) === JSON.stringify(other);

/** https://w3c.github.io/mediacapture-main/#mediadevices */
export class MediaDevices extends EventTarget {
  static {
    webidl.defineInterface('MediaDevices', this, (value) => #registry in value);
  }

  declare ondevicechange: EventHandler;

  readonly #registry: DeviceRegistry;
  /** [[storedDeviceList]] */
  #storedDeviceList: readonly Device[];
  /** [[canExposeCameraInfo]], [[canExposeMicrophoneInfo]] */
  readonly #exposure = { camera: false, microphone: false };

  constructor(key: webidl.ConstructionKey, registry: DeviceRegistry) {
    webidl.requireConstructionKey(key);
    super();
    this.#registry = registry;
    this.#storedDeviceList = registry.devices;
    registry.observe(() => {
      this.#notifyOfChange();
    });
  }

  /** The devices, as far as they may be told: until something was captured, whether there is a microphone and a camera. */
  async enumerateDevices(): Promise<MediaDeviceInfo[]> {
    const exposure = this.#exposure;
    await inParallel();
    return listDevices(this.#storedDeviceList, exposure);
  }

  getSupportedConstraints(): MediaTrackSupportedConstraints {
    void this.#registry;
    return Object.fromEntries(propertyNames.map((name) => [name, true])) as unknown as MediaTrackSupportedConstraints;
  }

  /** What is wrong with the arguments rejects the promise before it is returned. */
  async getUserMedia(constraints?: Partial<MediaStreamConstraints>): Promise<MediaStream> {
    const registry = this.#registry;
    const wanted = toMediaStreamConstraints(constraints, webidl.operationContext('getUserMedia', 'MediaDevices'));
    const types = requestedMediaTypes(wanted);
    return getUserMedia(registry, wanted, types, () => {
      if (types.includes('audio')) this.#exposure.microphone = true;
      if (types.includes('video')) this.#exposure.camera = true;
    });
  }

  async getDisplayMedia(options?: Partial<DisplayMediaStreamOptions>): Promise<MediaStream> {
    void this.#registry;
    const wanted = toDisplayMediaStreamOptions(options, webidl.operationContext('getDisplayMedia', 'MediaDevices'));
    checkDisplayOptions(wanted);
    return getDisplayMedia(wanted);
  }

  /** https://w3c.github.io/mediacapture-main/#device-change-notification-steps */
  #notifyOfChange(): void {
    // 1. – 3. The lists of before and of now, as far as they may be told.
    const before = this.#storedDeviceList;
    const now = this.#registry.devices;
    const lastExposedDevices = listDevices(before, this.#exposure);
    const newExposedDevices = listDevices(now, this.#exposure);
    // 5. Set [[storedDeviceList]] to deviceList. (Before step 4: what was not told may be told later.)
    this.#storedDeviceList = now;
    // 4. If they match and have the same order, then abort these steps.
    if (isSameList(lastExposedDevices, newExposedDevices)) return;
    const inserted = newExposedDevices.filter(
      ({ kind, deviceId }) =>
        deviceId !== '' && !lastExposedDevices.some((each) => each.kind === kind && each.deviceId === deviceId),
    );
    // 6. Queue a task that fires an event named devicechange.
    queueTask(() => {
      fireEvent(this, createDeviceChangeEvent(newExposedDevices, inserted));
    });
  }
}

declare module '../webidl/types' {
  interface InterfaceTypes {
    MediaDevices: MediaDevices;
  }
}
