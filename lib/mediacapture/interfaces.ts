/** Every interface object of media capture, under the name it has as a global. */
export { MediaStream } from './MediaStream';
export { MediaStreamTrack } from './MediaStreamTrack';
export { MediaStreamTrackEvent } from './MediaStreamTrackEvent';
