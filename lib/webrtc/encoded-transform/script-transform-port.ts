import { MessageChannel, type MessagePort, receiveMessageOnPort, type Transferable } from 'node:worker_threads';
import type { EncodedFrame } from '../../media/encoded-frames';
import type { EncodedFrameStage, FrameTransform } from './encoded-frame-stage';
import { DropPolicy, longestQueue } from './frame-queue';
import type { Settle } from './key-frame-tasks';
import {
  type FromTransformer,
  messageKey,
  type ToTransformer,
  type TransformMessage,
} from './script-transform-protocol';

/** A Worker of node:worker_threads, or anything that posts messages with a transfer list. */
export interface WorkerLike {
  postMessage(message: unknown, transfer: readonly unknown[]): void;
}

/** Ports of transforms that are gone with a connection which nobody has closed. */
const abandoned = new FinalizationRegistry<MessagePort>((port) => {
  port.close();
});

/**
 * The connection's end of an RTCRtpScriptTransform: frames go to its worker and come back through a message port, with
 * their data moved, not copied. A worker that has ended, or that never looked for transforms, gets at most as many frames
 * as may wait; nothing of it holds the process.
 */
export class ScriptTransformPort implements FrameTransform {
  readonly #port: MessagePort;
  readonly #drops = new DropPolicy();
  #stage: EncodedFrameStage | null = null;
  #sent = 0;
  #read = 0;
  #isEnded = false;

  /** @throws DataCloneError for options that cannot be cloned */
  constructor(worker: WorkerLike, options: unknown, transfer: readonly object[]) {
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    const message: TransformMessage = { [messageKey]: { options, port: port2 } };
    try {
      worker.postMessage(message, [...transfer, port2]);
    } catch (error) {
      port1.close();
      throw error;
    }
    // Node.js holds an open port, and the port its listeners: they do not hold this, which leads to the connection.
    const weak = new WeakRef(this);
    port1.on('message', (answer: FromTransformer) => {
      const self = weak.deref();
      if (self) self.#answered(answer);
    });
    port1.on('close', () => {
      const self = weak.deref();
      if (self) self.#end();
    });
    port1.unref();
    abandoned.register(this, port1, this);
  }

  attach(stage: EncodedFrameStage): void {
    this.#stage = stage;
    this.#post({ type: 'attached', kind: stage.kind, side: stage.side });
  }

  frame(frame: EncodedFrame): void {
    if (this.#isEnded) return;
    if (this.#sent - this.#read >= longestQueue) this.#catchUp();
    const verdict = this.#drops.judge(frame, this.#sent - this.#read);
    if (verdict === 'keep') {
      this.#sent += 1;
      this.#post({ type: 'frame', frame }, [frame.data]);
    } else if (verdict === 'drop-and-ask') {
      this.#stage?.requestKeyFrame(frame.rid === undefined ? undefined : [frame.rid]);
    }
  }

  keyFrameRequested(rid: string | undefined): boolean {
    if (this.#isEnded) return false;
    this.#post({ type: 'key-frame-request', rid });
    return true;
  }

  detach(): void {
    abandoned.unregister(this);
    this.#end();
    // What was posted still arrives; then the other end closes, too.
    this.#port.close();
  }

  /** The worker may have read, and said so, while this thread was busy. */
  #catchUp(): void {
    for (let next = receiveMessageOnPort(this.#port); next; next = receiveMessageOnPort(this.#port)) {
      this.#answered(next.message as FromTransformer);
    }
  }

  #end(): void {
    this.#isEnded = true;
    this.#stage = null;
  }

  #answered(answer: FromTransformer): void {
    const stage = this.#stage;
    switch (answer.type) {
      case 'write':
        this.#read = answer.read;
        stage?.write(answer.frame, this);
        return;
      case 'read':
        this.#read = answer.read;
        return;
      case 'cancelled':
        this.#isEnded = true;
        return;
      case 'generate-key-frame': {
        const settle: Settle = (refusal, timestamp) => {
          if (answer.id >= 0) this.#post({ type: 'settled', id: answer.id, refusal, timestamp });
        };
        stage?.generateKeyFrame(answer.rid, settle);
        return;
      }
      case 'send-key-frame-request':
        stage?.requestKeyFrame();
        this.#post({ type: 'settled', id: answer.id, refusal: null });
    }
  }

  #post(message: ToTransformer, transfer: readonly Transferable[] = []): void {
    this.#port.postMessage(message, transfer);
  }
}
