import { type ReadableStream, WritableStream } from 'node:stream/web';
import { createDOMException } from '../../dom/dom-exception';
import { copyData } from '../../dom/transfer-data';
import type { EncodedFrame } from '../../media/encoded-frames';
import { createEncodedFrame, encodedFrameSlotsOf, type RTCEncodedFrame } from './encoded-frame';
import { changesOf } from './encoded-frame-slots';
import type { EncodedFrameStage, FrameTransform } from './encoded-frame-stage';
import { DropPolicy, FrameQueue } from './frame-queue';

/** What createEncodedStreams() returns. */
export interface RTCEncodedStreams {
  readonly readable: ReadableStream<RTCEncodedFrame>;
  readonly writable: WritableStream<RTCEncodedFrame>;
}

/**
 * The streams of createEncodedStreams(), which Chromium had before there were transforms
 * (https://www.w3.org/TR/2020/WD-webrtc-insertable-streams-20200814/): frames are read and written in this very thread.
 */
export class EncodedStreams implements FrameTransform {
  readonly streams: RTCEncodedStreams;
  readonly #queue = new FrameQueue<RTCEncodedFrame>();
  readonly #drops = new DropPolicy();
  #stage: EncodedFrameStage | null = null;

  constructor() {
    const writable = new WritableStream<RTCEncodedFrame>({
      write: (frame) => {
        this.#write(frame);
      },
    });
    this.streams = { readable: this.#queue.readable, writable };
  }

  attach(stage: EncodedFrameStage): void {
    this.#stage = stage;
  }

  frame(frame: EncodedFrame): void {
    if (this.#queue.isCancelled) return;
    const verdict = this.#drops.judge(frame, this.#queue.length);
    if (verdict === 'keep') this.#queue.push(createEncodedFrame(frame, this));
    else if (verdict === 'drop-and-ask')
      this.#stage?.requestKeyFrame(frame.rid === undefined ? undefined : [frame.rid]);
  }

  detach(): void {
    this.#stage = null;
    this.#queue.end();
  }

  /** Errors of Chromium's: they error the stream. */
  #write(frame: unknown): void {
    const slots = encodedFrameSlotsOf(frame);
    if (!slots) throw new TypeError('What is written has to be an encoded frame.');
    // A processor cannot move frames between streams.
    if (slots.owner !== this) return;
    if (slots.progress.isWritten) throw createDOMException('The frame was written before.', 'OperationError');
    slots.progress.isWritten = true;
    // Chromium leaves the program its buffer in these streams, unlike those of a transformer.
    const data = copyData(slots.data);
    this.#stage?.write({ ...changesOf(slots), token: slots.token, data }, this);
  }
}
