import type { ReadableStream, TransformStream, WritableStream } from 'node:stream/web';
import type { EventHandler } from '../../dom/event-handler';
import { EventTarget } from '../../dom/realm';
import * as webidl from '../../webidl';
import {
  type SFrameEarlierTransformOptions,
  toSFrameEarlierTransformOptions,
} from '../../webidl/generated/dictionaries';
import { baseKeyOf, type CryptoKey, type CryptoKeyID, toCryptoKey, toCryptoKeyID } from './sframe-keys';
import { type Direction, directionFor, setKey, sframeTransformStream } from './sframe-processor';

const INTERFACE = 'SFrameDecrypterStream';

/** As drafts until 2025 had SFrameDecryptorStream. */
export class SFrameDecrypterStream extends EventTarget {
  static {
    webidl.defineInterface(INTERFACE, this, (value) => #direction in value);
  }

  declare onerror: EventHandler;

  readonly #direction: Direction;
  readonly #stream: TransformStream;

  constructor(options?: Partial<SFrameEarlierTransformOptions>) {
    const { cipherSuite } = toSFrameEarlierTransformOptions(options, webidl.constructorContext(INTERFACE));
    super();
    this.#direction = directionFor('decrypt', cipherSuite);
    this.#stream = sframeTransformStream(this.#direction, this);
  }

  get readable(): ReadableStream {
    return this.#stream.readable;
  }

  get writable(): WritableStream {
    return this.#stream.writable;
  }

  /** Without a keyID it is that of 0. */
  async setEncryptionKey(key: CryptoKey, keyID?: CryptoKeyID): Promise<void> {
    const direction = this.#direction;
    const context = webidl.operationContext('setEncryptionKey', INTERFACE);
    webidl.requireArguments(arguments.length, 1, context);
    const cryptoKey = toCryptoKey(key, context);
    const id = keyID === undefined ? 0n : toCryptoKeyID(keyID, context);
    const baseKey = baseKeyOf(cryptoKey, context);
    setKey(direction, baseKey, id);
  }
}

declare module '../../webidl/types' {
  interface InterfaceTypes {
    SFrameDecrypterStream: SFrameDecrypterStream;
  }
}
