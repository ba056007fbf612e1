import { createDOMException } from '../../dom/dom-exception';
import { SFrameEncryptor } from '../../media/sframe/sframe-context';
import * as webidl from '../../webidl';
import { type RTCRtpSFrameEncryptorOptions, toRTCRtpSFrameEncryptorOptions } from '../../webidl/generated/dictionaries';
import type { FrameTransform } from './encoded-frame-stage';
import { type CryptoKey, type CryptoKeyID, KeyChanges, toSFrameKey } from './sframe-keys';
import { SFrameFrameTransform } from './sframe-processor';

const INTERFACE = 'RTCRtpSFrameEncryptor';

/** Friend access for the senders: null where the value is no such transform. */
export let sframeEncryptorTransformOf: (value: unknown) => FrameTransform | null;

/** Frames of a sender are encrypted. https://w3c.github.io/webrtc-encoded-transform/#sframe */
export class RTCRtpSFrameEncryptor {
  static {
    webidl.defineInterface(INTERFACE, this, (value) => #encryptor in value);
    sframeEncryptorTransformOf = (value) => (webidl.isObject(value) && #encryptor in value ? value.#transform : null);
  }

  readonly #encryptor: SFrameEncryptor;
  readonly #keys = new KeyChanges();
  readonly #transform: FrameTransform;

  /** @throws NotSupportedError for SFrame per packet, which is not supported */
  constructor(options: Partial<RTCRtpSFrameEncryptorOptions> & Pick<RTCRtpSFrameEncryptorOptions, 'cipherSuite'>) {
    const context = webidl.constructorContext(INTERFACE);
    webidl.requireArguments(arguments.length, 1, context);
    const { cipherSuite, type } = toRTCRtpSFrameEncryptorOptions(options, context);
    if (type !== 'per-frame') {
      throw createDOMException(`${context}: SFrame per packet is not supported.`, 'NotSupportedError');
    }
    const encryptor = new SFrameEncryptor(cipherSuite);
    this.#encryptor = encryptor;
    this.#transform = new SFrameFrameTransform(() => ({ role: 'encrypt', context: encryptor }), null);
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
    RTCRtpSFrameEncryptor: RTCRtpSFrameEncryptor;
  }
}
