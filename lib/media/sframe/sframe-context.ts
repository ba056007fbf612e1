import { type CipherSuite, type CipherSuiteName, cipherSuites } from './cipher-suites';
import type { FrameKey } from './frame-key';
import { encodeHeader, greatest, parseHeader } from './header';
import { ReplayWindow } from './replay-window';
import { SFrameError } from './sframe-error';

const none = new Uint8Array(0);

function joined(header: Uint8Array, metadata: Uint8Array): Uint8Array {
  return metadata.length === 0 ? header : Buffer.concat([header, metadata]);
}

/**
 * Encrypts frames: https://www.rfc-editor.org/rfc/rfc9605#section-4.4.3. There is one counter for all of its keys, which
 * never goes back, so that a key that is set anew meets none of its counters again.
 */
export class SFrameEncryptor {
  readonly suite: CipherSuite;
  #key: FrameKey | null = null;
  #counter: bigint;

  /** @param firstCounter for who has used the key before */
  constructor(suite: CipherSuiteName, firstCounter = 0n) {
    this.suite = cipherSuites[suite];
    this.#counter = firstCounter;
  }

  /** Frames from now on are encrypted with it. A key must not be used by two encryptors. */
  setKey(key: FrameKey): void {
    this.#key = key;
  }

  /**
   * @param metadata is authenticated, not carried: whoever decrypts has to know it
   * @throws SFrameError 'keyID' before there is a key; 'exhausted' after 2^64 frames
   */
  encrypt(plaintext: Uint8Array, metadata: Uint8Array = none): ArrayBuffer {
    const key = this.#key;
    if (!key) throw new SFrameError('keyID', 'There is no key to encrypt with yet.');
    if (this.#counter > greatest) throw new SFrameError('exhausted', 'All counters of this encryptor are used up.');
    const counter = this.#counter;
    const header = encodeHeader(key.keyId, counter);
    const frame = new Uint8Array(header.length + plaintext.length + key.overhead);
    frame.set(header);
    key.seal(counter, joined(header, metadata), plaintext, frame.subarray(header.length));
    this.#counter = counter + 1n;
    return frame.buffer;
  }
}

/** Decrypts frames: https://www.rfc-editor.org/rfc/rfc9605#section-4.4.4. Each is taken once (section 9.3). */
export class SFrameDecryptor {
  readonly suite: CipherSuite;
  readonly #keys = new Map<bigint, { readonly key: FrameKey; readonly window: ReplayWindow }>();

  constructor(suite: CipherSuiteName) {
    this.suite = cipherSuites[suite];
  }

  /** Adds a key, or puts it in the place of another with that id. The same one again changes nothing. */
  addKey(key: FrameKey): void {
    const { keyId } = key;
    if (this.#keys.get(keyId)?.key.equals(key)) return;
    this.#keys.set(keyId, { key, window: new ReplayWindow() });
  }

  /** @returns whether there was one */
  removeKey(keyId: bigint): boolean {
    return this.#keys.delete(keyId);
  }

  /**
   * @param metadata what the encryptor was given
   * @throws SFrameError; its kind is never 'exhausted'
   */
  decrypt(frame: Uint8Array, metadata: Uint8Array = none): ArrayBuffer {
    const { keyId, counter, size } = parseHeader(frame);
    const sealed = frame.subarray(size);
    if (sealed.length < this.suite.tagSize) {
      throw new SFrameError('syntax', `The SFrame is cut short: ${String(frame.length)} octets.`, keyId);
    }
    const entry = this.#keys.get(keyId);
    if (!entry) throw new SFrameError('keyID', `There is no key with the id ${String(keyId)}.`, keyId);
    const plaintext = entry.key.open(counter, joined(frame.subarray(0, size), metadata), sealed);
    if (!plaintext) throw new SFrameError('authentication', 'The SFrame is not what its sender encrypted.', keyId);
    // Looked up after the tag is known to be right: who cannot make frames cannot find out what was received.
    if (entry.window.has(counter)) {
      throw new SFrameError('replay', `An SFrame with the counter ${String(counter)} came before.`, keyId);
    }
    entry.window.add(counter);
    const { buffer, byteOffset, byteLength } = plaintext;
    const whole = buffer as ArrayBuffer;
    return byteLength === whole.byteLength ? whole : whole.slice(byteOffset, byteOffset + byteLength);
  }
}
