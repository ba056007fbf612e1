import { TrackSink } from '../../mediacapture/track-sink';
import type { NativeVideoFrame } from '../../binding/native-addon';
import { toTrack } from './arguments';
import { type PlainEvent, PlainEventTarget } from './plain-event-target';

/** Pictures that wait for JavaScript at most: a fifth of a second at 30 frames a second. */
const capacity = 6;

export interface RTCVideoFrame {
  readonly width: number;
  readonly height: number;
  readonly rotation: 0 | 90 | 180 | 270;
  readonly data: Uint8Array;
}

export interface RTCVideoSinkEvent extends PlainEvent {
  readonly type: 'frame';
  readonly frame: RTCVideoFrame;
}

/** Takes the pictures of a track (docs/nonstandard.md). */
export class RTCVideoSink extends PlainEventTarget {
  onframe: ((event: RTCVideoSinkEvent) => unknown) | null = null;
  readonly #sink: TrackSink<'video'>;
  #stopped = false;

  constructor(track: unknown) {
    const videoTrack = toTrack(track, 'video');
    super();
    this.#sink = new TrackSink<'video'>(videoTrack, { capacity }, (frame) => {
      this.#receive(frame);
    });
  }

  get stopped(): boolean {
    return this.#stopped;
  }

  stop(): void {
    this.#stopped = true;
    this.#sink.close();
  }

  #receive({ width, height, rotation, data }: NativeVideoFrame): void {
    const event: RTCVideoSinkEvent = { type: 'frame', frame: { width, height, rotation, data: new Uint8Array(data) } };
    this.dispatchEvent(event);
  }
}
