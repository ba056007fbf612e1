import * as webidl from '../webidl';
import type { MediaStreamConstraints } from '../webidl/generated/dictionaries';
import { deviceRegistry } from './device-registry';
import { MediaDevices } from './MediaDevices';
import type { MediaStream } from './MediaStream';

/** The MediaDevices object of the window: `navigator.mediaDevices`, where there is a navigator. */
export const mediaDevices = new MediaDevices(webidl.constructionKey, deviceRegistry);

/** `mediaDevices.getUserMedia()` by itself, as `wrtc` exports it. */
export function getUserMedia(constraints?: Partial<MediaStreamConstraints>): Promise<MediaStream> {
  return mediaDevices.getUserMedia(constraints);
}
