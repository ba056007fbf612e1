import type { ReadableStream, TransformStream, WritableStream } from 'node:stream/web';
import { createDOMException } from '../../dom/dom-exception';
import type { EventHandler } from '../../dom/event-handler';
import { EventTarget } from '../../dom/realm';
import * as webidl from '../../webidl';
import {
  type SFrameEarlierTransformOptions,
  toSFrameEarlierTransformOptions,
} from '../../webidl/generated/dictionaries';
import type { FrameTransform } from './encoded-frame-stage';
import { type CryptoKey, type CryptoKeyID, KeyChanges, toSFrameKey } from './sframe-keys';
import { type Direction, directionFor, setKey, SFrameFrameTransform, sframeTransformStream } from './sframe-processor';

const INTERFACE = 'SFrameTransform';

/** Friend access for senders and receivers: null where the value is no such transform. */
export let sframeTransformOf: (value: unknown) => FrameTransform | null;
/** Of an SFrameTransform that is to be attached. @throws InvalidStateError when they are locked already */
export let lockStreamsOf: (value: unknown) => void;

/**
 * SFrame as drafts until 2025 and WebKit have it: a transform of a sender, a receiver, or of streams. Which way it goes its
 * owner says, or for streams the option `role`.
 */
export class SFrameTransform extends EventTarget {
  static {
    webidl.defineInterface(INTERFACE, this, (value) => #directions in value);
    sframeTransformOf = (value) => (webidl.isObject(value) && #directions in value ? value.#transform : null);
    lockStreamsOf = (value) => {
      if (webidl.isObject(value) && #directions in value) value.#lockStreams();
    };
  }

  declare onerror: EventHandler;

  readonly #directions: { readonly encrypt: Direction; readonly decrypt: Direction };
  readonly #keys = new KeyChanges();
  readonly #stream: TransformStream;
  readonly #transform: FrameTransform;

  constructor(options?: Partial<SFrameEarlierTransformOptions>) {
    const { cipherSuite, role } = toSFrameEarlierTransformOptions(options, webidl.constructorContext(INTERFACE));
    super();
    const directions = {
      encrypt: directionFor('encrypt', cipherSuite),
      decrypt: directionFor('decrypt', cipherSuite),
    };
    this.#directions = directions;
    this.#stream = sframeTransformStream(directions[role], this.#keys, this, true);
    this.#transform = new SFrameFrameTransform(
      ({ side }) => (side === 'sender' ? directions.encrypt : directions.decrypt),
      this,
    );
  }

  get readable(): ReadableStream {
    return this.#stream.readable;
  }

  get writable(): WritableStream {
    return this.#stream.writable;
  }

  async setEncryptionKey(key: CryptoKey, keyID: CryptoKeyID = 0): Promise<void> {
    const directions = this.#directions;
    const context = webidl.operationContext('setEncryptionKey', INTERFACE);
    webidl.requireArguments(arguments.length, 1, context);
    await this.#keys.derive(directions.encrypt.context.suite, toSFrameKey(key, keyID, context), (frameKey) => {
      setKey(directions.encrypt, frameKey);
      setKey(directions.decrypt, frameKey);
    });
  }

  /** "Let reader be the result of getting a reader", and a writer, of what is to be attached. */
  #lockStreams(): void {
    const { readable, writable } = this.#stream;
    if (readable.locked || writable.locked) {
      throw createDOMException('The streams of the transform are in use.', 'InvalidStateError');
    }
    readable.getReader();
    writable.getWriter();
  }
}

declare module '../../webidl/types' {
  interface InterfaceTypes {
    SFrameTransform: SFrameTransform;
  }
}
