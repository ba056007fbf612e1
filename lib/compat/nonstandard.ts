import * as encodedMedia from './encoded-media';

/** What is ours, under the name that `wrtc` has for what is its own. */
export const nonstandard = { ...encodedMedia };
