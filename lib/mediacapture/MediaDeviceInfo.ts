import * as webidl from '../webidl';
import type { MediaDeviceKind } from '../webidl/generated/enums';

/** What may be told of a device: '' for what may not. */
export interface DeviceInfo {
  readonly kind: MediaDeviceKind;
  readonly deviceId: string;
  readonly groupId: string;
  readonly label: string;
}

/** https://w3c.github.io/mediacapture-main/#device-info */
export class MediaDeviceInfo {
  static {
    webidl.defineInterface('MediaDeviceInfo', this, (value) => #info in value);
  }

  readonly #info: DeviceInfo;

  constructor(key: webidl.ConstructionKey, info: DeviceInfo) {
    webidl.requireConstructionKey(key);
    this.#info = info;
  }

  get deviceId(): string {
    return this.#info.deviceId;
  }

  get kind(): MediaDeviceKind {
    return this.#info.kind;
  }

  get label(): string {
    return this.#info.label;
  }

  get groupId(): string {
    return this.#info.groupId;
  }

  toJSON(): DeviceInfo {
    const { deviceId, kind, label, groupId } = this.#info;
    return { deviceId, kind, label, groupId };
  }
}

declare module '../webidl/types' {
  interface InterfaceTypes {
    MediaDeviceInfo: MediaDeviceInfo;
  }
}
