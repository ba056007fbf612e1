import { ReadableStream, type ReadableStreamDefaultController } from 'node:stream/web';
import type { EncodedFrame } from '../../media/encoded-frames';
import { LatestStreams } from './latest-streams';

/** Frames that may wait to be read. Chromium's number. */
export const longestQueue = 60;

/** Frames dropped after which a key frame is asked for again: the request, or the key frame, may have been lost. */
const patience = 30;

/**
 * Which frames are dropped while too many wait: all from the first on, and then those of the same stream up to its next key
 * frame, which could not be decoded without it.
 */
export class DropPolicy {
  /** Of each stream with a gap, by its SSRC: frames dropped since a key frame was asked for; none is on its way: Infinity. */
  readonly #gaps = new LatestStreams<number>();

  /**
   * @param waiting frames that were not read yet
   * @returns 'drop-and-ask' for a frame after which a key frame has to be asked for
   */
  judge({ kind, type, ssrc }: EncodedFrame, waiting: number): 'keep' | 'drop' | 'drop-and-ask' {
    const isFull = waiting >= longestQueue;
    if (kind === 'audio') return isFull ? 'drop' : 'keep';
    const dropped = this.#gaps.get(ssrc);
    if (!isFull && (dropped === undefined || type === 'key')) {
      this.#gaps.delete(ssrc);
      return 'keep';
    }
    // Without room the key frame would be dropped, too: the next one is asked for when there is some.
    const asks = dropped === undefined || (!isFull && dropped >= patience);
    if (asks) this.#gaps.set(ssrc, 0);
    else this.#gaps.set(ssrc, type === 'key' ? Infinity : dropped + 1);
    return asks ? 'drop-and-ask' : 'drop';
  }
}

/** The frames that scripts read, in order: a stream that takes any number of them and gives one whenever one is asked for. */
export class FrameQueue<Frame> {
  readonly readable: ReadableStream<Frame>;
  readonly #waiting: Frame[] = [];
  readonly #taken: () => void;
  #controller: ReadableStreamDefaultController<Frame> | null = null;
  #isWanted = false;
  #isEnded = false;
  #isClosed = false;

  /** @param taken called for each frame as it is read */
  constructor(taken: () => void = () => undefined) {
    this.#taken = taken;
    this.readable = new ReadableStream<Frame>(
      {
        start: (controller) => {
          this.#controller = controller;
        },
        pull: () => {
          this.#isWanted = true;
          this.#give();
        },
        cancel: () => {
          this.#isEnded = true;
          this.#waiting.length = 0;
          this.#controller = null;
        },
      },
      { highWaterMark: 0 },
    );
  }

  get length(): number {
    return this.#waiting.length;
  }

  get isCancelled(): boolean {
    return this.#controller === null;
  }

  push(frame: Frame): void {
    if (this.#isEnded) return;
    this.#waiting.push(frame);
    this.#give();
  }

  /** No frame comes any more; those that wait can still be read. */
  end(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#closeWhenRead();
  }

  #give(): void {
    const controller = this.#controller;
    if (!this.#isWanted || !controller) return;
    const frame = this.#waiting.shift();
    if (frame === undefined) return;
    this.#isWanted = false;
    this.#taken();
    // A pipe takes the frame before this returns, and its transform may end the queue, or cancel it.
    controller.enqueue(frame);
    this.#closeWhenRead();
  }

  #closeWhenRead(): void {
    if (!this.#isEnded || this.#isClosed || this.#waiting.length > 0) return;
    this.#isClosed = true;
    this.#controller?.close();
  }
}
