import { KeyObject, type webcrypto } from 'node:crypto';
import { types } from 'node:util';
import { createDOMException } from '../../dom/dom-exception';
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
function baseKeyOf(key: CryptoKey, context: string): KeyObject {
  const isFit = key.type === 'secret' && key.algorithm.name === 'HKDF';
  if (!isFit || !(key.usages.includes('deriveKey') || key.usages.includes('deriveBits'))) {
    const reason = 'The key has to be one for HKDF, to derive keys or bits with.';
    throw createDOMException(`${context}: ${reason}`, 'InvalidModificationError');
  }
  return KeyObject.from(key);
}

/** The arguments of the operations that set a key: its base_key, and its id. */
export function toSFrameKey(key: CryptoKey, keyId: CryptoKeyID, context: string): [KeyObject, bigint] {
  const cryptoKey = toCryptoKey(key, context);
  const id = toCryptoKeyID(keyId, context);
  return [baseKeyOf(cryptoKey, context), id];
}
