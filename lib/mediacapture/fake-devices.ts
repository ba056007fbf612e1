import { randomUUID } from 'node:crypto';
import { type VideoMode, cameraConfigurations } from './camera-configurations';
import type { Configuration } from './configuration';
import type { Device, InputDevice } from './device-registry';
import { runTestPicture, runTestSound } from './running-source';

function camera(
  label: string,
  deviceId: string,
  groupId: string,
  facing: string,
  modes: readonly VideoMode[],
  number: number,
): InputDevice {
  const fixed: Configuration = {
    deviceId: { values: [deviceId] },
    groupId: { values: [groupId] },
    facingMode: { values: [facing] },
    backgroundBlur: { values: [false] },
  };
  return {
    kind: 'videoinput',
    label,
    deviceId,
    groupId,
    configurations: cameraConfigurations(fixed, modes),
    run: (settings) => runTestPicture(number, settings),
  };
}

/**
 * A microphone in which there is nothing but its own sound: no echo and no noise to remove, so that any processing can be
 * turned on and off and changes nothing.
 */
function microphone(
  label: string,
  deviceId: string,
  groupId: string,
  { sampleRate, channels, number }: { sampleRate: number; channels: number; number: number },
): InputDevice {
  const configuration: Configuration = {
    deviceId: { values: [deviceId] },
    groupId: { values: [groupId] },
    sampleRate: { values: [sampleRate] },
    sampleSize: { values: [16] },
    channelCount: { min: 1, max: channels, preferred: 1, integer: true },
    latency: { values: [0.01] },
    echoCancellation: { values: [true, false, 'all', 'remote-only'] },
    autoGainControl: { values: [true, false] },
    noiseSuppression: { values: [true, false] },
    voiceIsolation: { values: [false] },
  };
  return {
    kind: 'audioinput',
    label,
    deviceId,
    groupId,
    configurations: [configuration],
    run: (settings) => runTestSound(number, settings),
  };
}

/**
 * The devices that exist where there are no others. Their ids stay the same, which tells nothing of anybody; groupIds
 * "MUST be uniquely generated for each document".
 */
export function fakeDevices(): readonly Device[] {
  const [webcam, rearCamera, headset] = [randomUUID(), randomUUID(), randomUUID()];
  return [
    microphone('Fake Microphone', 'fake-microphone', webcam, { sampleRate: 48_000, channels: 2, number: 0 }),
    microphone('Fake Headset Microphone', 'fake-headset-microphone', headset, {
      sampleRate: 16_000,
      channels: 1,
      number: 1,
    }),
    camera(
      'Fake Camera',
      'fake-camera',
      webcam,
      'user',
      [
        { width: 640, height: 480, frameRates: [30, 15] },
        { width: 640, height: 360, frameRates: [30, 15] },
        { width: 320, height: 240, frameRates: [30, 15] },
        { width: 1280, height: 720, frameRates: [30, 60] },
        { width: 1920, height: 1080, frameRates: [30] },
      ],
      0,
    ),
    camera(
      'Fake Rear Camera',
      'fake-rear-camera',
      rearCamera,
      'environment',
      [
        { width: 640, height: 480, frameRates: [30] },
        { width: 1280, height: 720, frameRates: [30] },
        { width: 1920, height: 1080, frameRates: [30] },
        { width: 3840, height: 2160, frameRates: [30] },
      ],
      1,
    ),
    { kind: 'audiooutput', label: 'Fake Headset', deviceId: 'fake-headset', groupId: headset },
  ];
}
