import type { NativeAudioBlock, NativeAudioShape } from '../../binding/native-addon';
import { TrackSink } from '../../mediacapture/track-sink';
import { toDictionary, toInteger, toTrack } from './arguments';
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

/** What is not given is 0, and stays as it comes. */
function toFormat(value: unknown): NativeAudioShape | undefined {
  if (value === undefined) return undefined;
  const { sampleRate, channelCount } = toDictionary(value);
  return {
    sampleRate: sampleRate === undefined ? 0 : toInteger(sampleRate, { least: 8000, most: 65_535 }),
    channelCount: channelCount === undefined ? 0 : toInteger(channelCount, { least: 1, most: 8 }),
  };
}

/** Takes the sound of a track (docs/nonstandard.md). */
export class RTCAudioSink extends PlainEventTarget {
  ondata: ((event: RTCAudioSinkEvent) => unknown) | null = null;
  readonly #sink: TrackSink<'audio'>;
  #stopped = false;

  /** @param init `{ sampleRate, channelCount }` that the samples are to have; without it they are as they come */
  constructor(track: unknown, init?: unknown) {
    const audioTrack = toTrack(track, 'audio');
    const format = toFormat(init);
    super();
    this.#sink = new TrackSink<'audio'>(audioTrack, { capacity, format }, (block) => {
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
