/** The package's exports: W3C names, and `mediaDevices` with its `getUserMedia`; no logic. */
export * from './mediacapture/interfaces';
export { getUserMedia, mediaDevices } from './mediacapture/media-devices';
export * from './webcodecs/interfaces';
export * from './webrtc/interfaces';
export * as nonstandard from './compat/wrtc/nonstandard';
