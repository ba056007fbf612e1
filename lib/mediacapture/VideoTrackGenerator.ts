import type { WritableStream } from 'node:stream/web';
import { queueTask } from '../dom/queue-task';
import * as webidl from '../webidl';
import { type GeneratorStream, createGeneratorStream } from './generator-stream';
import { sendVideoFrame } from './media-frames';
import { type MediaStreamTrack, createTrack, endTrack, setTrackMuted } from './MediaStreamTrack';
import { VideoProgramSource } from './program-source';
import { type TrackSource, liveTracksOf } from './track-source';

/** https://w3c.github.io/mediacapture-transform/#video-track-generator */
export class VideoTrackGenerator {
  static {
    webidl.defineInterface('VideoTrackGenerator', this, (value) => #source in value);
  }

  readonly #source: VideoProgramSource;
  readonly #stream: GeneratorStream;
  readonly #track: MediaStreamTrack;
  #isMuted = false;

  constructor() {
    this.#source = new VideoProgramSource({
      // "Closing the writable": the last track has ended.
      stopped: () => {
        this.#stream.close();
      },
    });
    // https://w3c.github.io/mediacapture-transform/#video-track-generator-write-frame
    const write = (chunk: unknown) => {
      // 1. If frame is not a VideoFrame, or is detached, return a promise rejected with a TypeError.
      // 2. If [[isMuted]] is false, send it on every live track of this source.
      const isWanted = !this.#isMuted && liveTracksOf(this.#source).length > 0;
      sendVideoFrame(chunk, isWanted ? this.#source.native() : null);
      // 3. Close frame.
      (chunk as { close(): void }).close();
    };
    this.#stream = createGeneratorStream(write, () => {
      endAll(this.#source);
    });
    this.#track = createTrack({ kind: 'video', label: this.#source.label, source: this.#source });
  }

  get writable(): WritableStream {
    return this.#stream.writable;
  }

  get track(): MediaStreamTrack {
    return this.#track;
  }

  get muted(): boolean {
    return this.#isMuted;
  }

  /** https://w3c.github.io/mediacapture-transform/#dom-videotrackgenerator-muted */
  set muted(value: boolean) {
    const before = this.#isMuted;
    const muted = webidl.boolean(value, webidl.setterContext('muted', 'VideoTrackGenerator'));
    // 1. – 2. If it stays what it is, abort these steps.
    if (before === muted) return;
    this.#isMuted = muted;
    // 3. For each live track of this source, queue a task to set its muted state.
    queueTask(() => {
      const [track] = liveTracksOf(this.#source);
      if (track) setTrackMuted(track, muted);
    });
  }
}

/** The stream was closed by who wrote it: its tracks end, and say so. */
export function endAll(source: TrackSource): void {
  for (const track of liveTracksOf(source)) {
    queueTask(() => {
      endTrack(track);
    });
  }
}

declare module '../webidl/types' {
  interface InterfaceTypes {
    VideoTrackGenerator: VideoTrackGenerator;
  }
}
