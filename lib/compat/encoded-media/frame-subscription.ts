import { fireEvent } from '../../dom/fire-event';
import { Event } from '../../dom/realm';
import type { EncodedFeed, ObservedFrame } from '../../media/encoded-source';

/** `frame` of an encoded sink. */
class EncodedFrameEvent extends Event {
  readonly frame: ObservedFrame;

  constructor(frame: ObservedFrame) {
    super('frame');
    this.frame = frame;
  }
}

/** What the two sinks have in common: events at them, until they are stopped. */
export class FrameSubscription {
  readonly #feed: EncodedFeed;
  #end: (() => void) | null;

  constructor(feed: EncodedFeed, target: EventTarget) {
    this.#feed = feed;
    this.#end = feed.observe((frame) => {
      fireEvent(target, new EncodedFrameEvent(frame));
    });
  }

  get isStopped(): boolean {
    return this.#end === null;
  }

  requestKeyFrame(): void {
    if (this.#end) this.#feed.requestKeyFrame();
  }

  stop(): void {
    this.#end?.();
    this.#end = null;
  }
}
