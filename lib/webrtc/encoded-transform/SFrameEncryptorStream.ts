import type { ReadableStream, TransformStream, WritableStream } from 'node:stream/web';
import { SFrameEncryptor } from '../../media/sframe/sframe-context';
import * as webidl from '../../webidl';
import { type SFrameTransformOptions, toSFrameTransformOptions } from '../../webidl/generated/dictionaries';
import { type CryptoKey, type CryptoKeyID, KeyChanges, toSFrameKey } from './sframe-keys';
import { sframeTransformStream } from './sframe-processor';

const INTERFACE = 'SFrameEncryptorStream';

/** Buffers and encoded frames are encrypted. https://w3c.github.io/webrtc-encoded-transform/#sframe */
export class SFrameEncryptorStream {
  static {
    webidl.defineInterface(INTERFACE, this, (value) => #encryptor in value);
  }

  readonly #encryptor: SFrameEncryptor;
  readonly #keys = new KeyChanges();
  readonly #stream: TransformStream;

  constructor(options: SFrameTransformOptions) {
    const context = webidl.constructorContext(INTERFACE);
    webidl.requireArguments(arguments.length, 1, context);
    this.#encryptor = new SFrameEncryptor(toSFrameTransformOptions(options, context).cipherSuite);
    this.#stream = sframeTransformStream({ role: 'encrypt', context: this.#encryptor }, this.#keys, null);
  }

  get readable(): ReadableStream {
    return this.#stream.readable;
  }

  get writable(): WritableStream {
    return this.#stream.writable;
  }

  /** https://w3c.github.io/webrtc-encoded-transform/#sframe-transform-methods */
  async setEncryptionKey(key: CryptoKey, keyId: CryptoKeyID): Promise<void> {
    const encryptor = this.#encryptor;
    const context = webidl.operationContext('setEncryptionKey', INTERFACE);
    webidl.requireArguments(arguments.length, 2, context);
    await this.#keys.derive(encryptor.suite, toSFrameKey(key, keyId, context), (frameKey) => {
      encryptor.setKey(frameKey);
    });
  }
}

declare module '../../webidl/types' {
  interface InterfaceTypes {
    SFrameEncryptorStream: SFrameEncryptorStream;
  }
}
