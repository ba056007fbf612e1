import * as webidl from '../webidl';
import { capabilitiesOf } from './configuration';
import type { Device } from './device-registry';
import { InputDeviceInfo } from './InputDeviceInfo';
import { type DeviceInfo, MediaDeviceInfo } from './MediaDeviceInfo';

/** What may be told: [[canExposeCameraInfo]] and [[canExposeMicrophoneInfo]]. */
export interface Exposure {
  readonly camera: boolean;
  readonly microphone: boolean;
}

/** https://w3c.github.io/mediacapture-main/#dfn-creating-a-device-info-object */
function describe(device: Device, isExposed: boolean): MediaDeviceInfo {
  const { kind, deviceId, groupId, label } = device;
  const info: DeviceInfo = isExposed
    ? { kind, deviceId, groupId, label }
    : { kind, deviceId: '', groupId: '', label: '' };
  if (!('configurations' in device)) return new MediaDeviceInfo(webidl.constructionKey, info);
  const capabilities = isExposed ? capabilitiesOf(device.configurations) : {};
  return new InputDeviceInfo(webidl.constructionKey, info, capabilities);
}

/** https://w3c.github.io/mediacapture-main/#dfn-creating-a-list-of-device-info-objects */
export function listDevices(devices: readonly Device[], exposure: Exposure): MediaDeviceInfo[] {
  const ofKind = (kind: Device['kind']) => devices.filter((device) => device.kind === kind);
  // 4. – 7. Microphones, then cameras, the default one first; only the first one while nothing may be told of them.
  const microphones = ofKind('audioinput').slice(0, exposure.microphone ? undefined : 1);
  const cameras = ofKind('videoinput').slice(0, exposure.camera ? undefined : 1);
  // 8. Others: https://w3c.github.io/mediacapture-output/#privacy-obtaining-consent exposes an output device that belongs
  // together with a microphone that is exposed. The system default comes first, once more, as 'default'.
  const outputs = ofKind('audiooutput').filter(
    ({ groupId }) => exposure.microphone && microphones.some((each) => each.groupId === groupId),
  );
  const [defaultOutput] = outputs;
  const asDefault: Device[] =
    defaultOutput && defaultOutput === ofKind('audiooutput')[0]
      ? [{ ...defaultOutput, kind: 'audiooutput', deviceId: 'default', label: `Default - ${defaultOutput.label}` }]
      : [];
  return [
    ...microphones.map((device) => describe(device, exposure.microphone)),
    ...cameras.map((device) => describe(device, exposure.camera)),
    ...[...asDefault, ...outputs].map((device) => describe(device, true)),
  ];
}
