import { nativeAddon } from '../binding/load';
import type { NativeAudioBlock, NativeAudioShape, NativeMediaSink, NativeVideoFrame } from '../binding/native-addon';
import { NativeLink } from '../transport/native-link';
import { countSink } from './in-flight';
import { type MediaStreamTrack, nativeTrackOf, trackSlotsOf, whenTrackEnds } from './MediaStreamTrack';

/** What arrives, by the kind of the track. */
export interface SinkItems {
  video: NativeVideoFrame;
  audio: NativeAudioBlock;
}

export interface SinkOptions {
  /** So many wait at most while JavaScript is busy; then the oldest are dropped. */
  readonly capacity: number;
  /** Whether nothing comes unless {@link TrackSink.pull} asks for it. */
  readonly pulled?: boolean;
  /** Of sound: what it is converted to. */
  readonly format?: NativeAudioShape | undefined;
}

/**
 * Takes what a track delivers, until it is closed or the track ends. It lives as long as its track; where the source
 * makes media by itself (a device), until then even if nobody holds the track.
 */
export class TrackSink<Kind extends 'audio' | 'video'> {
  #link: NativeLink<NativeMediaSink> | null = null;
  #forget: (() => void) | null = null;
  #lastCounts = { received: 0, dropped: 0 };

  constructor(track: MediaStreamTrack, options: SinkOptions, receive: (item: SinkItems[Kind]) => void) {
    const native = nativeTrackOf(track);
    if (!native) return;
    const { VideoSink, AudioSink } = nativeAddon();
    const Sink = track.kind === 'video' ? VideoSink : AudioSink;
    const link = new NativeLink(
      new Sink(native, options.capacity, options.pulled ?? false, options.format),
      (_kind, _number, value) => {
        receive(value as SinkItems[Kind]);
      },
    );
    this.#link = link;
    const { source } = trackSlotsOf(track);
    link.hold(source.isSelfRunning ?? false);
    const isGone = countSink(source);
    const forget = whenTrackEnds(track, () => {
      this.close();
    });
    this.#forget = () => {
      forget();
      isGone();
    };
  }

  /** Whether it can still receive something. */
  get isOpen(): boolean {
    return this.#link !== null;
  }

  /** What the track has delivered, and what of it was dropped because nobody took it in time. */
  get counts(): { received: number; dropped: number } {
    return this.#link?.handle.counts() ?? this.#lastCounts;
  }

  pull(count: number): void {
    this.#link?.handle.pull(count);
  }

  close(): void {
    this.#forget?.();
    this.#forget = null;
    this.#lastCounts = this.counts;
    this.#link?.close();
    this.#link = null;
  }
}
