/** Every interface object of media capture, under the name it has as a global. */
export { CaptureController } from './CaptureController';
export { DeviceChangeEvent } from './DeviceChangeEvent';
export { InputDeviceInfo } from './InputDeviceInfo';
export { MediaDeviceInfo } from './MediaDeviceInfo';
export { MediaDevices } from './MediaDevices';
export { MediaStream } from './MediaStream';
export { MediaStreamTrack } from './MediaStreamTrack';
export { MediaStreamTrackEvent } from './MediaStreamTrackEvent';
export { OverconstrainedError } from './OverconstrainedError';
