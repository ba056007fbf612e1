import type { ReadableStream, TransformStream, WritableStream } from 'node:stream/web';
import type { EventHandler } from '../../dom/event-handler';
import { EventTarget } from '../../dom/realm';
import { SFrameDecryptor } from '../../media/sframe/sframe-context';
import * as webidl from '../../webidl';
import { type SFrameTransformOptions, toSFrameTransformOptions } from '../../webidl/generated/dictionaries';
import { type CryptoKey, type CryptoKeyID, KeyChanges, toCryptoKeyID, toSFrameKey } from './sframe-keys';
import { sframeTransformStream } from './sframe-processor';

const INTERFACE = 'SFrameDecryptorStream';

/** Buffers and encoded frames are decrypted; those that cannot be are dropped. https://w3c.github.io/webrtc-encoded-transform/#sframe */
export class SFrameDecryptorStream extends EventTarget {
  static {
    webidl.defineInterface(INTERFACE, this, (value) => #decryptor in value);
  }

  declare onerror: EventHandler;

  readonly #decryptor: SFrameDecryptor;
  readonly #keys = new KeyChanges();
  readonly #stream: TransformStream;

  constructor(options: SFrameTransformOptions) {
    const context = webidl.constructorContext(INTERFACE);
    webidl.requireArguments(arguments.length, 1, context);
    const { cipherSuite } = toSFrameTransformOptions(options, context);
    super();
    this.#decryptor = new SFrameDecryptor(cipherSuite);
    this.#stream = sframeTransformStream({ role: 'decrypt', context: this.#decryptor }, this.#keys, this);
  }

  get readable(): ReadableStream {
    return this.#stream.readable;
  }

  get writable(): WritableStream {
    return this.#stream.writable;
  }

  /** Frames of any key added are decrypted. https://w3c.github.io/webrtc-encoded-transform/#sframe-transform-methods */
  async addDecryptionKey(key: CryptoKey, keyId: CryptoKeyID): Promise<void> {
    const decryptor = this.#decryptor;
    const context = webidl.operationContext('addDecryptionKey', INTERFACE);
    webidl.requireArguments(arguments.length, 2, context);
    await this.#keys.derive(decryptor.suite, toSFrameKey(key, keyId, context), (frameKey) => {
      decryptor.addKey(frameKey);
    });
  }

  /** Does nothing when there is no such key. */
  async removeDecryptionKey(keyId: CryptoKeyID): Promise<void> {
    const decryptor = this.#decryptor;
    const context = webidl.operationContext('removeDecryptionKey', INTERFACE);
    webidl.requireArguments(arguments.length, 1, context);
    const id = toCryptoKeyID(keyId, context);
    await this.#keys.make(() => decryptor.removeKey(id));
  }
}

declare module '../../webidl/types' {
  interface InterfaceTypes {
    SFrameDecryptorStream: SFrameDecryptorStream;
  }
}
