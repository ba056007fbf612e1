import * as webidl from '../webidl';
import type { MediaTrackCapabilities } from '../webidl/generated/dictionaries';
import { copyDictionary } from './copy-dictionary';
import { type DeviceInfo, MediaDeviceInfo } from './MediaDeviceInfo';

/** https://w3c.github.io/mediacapture-main/#input-specific-device-info */
export class InputDeviceInfo extends MediaDeviceInfo {
  static {
    webidl.defineInterface('InputDeviceInfo', this, (value) => #capabilities in value);
  }

  readonly #capabilities: MediaTrackCapabilities;

  constructor(key: webidl.ConstructionKey, info: DeviceInfo, capabilities: MediaTrackCapabilities) {
    webidl.requireConstructionKey(key);
    super(key, info);
    this.#capabilities = capabilities;
  }

  /** Those of a track of this device; none while nothing may be told of it. */
  getCapabilities(): MediaTrackCapabilities {
    return copyDictionary(this.#capabilities);
  }
}

declare module '../webidl/types' {
  interface InterfaceTypes {
    InputDeviceInfo: InputDeviceInfo;
  }
}
