/** The interfaces of WebCodecs that frames of tracks need, under the names they have as globals. */
export { AudioData } from './AudioData';
export { DOMRectReadOnly } from './DOMRectReadOnly';
export { VideoColorSpace } from './VideoColorSpace';
export { VideoFrame } from './VideoFrame';
