import type { webcrypto } from 'node:crypto';
import { types } from 'node:util';
import { createDOMException } from '../../dom/dom-exception';
import type { CipherSuite } from '../../media/sframe/cipher-suites';
import { deriveFrameKey, type FrameKey } from '../../media/sframe/frame-key';
import { greatest } from '../../media/sframe/header';
import * as webidl from '../../webidl';

export type CryptoKey = webcrypto.CryptoKey;
/** https://w3c.github.io/webrtc-encoded-transform/#typedefdef-cryptokeyid */
export type CryptoKeyID = number | bigint;

const toCryptoKey: webidl.Converter<CryptoKey> = (value, context) => {
  if (!types.isCryptoKey(value))
    throw webidl.conversionError(context, "The provided value is not of type 'CryptoKey'.");
  return value;
};

export const toCryptoKeyID: webidl.Converter<bigint> = (value, context) => {
  if (typeof value !== 'bigint') return BigInt(webidl.unsignedLongLongEnforceRange(value, context));
  // "If keyID is a bigint which cannot be represented as a integer between 0 and 2^64 - 1": the words are WebKit's.
  if (value < 0n || value > greatest) throw new RangeError('Not a 64 bits integer');
  return value;
};

/** Numbers where they can be. */
export function fromKeyID(keyId: bigint): CryptoKeyID {
  return keyId <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(keyId) : keyId;
}

/**
 * "Set key with its optional keyID as key material to use for the SFrame transform algorithm": the base_key of RFC 9605.
 * @throws InvalidModificationError for a key that none can be derived from
 */
function requireBaseKey(key: CryptoKey, context: string): void {
  const isFit = key.type === 'secret' && key.algorithm.name === 'HKDF';
  if (!isFit || !(key.usages.includes('deriveKey') || key.usages.includes('deriveBits'))) {
    const reason = 'The key has to be one for HKDF, to derive keys or bits with.';
    throw createDOMException(`${context}: ${reason}`, 'InvalidModificationError');
  }
}

export interface SFrameKey {
  readonly baseKey: CryptoKey;
  readonly keyId: bigint;
}

/** The arguments of the operations that set a key: its base_key, and its id. */
export function toSFrameKey(key: CryptoKey, keyId: CryptoKeyID, context: string): SFrameKey {
  const cryptoKey = toCryptoKey(key, context);
  const id = toCryptoKeyID(keyId, context);
  requireBaseKey(cryptoKey, context);
  return { baseKey: cryptoKey, keyId: id };
}

/** The keys of one transform, which are changed in the order of the calls, however long each takes to be derived. */
export class KeyChanges {
  #last: Promise<unknown> | null = null;

  /** What is over when all changes that were begun are made; null when none is on its way. */
  get pending(): Promise<unknown> | null {
    return this.#last;
  }

  /** Derives a key, and has it used after all changes before. */
  async derive(suite: CipherSuite, { baseKey, keyId }: SFrameKey, use: (key: FrameKey) => void): Promise<void> {
    await this.#enqueue(deriveFrameKey(suite, baseKey, keyId), use);
  }

  /** Makes another change after all before. */
  async make(change: () => void): Promise<void> {
    await this.#enqueue(undefined, change);
  }

  #enqueue<Value>(value: Value | Promise<Value>, use: (value: Value) => void): Promise<void> {
    // Waited for together: a key that cannot be derived is told to its caller, also while another is on its way.
    const change = Promise.all([value, this.#last]).then(([ready]) => {
      use(ready);
    });
    const last = change.catch(() => undefined);
    this.#last = last;
    void last.then(() => {
      if (this.#last === last) this.#last = null;
    });
    return change;
  }
}
