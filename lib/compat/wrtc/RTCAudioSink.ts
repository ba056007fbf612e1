import type { NativeAudioBlock } from '../../binding/native-addon';
import { TrackSink } from '../../mediacapture/track-sink';
import { toTrack } from './arguments';
import { type PlainEvent, PlainEventTarget } from './plain-event-target';

/** Blocks of 10 ms that wait for JavaScript at most: two seconds. */
const capacity = 200;

export interface RTCAudioSinkEvent extends PlainEvent {
  readonly type: 'data';
  readonly samples: Int16Array;
  readonly sampleRate: number;
  readonly bitsPerSample: 16;
  readonly channelCount: number;
  readonly numberOfFrames: number;
}

/** Takes the sound of a track (docs/nonstandard.md). */
export class RTCAudioSink extends PlainEventTarget {
  ondata: ((event: RTCAudioSinkEvent) => unknown) | null = null;
  readonly #sink: TrackSink<'audio'>;
  #stopped = false;

  constructor(track: unknown) {
    const audioTrack = toTrack(track, 'audio');
    super();
    this.#sink = new TrackSink<'audio'>(audioTrack, { capacity }, (block) => {
      this.#receive(block);
    });
  }

  get stopped(): boolean {
    return this.#stopped;
  }

  stop(): void {
    this.#stopped = true;
    this.#sink.close();
  }

  #receive({ data, sampleRate, channelCount, numberOfFrames }: NativeAudioBlock): void {
    const samples = new Int16Array(data);
    const event: RTCAudioSinkEvent = {
      type: 'data',
      samples,
      sampleRate,
      bitsPerSample: 16,
      channelCount,
      numberOfFrames,
    };
    this.dispatchEvent(event);
  }
}
