/** The package's exports: W3C names, `mediaDevices` with its `getUserMedia`, and what gives workers their transforms; no logic. */
export { nonstandard } from './compat/nonstandard';
export * from './mediacapture/interfaces';
export { getUserMedia, mediaDevices } from './mediacapture/media-devices';
export * from './webcodecs/interfaces';
export * from './webrtc/interfaces';
export { onRtcTransform, receiveRtcTransform } from './webrtc/encoded-transform/worker-scope';
