import type { ReadableStream, TransformStream, WritableStream } from 'node:stream/web';
import type { EventHandler } from '../../dom/event-handler';
import { EventTarget } from '../../dom/realm';
import * as webidl from '../../webidl';
import {
  type SFrameEarlierTransformOptions,
  toSFrameEarlierTransformOptions,
} from '../../webidl/generated/dictionaries';
import { type CryptoKey, type CryptoKeyID, KeyChanges, toSFrameKey } from './sframe-keys';
import { type Direction, directionFor, setKey, sframeTransformStream } from './sframe-processor';

/** The two interfaces have the same members; what differs is the direction. */
function earlierStreamInterface(name: string, role: Direction['role']) {
  return class extends EventTarget {
    static {
      webidl.defineInterface(name, this, (value) => #direction in value);
    }

    declare onerror: EventHandler;

    readonly #direction: Direction;
    readonly #keys = new KeyChanges();
    readonly #stream: TransformStream;

    constructor(options?: Partial<SFrameEarlierTransformOptions>) {
      const { cipherSuite } = toSFrameEarlierTransformOptions(options, webidl.constructorContext(name));
      super();
      this.#direction = directionFor(role, cipherSuite);
      this.#stream = sframeTransformStream(this.#direction, this.#keys, this);
    }

    get readable(): ReadableStream {
      return this.#stream.readable;
    }

    get writable(): WritableStream {
      return this.#stream.writable;
    }

    async setEncryptionKey(key: CryptoKey, keyID: CryptoKeyID = 0): Promise<void> {
      const direction = this.#direction;
      const context = webidl.operationContext('setEncryptionKey', name);
      webidl.requireArguments(arguments.length, 1, context);
      await this.#keys.derive(direction.context.suite, toSFrameKey(key, keyID, context), (frameKey) => {
        setKey(direction, frameKey);
      });
    }
  };
}

/** As drafts until 2025 had SFrameEncryptorStream. */
export const SFrameEncrypterStream = earlierStreamInterface('SFrameEncrypterStream', 'encrypt');
export type SFrameEncrypterStream = InstanceType<typeof SFrameEncrypterStream>;

/** As drafts until 2025 had SFrameDecryptorStream. */
export const SFrameDecrypterStream = earlierStreamInterface('SFrameDecrypterStream', 'decrypt');
export type SFrameDecrypterStream = InstanceType<typeof SFrameDecrypterStream>;

declare module '../../webidl/types' {
  interface InterfaceTypes {
    SFrameEncrypterStream: SFrameEncrypterStream;
    SFrameDecrypterStream: SFrameDecrypterStream;
  }
}
