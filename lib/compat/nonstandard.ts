import * as encodedMedia from './encoded-media';
import { RTCIceUdpListener } from './server/RTCIceUdpListener';
import * as wrtc from './wrtc/nonstandard';

/** What is ours, under the name that `wrtc` has for what is its own. */
export const nonstandard = { ...wrtc, ...encodedMedia, RTCIceUdpListener };
