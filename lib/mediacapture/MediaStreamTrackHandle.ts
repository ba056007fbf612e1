import * as webidl from '../webidl';
import type { MediaStreamTrack } from './MediaStreamTrack';

const toTrack = webidl.interfaceConverter('MediaStreamTrack');

/** The track that a handle stands for. */
export let trackOfHandle: (handle: MediaStreamTrackHandle) => MediaStreamTrack;

/**
 * https://w3c.github.io/mediacapture-transform/#mediastreamtrackhandle. It cannot be transferred: Node lets no classes but
 * its own cross threads.
 */
export class MediaStreamTrackHandle {
  static {
    webidl.defineInterface('MediaStreamTrackHandle', this, (value) => #track in value);
    trackOfHandle = (handle) => handle.#track;
  }

  readonly #track: MediaStreamTrack;

  constructor(track: MediaStreamTrack) {
    const context = webidl.constructorContext('MediaStreamTrackHandle');
    webidl.requireArguments(arguments.length, 1, context);
    this.#track = toTrack(track, context);
  }
}

declare module '../webidl/types' {
  interface InterfaceTypes {
    MediaStreamTrackHandle: MediaStreamTrackHandle;
  }
}
