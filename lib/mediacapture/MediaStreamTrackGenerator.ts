import type { WritableStream } from 'node:stream/web';
import * as webidl from '../webidl';
import { type MediaStreamTrackGeneratorInit, toMediaStreamTrackGeneratorInit } from '../webidl/generated/dictionaries';
import { type GeneratorStream, createGeneratorStream } from './generator-stream';
import { sendAudioData, sendVideoFrame } from './media-frames';
import { MediaStreamTrack } from './MediaStreamTrack';
import { AudioProgramSource, VideoProgramSource } from './program-source';
import { liveTracksOf } from './track-source';
import { endAll } from './VideoTrackGenerator';

const context = webidl.constructorContext('MediaStreamTrackGenerator');

/** A track and the stream that feeds it in one, as Chromium has it; for sound there is no other. */
export class MediaStreamTrackGenerator extends MediaStreamTrack {
  static {
    webidl.defineInterface('MediaStreamTrackGenerator', this, (value) => #stream in value);
  }

  readonly #stream: GeneratorStream;

  constructor(init: MediaStreamTrackGeneratorInit | MediaStreamTrackGeneratorInit['kind']) {
    webidl.requireArguments(arguments.length, 1, context);
    const dictionary = typeof init === 'string' ? { kind: init } : init;
    const { kind } = toMediaStreamTrackGeneratorInit(dictionary, context);
    // The source is asked only when a track of it has ended, which is after the stream was made.
    const stopped = () => {
      this.#stream.close();
    };
    const source = kind === 'video' ? new VideoProgramSource({ stopped }) : new AudioProgramSource({ stopped });
    super(webidl.constructionKey, { kind, label: source.label, source });
    const write = (chunk: unknown) => {
      const isWanted = liveTracksOf(source).length > 0;
      if (source instanceof VideoProgramSource) sendVideoFrame(chunk, isWanted ? source.native() : null);
      else sendAudioData(chunk, isWanted ? source.native() : null);
      (chunk as { close(): void }).close();
    };
    this.#stream = createGeneratorStream(write, () => {
      endAll(source);
    });
  }

  get writable(): WritableStream {
    return this.#stream.writable;
  }
}

declare module '../webidl/types' {
  interface InterfaceTypes {
    MediaStreamTrackGenerator: MediaStreamTrackGenerator;
  }
}
