/** The interfaces of a page that make and show media, on those of the package. */
import { ImageBitmap, OffscreenCanvas, makeCanvasInterface } from './canvas.mjs';
import { makeMediaElementInterfaces } from './media-element.mjs';
import { makeWebAudioInterfaces } from './web-audio.mjs';

/** What they are made of; a package without it has a page without these. */
const needed = ['RTCVideoSource', 'RTCVideoSink', 'RTCAudioSource', 'RTCAudioSink', 'i420ToRgba', 'rgbaToI420'];

/** @returns {Record<string, Function>} interfaces by name */
export function makeMediaPage(exported) {
  if (!exported.MediaStream || !needed.every((name) => exported.nonstandard?.[name])) return {};
  return {
    HTMLCanvasElement: makeCanvasInterface(exported),
    ImageBitmap,
    OffscreenCanvas,
    ...makeMediaElementInterfaces(exported),
    ...makeWebAudioInterfaces(exported),
  };
}
