import { ReadableStream, type ReadableStreamDefaultController } from 'node:stream/web';
import * as webidl from '../webidl';
import { type MediaStreamTrackProcessorInit, toMediaStreamTrackProcessorInit } from '../webidl/generated/dictionaries';
import type { AudioData } from '../webcodecs/AudioData';
import type { VideoFrame } from '../webcodecs/VideoFrame';
import { toAudioData, toVideoFrame } from './media-frames';
import { type MediaStreamTrack, whenTrackEnds } from './MediaStreamTrack';
import { type MediaStreamTrackHandle, trackOfHandle } from './MediaStreamTrackHandle';
import { type SinkItems, TrackSink } from './track-sink';

const context = webidl.constructorContext('MediaStreamTrackProcessor');

/** What waits at most, unless a program asks for more: the newest picture; of sound, as in browsers, ten blocks. */
const defaultBufferSize = { video: 1, audio: 10 };

/** A track by itself is understood, too, as Chromium did before there was a dictionary. */
function readInit(value: unknown): { track: MediaStreamTrack; maxBufferSize: number } {
  if (webidl.isInterface('MediaStreamTrack', value)) {
    const track = value as MediaStreamTrack;
    return { track, maxBufferSize: defaultBufferSize[track.kind] };
  }
  const init = toMediaStreamTrackProcessorInit(value, context);
  const track = webidl.isInterface('MediaStreamTrackHandle', init.track)
    ? trackOfHandle(init.track as MediaStreamTrackHandle)
    : (init.track as MediaStreamTrack);
  // "If init.maxBufferSize has an integer value greater than 0"
  return { track, maxBufferSize: init.maxBufferSize || defaultBufferSize[track.kind] };
}

/** https://w3c.github.io/mediacapture-transform/#track-processor, also for sound, as Chromium has it. */
export class MediaStreamTrackProcessor {
  static {
    webidl.defineInterface('MediaStreamTrackProcessor', this, (value) => #readable in value);
  }

  readonly #readable: ReadableStream<VideoFrame | AudioData>;
  /** [[queue]] is in it: frames wait in native code until they are read. */
  readonly #sink: TrackSink<'audio' | 'video'>;

  constructor(init: MediaStreamTrackProcessorInit | MediaStreamTrack) {
    webidl.requireArguments(arguments.length, 1, context);
    const { track, maxBufferSize } = readInit(init);
    const { kind } = track;
    let controller: ReadableStreamDefaultController<VideoFrame | AudioData> | null = null;
    let forget: (() => void) | null = null;
    const sink = new TrackSink<'audio' | 'video'>(track, { capacity: maxBufferSize, pulled: true }, (item) => {
      const frame =
        kind === 'video' ? toVideoFrame(item as SinkItems['video']) : toAudioData(item as SinkItems['audio']);
      if (controller) controller.enqueue(frame);
      else frame.close();
    });
    this.#sink = sink;
    this.#readable = new ReadableStream<VideoFrame | AudioData>(
      {
        start: (given) => {
          controller = given;
          if (!sink.isOpen) given.close();
        },
        // https://w3c.github.io/mediacapture-transform/#processor-pull: one frame more, as soon as there is one.
        pull: () => {
          sink.pull(1);
        },
        cancel: () => {
          controller = null;
          forget?.();
          sink.close();
        },
      },
      { highWaterMark: 0 },
    );
    if (!sink.isOpen) return;
    // https://w3c.github.io/mediacapture-transform/#processor-close
    forget = whenTrackEnds(track, () => {
      controller?.close();
      controller = null;
    });
  }

  get readable(): ReadableStream<VideoFrame | AudioData> {
    return this.#readable;
  }

  /** Frames that were dropped because nobody read them in time. */
  get discardedFrames(): number {
    return this.#sink.counts.dropped;
  }

  get totalFrames(): number {
    return this.#sink.counts.received;
  }
}

declare module '../webidl/types' {
  interface InterfaceTypes {
    MediaStreamTrackProcessor: MediaStreamTrackProcessor;
  }
}
