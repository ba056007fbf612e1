/**
 * The cipher suites of RFC 9605 section 4.5, and those of draft-barnes-sframe-iana-256
 * (https://datatracker.ietf.org/doc/draft-barnes-sframe-iana-256/), which have the same construction with longer keys.
 */
export const cipherSuiteNames = [
  'AES_128_CTR_HMAC_SHA256_80',
  'AES_128_CTR_HMAC_SHA256_64',
  'AES_128_CTR_HMAC_SHA256_32',
  'AES_128_GCM_SHA256_128',
  'AES_256_GCM_SHA512_128',
  'AES_256_CTR_HMAC_SHA512_80',
  'AES_256_CTR_HMAC_SHA512_64',
  'AES_256_CTR_HMAC_SHA512_32',
] as const;

export type CipherSuiteName = (typeof cipherSuiteNames)[number];

export interface CipherSuite {
  /** Its number in the IANA registry "SFrame Cipher Suites". */
  readonly id: number;
  readonly hash: 'sha256' | 'sha512';
  readonly cipher: 'aes-128-ctr' | 'aes-256-ctr' | 'aes-128-gcm' | 'aes-256-gcm';
  readonly isGcm: boolean;
  /** AEAD.Nka, octets: the cipher's own key. */
  readonly cipherKeySize: number;
  /** AEAD.Nk, octets: with the key of the HMAC, where there is one. */
  readonly keySize: number;
  /** AEAD.Nt, octets. */
  readonly tagSize: number;
}

/** AEAD.Nn, octets, the same for all of them. */
export const nonceSize = 12;

function ctrHmac(id: number, bits: 128 | 256, tagSize: number): CipherSuite {
  const cipherKeySize = bits / 8;
  const hashSize = bits === 128 ? 32 : 64;
  return {
    id,
    hash: bits === 128 ? 'sha256' : 'sha512',
    cipher: `aes-${bits}-ctr`,
    isGcm: false,
    cipherKeySize,
    keySize: cipherKeySize + hashSize,
    tagSize,
  };
}

function gcm(id: number, bits: 128 | 256): CipherSuite {
  return {
    id,
    hash: bits === 128 ? 'sha256' : 'sha512',
    cipher: `aes-${bits}-gcm`,
    isGcm: true,
    cipherKeySize: bits / 8,
    keySize: bits / 8,
    tagSize: 16,
  };
}

export const cipherSuites: Readonly<Record<CipherSuiteName, CipherSuite>> = {
  AES_128_CTR_HMAC_SHA256_80: ctrHmac(1, 128, 10),
  AES_128_CTR_HMAC_SHA256_64: ctrHmac(2, 128, 8),
  AES_128_CTR_HMAC_SHA256_32: ctrHmac(3, 128, 4),
  AES_128_GCM_SHA256_128: gcm(4, 128),
  AES_256_GCM_SHA512_128: gcm(5, 256),
  AES_256_CTR_HMAC_SHA512_80: ctrHmac(6, 256, 10),
  AES_256_CTR_HMAC_SHA512_64: ctrHmac(7, 256, 8),
  AES_256_CTR_HMAC_SHA512_32: ctrHmac(8, 256, 4),
};
