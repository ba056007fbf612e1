/** wrtc's `nonstandard`: media in and out of programs (docs/nonstandard.md). */
export { RTCAudioSink } from './RTCAudioSink';
export { RTCAudioSource } from './RTCAudioSource';
export { RTCVideoSink } from './RTCVideoSink';
export { RTCVideoSource } from './RTCVideoSource';
export { i420ToRgba, rgbaToI420 } from './video-frame';
export { readFrameNumber } from '../../mediacapture/frame-number';
export { connectFile, openFile } from '../../mediacapture/open-file';
