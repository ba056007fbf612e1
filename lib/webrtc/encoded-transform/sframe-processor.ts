import { TransformStream, type TransformStreamDefaultController } from 'node:stream/web';
import { fireEvent } from '../../dom/fire-event';
import { queueTask } from '../../dom/queue-task';
import type { EncodedFrame } from '../../media/encoded-frames';
import type { CipherSuiteName } from '../../media/sframe/cipher-suites';
import type { FrameKey } from '../../media/sframe/frame-key';
import { SFrameDecryptor, SFrameEncryptor } from '../../media/sframe/sframe-context';
import { SFrameError } from '../../media/sframe/sframe-error';
import * as webidl from '../../webidl';
import { createEncodedFrame, encodedFrameSlotsOf } from './encoded-frame';
import type { EncodedFrameStage, FrameTransform } from './encoded-frame-stage';
import { fromKeyID, type KeyChanges } from './sframe-keys';
import { SFrameTransformErrorEvent } from './SFrameTransformErrorEvent';

/** One direction of SFrame, with its keys. */
export type Direction =
  | { readonly role: 'encrypt'; readonly context: SFrameEncryptor }
  | { readonly role: 'decrypt'; readonly context: SFrameDecryptor };

export function directionFor(role: 'encrypt' | 'decrypt', suite: CipherSuiteName): Direction {
  return role === 'encrypt'
    ? { role, context: new SFrameEncryptor(suite) }
    : { role, context: new SFrameDecryptor(suite) };
}

export function setKey({ role, context }: Direction, key: FrameKey): void {
  if (role === 'encrypt') context.setKey(key);
  else context.addKey(key);
}

/** "Queue a task to run the following sub steps": an `error` event at the one whose keys did not fit. */
function tellError(target: EventTarget, error: SFrameError, frame: unknown): void {
  // The draft has no word for a frame that comes twice: what is wrong with it is that its sender did not send it now.
  const errorType = error.kind === 'syntax' || error.kind === 'keyID' ? error.kind : 'authentication';
  const keyID = errorType === 'keyID' && error.keyId !== null ? fromKeyID(error.keyId) : null;
  queueTask(() => {
    fireEvent(target, new SFrameTransformErrorEvent('error', { errorType, frame, keyID }));
  });
}

/**
 * The SFrame transform algorithm (https://w3c.github.io/webrtc-encoded-transform/#sframe-transform-algorithm).
 * @param target where errors of decryption are told; without one frames are dropped in silence
 * @returns null when the frame is to be dropped
 */
function process(
  { role, context }: Direction,
  data: Uint8Array,
  frame: () => unknown,
  target: EventTarget | null,
): ArrayBuffer | null {
  try {
    return role === 'encrypt' ? context.encrypt(data) : context.decrypt(data);
  } catch (error) {
    if (!(error instanceof SFrameError)) throw error;
    if (role === 'decrypt' && target) tellError(target, error, frame());
    return null;
  }
}

/** SFrame as the transform of a sender or receiver: on the connection's thread, frame by frame. */
export class SFrameFrameTransform implements FrameTransform {
  readonly #directionOf: (stage: EncodedFrameStage) => Direction;
  readonly #target: EventTarget | null;
  #attached: { readonly stage: EncodedFrameStage; readonly direction: Direction } | null = null;

  constructor(directionOf: (stage: EncodedFrameStage) => Direction, target: EventTarget | null) {
    this.#directionOf = directionOf;
    this.#target = target;
  }

  attach(stage: EncodedFrameStage): void {
    this.#attached = { stage, direction: this.#directionOf(stage) };
  }

  frame(frame: EncodedFrame): void {
    if (!this.#attached) return;
    const { stage, direction } = this.#attached;
    const asObject = (): unknown => createEncodedFrame(frame, this);
    const data = process(direction, new Uint8Array(frame.data), asObject, this.#target);
    if (data) stage.write({ token: frame.token, data }, this);
  }

  detach(): void {
    this.#attached = null;
  }
}

/** The streams of GenericTransformStream: buffers and frames in, the same out. */
export function sframeTransformStream(
  direction: Direction,
  keys: KeyChanges,
  target: EventTarget | null,
  givesEmptyForUndecryptable = false,
): TransformStream<unknown, unknown> {
  const transformer = {
    async transform(chunk: unknown, controller: TransformStreamDefaultController<unknown>) {
      const slots = encodedFrameSlotsOf(chunk);
      const isBuffer = webidl.isArrayBuffer(chunk) || webidl.isArrayBufferView(chunk);
      // "If data is undefined, abort these steps": as an error, which web-platform-tests want.
      if (!slots && !isBuffer) throw new TypeError('What is written has to be a buffer or an encoded frame.');
      // What is written after a key was set meets that key, also when nobody has waited for it.
      if (keys.pending) await keys.pending;
      const data = slots ? slots.data : (chunk as ArrayBuffer | ArrayBufferView);
      const result = process(direction, webidl.bytesOf(data), () => chunk, target);
      if (slots && result) {
        slots.data = result;
        controller.enqueue(chunk);
      } else if (isBuffer && (result || givesEmptyForUndecryptable)) {
        controller.enqueue(result ?? new ArrayBuffer(0));
      }
    },
  };
  // One chunk is processed before anybody reads, so that who waits for write() first is not waiting for ever.
  return new TransformStream<unknown, unknown>(transformer, {}, { highWaterMark: 1 });
}
