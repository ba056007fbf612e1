/** The package's exports: W3C names only; no logic. */
export * from './mediacapture/interfaces';
export * from './webrtc/interfaces';
