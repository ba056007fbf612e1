import { Event } from '../dom/realm';
import * as webidl from '../webidl';
import { type DeviceChangeEventInit, toDeviceChangeEventInit } from '../webidl/generated/dictionaries';
import type { MediaDeviceInfo } from './MediaDeviceInfo';

const context = webidl.constructorContext('DeviceChangeEvent');

/** A `devicechange` event; `inserted` are those of the devices that have just been connected. */
export let createDeviceChangeEvent: (devices: MediaDeviceInfo[], inserted: MediaDeviceInfo[]) => DeviceChangeEvent;

/** https://w3c.github.io/mediacapture-main/#devicechangeevent */
export class DeviceChangeEvent extends Event {
  static {
    webidl.defineInterface('DeviceChangeEvent', this, (value) => #devices in value);
    createDeviceChangeEvent = (devices, inserted) => {
      const event = new DeviceChangeEvent('devicechange', { devices });
      event.#userInsertedDevices = Object.freeze(inserted);
      return event;
    };
  }

  readonly #devices: readonly MediaDeviceInfo[];
  #userInsertedDevices: readonly MediaDeviceInfo[] = Object.freeze([]);

  constructor(type: string, eventInitDict?: Partial<DeviceChangeEventInit>) {
    webidl.requireArguments(arguments.length, 1, context);
    const typeText = webidl.DOMString(type, context);
    const init = toDeviceChangeEventInit(eventInitDict, context);
    super(typeText, init);
    this.#devices = Object.freeze(init.devices);
  }

  get devices(): readonly MediaDeviceInfo[] {
    return this.#devices;
  }

  get userInsertedDevices(): readonly MediaDeviceInfo[] {
    return this.#userInsertedDevices;
  }
}

declare module '../webidl/types' {
  interface InterfaceTypes {
    DeviceChangeEvent: DeviceChangeEvent;
  }
}
