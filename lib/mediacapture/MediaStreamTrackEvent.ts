import { Event } from '../dom/realm';
import * as webidl from '../webidl';
import { type MediaStreamTrackEventInit, toMediaStreamTrackEventInit } from '../webidl/generated/dictionaries';
import type { MediaStreamTrack } from './MediaStreamTrack';

const context = webidl.constructorContext('MediaStreamTrackEvent');

/** A track came to a stream, or left it. https://w3c.github.io/mediacapture-main/#mediastreamtrackevent */
export class MediaStreamTrackEvent extends Event {
  static {
    webidl.defineInterface('MediaStreamTrackEvent', this, (value) => #track in value);
  }

  readonly #track: MediaStreamTrack;

  constructor(
    type: string,
    eventInitDict: Partial<MediaStreamTrackEventInit> & Pick<MediaStreamTrackEventInit, 'track'>,
  ) {
    webidl.requireArguments(arguments.length, 2, context);
    const typeText = webidl.DOMString(type, context);
    const init = toMediaStreamTrackEventInit(eventInitDict, context);
    super(typeText, init);
    this.#track = init.track;
  }

  get track(): MediaStreamTrack {
    return this.#track;
  }
}

declare module '../webidl/types' {
  interface InterfaceTypes {
    MediaStreamTrackEvent: MediaStreamTrackEvent;
  }
}
