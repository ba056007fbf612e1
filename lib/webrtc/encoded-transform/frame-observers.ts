import type { EncodedFrame, WrittenFrame } from '../../media/encoded-frames';
import type { ObservedFrame } from '../../media/encoded-source';
import { clockRateOf, RtpTimeline } from '../../media/rtp-timeline';
import { LatestStreams } from './latest-streams';

type Observer = (frame: ObservedFrame) => void;
type FrameFacts = Omit<EncodedFrame, 'data'>;
type Layer = FrameFacts & { data: ArrayBuffer };

/** Spatial layers of a picture as decoders take them: one after the other, or, where none needs another, the highest. */
function joinLayers(layers: readonly Layer[]): [FrameFacts, ArrayBuffer] {
  const top = layers.at(-1)!;
  if (layers.length === 1 || top.isIndependent) return [top, top.data];
  const { type, frameId, dependencies } = layers[0]!;
  const sizes = layers.map(({ data }) => data.byteLength);
  const joined = new Uint8Array(sizes.reduce((sum, size) => sum + size, 0));
  let offset = 0;
  for (const { data } of layers) {
    joined.set(new Uint8Array(data), offset);
    offset += data.byteLength;
  }
  const known = frameId === undefined || dependencies === undefined ? {} : { frameId, dependencies };
  return [{ ...top, type, ...known }, joined.buffer];
}

/** Frames that a transform may keep before they are forgotten here. */
const longestMemory = 256;

/** Those who look at the frames of one sender or receiver: after its transform, as the packetizer or the decoder gets them. */
export class FrameObservers {
  readonly #observers = new Set<Observer>();
  readonly #timelines = new LatestStreams<RtpTimeline>();
  /** What is known of frames that are in the transform, by their tokens, ascending. */
  readonly #underWay = new Map<number, FrameFacts>();
  /** Spatial layers of pictures that are not whole yet, by SSRC. */
  readonly #layers = new LatestStreams<Layer[]>();

  get isEmpty(): boolean {
    return this.#observers.size === 0;
  }

  add(observer: Observer): void {
    this.#observers.add(observer);
  }

  delete(observer: Observer): boolean {
    const was = this.#observers.delete(observer);
    if (this.isEmpty) {
      this.#underWay.clear();
      this.#layers.clear();
    }
    return was;
  }

  /** The frame goes into a transform. */
  remember(frame: EncodedFrame): void {
    if (this.isEmpty) return;
    const { data: _data, ...known } = frame;
    this.#underWay.set(frame.token, known);
    if (this.#underWay.size > longestMemory) this.#forget((this.#underWay.keys().next().value as number) + 1);
  }

  /** It came out. */
  showWritten({ token, data, ...changes }: WrittenFrame): void {
    const frame = this.#underWay.get(token);
    this.#forget(token + 1);
    if (frame) this.show({ ...frame, ...changes }, data);
  }

  /** A picture is shown as a whole. Tones are not: they are no frames of a codec, and have times and a clock of their own. */
  show(frame: FrameFacts, data: ArrayBuffer): void {
    if (frame.mimeType.toLowerCase() === 'audio/telephone-event') return;
    const waiting = this.#layers.get(frame.ssrc) ?? [];
    // Of a transform that has kept the last layer for itself.
    const layers = waiting[0]?.rtpTimestamp === frame.rtpTimestamp ? waiting : [];
    layers.push({ ...frame, data });
    if (frame.endsPicture === false) {
      this.#layers.set(frame.ssrc, layers);
      return;
    }
    this.#layers.delete(frame.ssrc);
    this.#showPicture(...joinLayers(layers));
  }

  #showPicture(frame: FrameFacts, data: ArrayBuffer): void {
    const { ssrc, rtpTimestamp, mimeType } = frame;
    const timeline = this.#timelines.get(ssrc) ?? new RtpTimeline();
    this.#timelines.set(ssrc, timeline);
    const byRtp = timeline.microseconds(rtpTimestamp, clockRateOf(mimeType));
    const { kind: _kind, token: _token, ssrc: _ssrc, endsPicture: _ends, isIndependent: _alone, ...members } = frame;
    for (const observer of [...this.#observers]) {
      observer({
        ...members,
        data: new Uint8Array(data.slice(0)),
        timestamp: frame.timestamp ?? byRtp,
        synchronizationSource: ssrc,
      });
    }
  }

  #forget(below: number): void {
    for (const token of this.#underWay.keys()) {
      if (token >= below) return;
      this.#underWay.delete(token);
    }
  }
}
