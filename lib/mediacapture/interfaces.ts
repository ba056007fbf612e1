/** Every interface object of media capture, under the name it has as a global. */
export { CaptureController } from './CaptureController';
export { DeviceChangeEvent } from './DeviceChangeEvent';
export { InputDeviceInfo } from './InputDeviceInfo';
export { MediaDeviceInfo } from './MediaDeviceInfo';
export { MediaDevices } from './MediaDevices';
export { MediaStream } from './MediaStream';
export { MediaStreamTrack } from './MediaStreamTrack';
export { MediaStreamTrackEvent } from './MediaStreamTrackEvent';
export { MediaStreamTrackGenerator } from './MediaStreamTrackGenerator';
export { MediaStreamTrackHandle } from './MediaStreamTrackHandle';
export { MediaStreamTrackProcessor } from './MediaStreamTrackProcessor';
export { OverconstrainedError } from './OverconstrainedError';
export { VideoTrackGenerator } from './VideoTrackGenerator';
