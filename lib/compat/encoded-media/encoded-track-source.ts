import { fireEvent } from '../../dom/fire-event';
import { queueTask } from '../../dom/queue-task';
import type { EncodedFeed, EncodedSink, EncodedSource, ObservedFrame, SourceFrame } from '../../media/encoded-source';
import type { TrackSource } from '../../mediacapture/track-source';
import { WeakList } from '../../mediacapture/weak-list';
import * as webidl from '../../webidl';
import type {
  MediaTrackCapabilities,
  MediaTrackSettings,
  RTCRtpCodecParameters,
} from '../../webidl/generated/dictionaries';
import { KeyFrameRequestEvent } from '../../webrtc/encoded-transform/KeyFrameRequestEvent';

interface SinkState {
  needsKeyFrame: boolean;
  /** @returns whether it was there */
  readonly forget: () => boolean;
}

/** The source of tracks whose frames a program pushes, encoded. Each sender of such a track begins with a key frame. */
export class EncodedTrackSource implements TrackSource, EncodedSource, EncodedFeed {
  readonly kind: 'audio' | 'video';
  readonly mimeType: string;
  readonly label: string;
  /** Where events are fired. */
  readonly #target: EventTarget;
  /** The source lives on when a sender, and its connection, are lost. */
  readonly #sinks = new WeakList<EncodedSink>();
  readonly #states = new WeakMap<EncodedSink, SinkState>();
  readonly #observers = new Set<(frame: ObservedFrame) => void>();
  /** Rids that an event is on its way for; null: all. */
  readonly #requested = new Set<string | null>();
  #isCodecChangeQueued = false;
  #size: { width: number; height: number } | null = null;

  constructor(kind: 'audio' | 'video', mimeType: string, target: EventTarget) {
    this.kind = kind;
    this.mimeType = mimeType;
    this.label = `encoded ${kind}`;
    this.#target = target;
  }

  get encodedSource(): EncodedSource {
    return this;
  }

  get encodedFeed(): EncodedFeed {
    return this;
  }

  capabilities(): MediaTrackCapabilities {
    return {};
  }

  settings(): MediaTrackSettings {
    return this.#size ? { ...this.#size } : {};
  }

  stop(): void {
    // The program pushes, or does not; without senders nobody takes it.
  }

  /** @returns how many senders took it */
  push(frame: SourceFrame): number {
    const isKey = frame.type === 'key';
    if (isKey && frame.width !== undefined && frame.height !== undefined) {
      this.#size = { width: frame.width, height: frame.height };
    }
    let taken = 0;
    for (const sink of this.#sinks.items) {
      const state = this.#states.get(sink);
      if (!state || !this.#fits(sink) || (state.needsKeyFrame && !isKey)) continue;
      state.needsKeyFrame = false;
      sink.push(frame);
      taken += 1;
    }
    const { rotation: _rotation, ...members } = frame;
    for (const observer of [...this.#observers]) {
      observer({ ...members, data: Uint8Array.from(frame.data), mimeType: this.mimeType });
    }
    return taken;
  }

  get codecs(): RTCRtpCodecParameters[] {
    return this.#sinks.items.flatMap(({ codec }) => (codec ? [{ ...codec }] : []));
  }

  addSink(sink: EncodedSink): void {
    this.#states.set(sink, { needsKeyFrame: false, forget: this.#sinks.add(sink) });
    this.codecChanged(sink);
  }

  removeSink(sink: EncodedSink): void {
    if (!this.#states.get(sink)?.forget()) return;
    this.#states.delete(sink);
    if (sink.codec) this.#tellCodecChange();
  }

  codecChanged(sink: EncodedSink): void {
    const state = this.#states.get(sink);
    if (!state) return;
    if (sink.codec) this.#tellCodecChange();
    if (this.kind !== 'video' || !this.#fits(sink)) return;
    state.needsKeyFrame = true;
    this.keyFrameRequested(sink);
  }

  keyFrameRequested(_sink: EncodedSink, rid?: string): void {
    this.requestKeyFrame(rid);
  }

  observe(observer: (frame: ObservedFrame) => void): () => void {
    this.#observers.add(observer);
    return () => {
      this.#observers.delete(observer);
    };
  }

  /** Those of one turn are one event. */
  requestKeyFrame(rid: string | null = null): void {
    if (this.kind !== 'video' || this.#requested.has(rid)) return;
    this.#requested.add(rid);
    queueTask(() => {
      this.#requested.delete(rid);
      const event = new KeyFrameRequestEvent('keyframerequest', rid ?? undefined, webidl.constructionKey);
      fireEvent(this.#target, event);
    });
  }

  #fits({ codec }: EncodedSink): boolean {
    return codec?.mimeType.toLowerCase() === this.mimeType.toLowerCase();
  }

  #tellCodecChange(): void {
    if (this.#isCodecChangeQueued) return;
    this.#isCodecChangeQueued = true;
    queueTask(() => {
      this.#isCodecChangeQueued = false;
      fireEvent(this.#target, 'codecchange');
    });
  }
}
