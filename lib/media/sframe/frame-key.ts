import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  timingSafeEqual,
  webcrypto,
  type CipherGCMTypes,
} from 'node:crypto';
import { type CipherSuite, nonceSize } from './cipher-suites';

const empty = Buffer.alloc(0);

/**
 * HKDF-Extract and Expand (RFC 5869), in the ways that Web Cryptography has for a key that may not leave it: Node.js
 * wants no `KeyObject` to be made of one (DEP0204).
 */
async function hkdf(suite: CipherSuite, baseKey: webcrypto.CryptoKey, info: Buffer, size: number): Promise<Buffer> {
  const hash = suite.hash === 'sha256' ? 'SHA-256' : 'SHA-512';
  const algorithm = { name: 'HKDF', hash, salt: empty, info };
  const length = size * 8;
  const { subtle } = webcrypto;
  if (baseKey.usages.includes('deriveBits')) return Buffer.from(await subtle.deriveBits(algorithm, baseKey, length));
  // A key of HMAC may have any length.
  const derived = await subtle.deriveKey(algorithm, baseKey, { name: 'HMAC', hash, length }, true, ['sign']);
  return Buffer.from(await subtle.exportKey('raw', derived));
}

/**
 * What comes out of a base key for one key id: https://www.rfc-editor.org/rfc/rfc9605#section-4.4.2
 * @param baseKey of HKDF, to derive keys or bits with
 */
export async function deriveFrameKey(
  suite: CipherSuite,
  baseKey: webcrypto.CryptoKey,
  keyId: bigint,
): Promise<FrameKey> {
  const suffix = Buffer.alloc(10);
  suffix.writeBigUInt64BE(keyId);
  suffix.writeUInt16BE(suite.id, 8);
  const derive = (label: string, size: number): Promise<Buffer> =>
    hkdf(suite, baseKey, Buffer.concat([Buffer.from(label, 'latin1'), suffix]), size);
  const [key, salt] = await Promise.all([
    derive('SFrame 1.0 Secret key ', suite.keySize),
    derive('SFrame 1.0 Secret salt ', nonceSize),
  ]);
  return new FrameKey(suite, keyId, key, salt);
}

/** The key and the salt that frames with one key id are encrypted with. */
export class FrameKey {
  readonly keyId: bigint;
  readonly #suite: CipherSuite;
  readonly #key: Buffer;
  readonly #salt: Buffer;

  constructor(suite: CipherSuite, keyId: bigint, key: Buffer, salt: Buffer) {
    this.keyId = keyId;
    this.#suite = suite;
    this.#key = key;
    this.#salt = salt;
  }

  get overhead(): number {
    return this.#suite.tagSize;
  }

  equals(other: FrameKey): boolean {
    return this.#suite === other.#suite && timingSafeEqual(this.#key, other.#key);
  }

  /** Ciphertext and tag into `target`, which has the size of both. */
  seal(counter: bigint, associated: Uint8Array, plaintext: Uint8Array, target: Uint8Array): void {
    const nonce = this.#nonce(counter);
    const { cipher, isGcm, tagSize } = this.#suite;
    if (isGcm) {
      const aead = createCipheriv(cipher as CipherGCMTypes, this.#key, nonce, { authTagLength: tagSize });
      aead.setAAD(associated);
      target.set(aead.update(plaintext));
      aead.final();
      target.set(aead.getAuthTag(), plaintext.length);
      return;
    }
    const sealed = target.subarray(0, plaintext.length);
    sealed.set(createCipheriv(cipher, this.#cipherKey, counterBlock(nonce)).update(plaintext));
    target.set(this.#tag(nonce, associated, sealed), plaintext.length);
  }

  /** @returns null where the tag is wrong */
  open(counter: bigint, associated: Uint8Array, sealed: Uint8Array): Uint8Array | null {
    const nonce = this.#nonce(counter);
    const { cipher, isGcm, tagSize } = this.#suite;
    const inner = sealed.subarray(0, sealed.length - tagSize);
    const tag = sealed.subarray(sealed.length - tagSize);
    if (isGcm) {
      const aead = createDecipheriv(cipher as CipherGCMTypes, this.#key, nonce, { authTagLength: tagSize });
      aead.setAAD(associated);
      aead.setAuthTag(tag);
      const plaintext = aead.update(inner);
      try {
        aead.final();
      } catch {
        return null; // the one thing that final() has to say
      }
      return plaintext;
    }
    if (!timingSafeEqual(this.#tag(nonce, associated, inner), tag)) return null;
    return createDecipheriv(cipher, this.#cipherKey, counterBlock(nonce)).update(inner);
  }

  get #cipherKey(): Buffer {
    return this.#key.subarray(0, this.#suite.cipherKeySize);
  }

  #nonce(counter: bigint): Buffer {
    const nonce = Buffer.from(this.#salt);
    const tail = nonceSize - 8;
    nonce.writeBigUInt64BE(nonce.readBigUInt64BE(tail) ^ counter, tail);
    return nonce;
  }

  /** compute_tag: https://www.rfc-editor.org/rfc/rfc9605#section-4.5.1 */
  #tag(nonce: Buffer, associated: Uint8Array, ciphertext: Uint8Array): Buffer {
    const { hash, cipherKeySize, tagSize } = this.#suite;
    const lengths = Buffer.alloc(24);
    lengths.writeBigUInt64BE(BigInt(associated.length), 0);
    lengths.writeBigUInt64BE(BigInt(ciphertext.length), 8);
    lengths.writeBigUInt64BE(BigInt(tagSize), 16);
    const mac = createHmac(hash, this.#key.subarray(cipherKeySize));
    return mac.update(lengths).update(nonce).update(associated).update(ciphertext).digest().subarray(0, tagSize);
  }
}

function counterBlock(nonce: Buffer): Buffer {
  return Buffer.concat([nonce], 16);
}
