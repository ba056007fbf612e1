import { randomBytes, webcrypto } from 'node:crypto';
import fc from 'fast-check';
import { type CipherSuiteName, cipherSuiteNames, cipherSuites } from '../../../lib/media/sframe/cipher-suites';
import { deriveFrameKey } from '../../../lib/media/sframe/frame-key';
import { encodeHeader, greatest, parseHeader } from '../../../lib/media/sframe/header';
import { ReplayWindow } from '../../../lib/media/sframe/replay-window';
import { SFrameDecryptor, SFrameEncryptor } from '../../../lib/media/sframe/sframe-context';
import { SFrameError, type SFrameErrorKind } from '../../../lib/media/sframe/sframe-error';
import vectors from './vectors.json';

const octets = (hex: string) => Uint8Array.from(Buffer.from(hex, 'hex'));
const hexOf = (data: ArrayBuffer | Uint8Array) => Buffer.from(data as Uint8Array).toString('hex');
const suiteOf = (id: number) => cipherSuiteNames.find((name) => cipherSuites[name].id === id)!;

/** The kind of error, or 'none'. */
function refusal(act: () => unknown): SFrameErrorKind | 'none' {
  try {
    act();
  } catch (error) {
    if (error instanceof SFrameError) return error.kind;
    throw error;
  }
  return 'none';
}

/** As an application has it: nobody may read it, and it may be for either of the two ways to derive. */
async function keyOf(
  suite: CipherSuiteName,
  raw: Uint8Array,
  keyId: bigint,
  use: 'deriveKey' | 'deriveBits' = 'deriveBits',
) {
  const baseKey = await webcrypto.subtle.importKey('raw', raw, 'HKDF', false, [use]);
  return deriveFrameKey(cipherSuites[suite], baseKey, keyId);
}

async function pairOf(suite: CipherSuiteName, keyId = 7n) {
  const key = await keyOf(suite, randomBytes(16), keyId);
  const encryptor = new SFrameEncryptor(suite);
  const decryptor = new SFrameDecryptor(suite);
  encryptor.setKey(key);
  decryptor.addKey(key);
  return { encryptor, decryptor, key };
}

describe('the header of RFC 9605', () => {
  it('is encoded as in the test vectors', () => {
    expect(vectors.headers).toHaveLength(289);
    const encoded = vectors.headers.map(([kid, ctr]) => hexOf(encodeHeader(BigInt(kid!), BigInt(ctr!))));
    expect(encoded).toEqual(vectors.headers.map(([, , hex]) => hex));
  });

  it('is parsed as in the test vectors, with anything behind it', () => {
    for (const [kid, ctr, hex] of vectors.headers) {
      const header = parseHeader(octets(`${hex!}ffff`));
      expect(header).toEqual({ keyId: BigInt(kid!), counter: BigInt(ctr!), size: hex!.length / 2 });
    }
  });

  it('comes back from any key id and counter', () => {
    fc.assert(
      fc.property(fc.bigInt(0n, greatest), fc.bigInt(0n, greatest), (keyId, counter) => {
        const header = encodeHeader(keyId, counter);
        expect(parseHeader(header)).toEqual({ keyId, counter, size: header.length });
      }),
    );
  });

  it.each(['', '80', '08', '8f00', '99012345', '8003', '0807', '090001', '900001'])('is refused as %p', (hex) => {
    expect(refusal(() => parseHeader(octets(hex)))).toBe('syntax');
  });
});

describe.each(vectors.frames.map((each) => [suiteOf(each.cipherSuite), each] as const))('%s', (suite, vector) => {
  const { keyId, counter, baseKey, metadata, plaintext, ciphertext } = vector;

  it.each(['deriveKey', 'deriveBits'] as const)('encrypts as in the test vector, with a key to %s', async (use) => {
    const encryptor = new SFrameEncryptor(suite, BigInt(counter));
    encryptor.setKey(await keyOf(suite, octets(baseKey), BigInt(keyId), use));
    expect(hexOf(encryptor.encrypt(octets(plaintext), octets(metadata)))).toBe(ciphertext);
  });

  it('decrypts the test vector', async () => {
    const decryptor = new SFrameDecryptor(suite);
    decryptor.addKey(await keyOf(suite, octets(baseKey), BigInt(keyId)));
    expect(hexOf(decryptor.decrypt(octets(ciphertext), octets(metadata)))).toBe(plaintext);
  });

  it('gives frames of every size back, the empty one among them', async () => {
    const { encryptor, decryptor } = await pairOf(suite);
    for (const size of [0, 1, 15, 16, 17, 1200, 70_000]) {
      const frame = randomBytes(size);
      const sealed = encryptor.encrypt(frame);
      expect(hexOf(decryptor.decrypt(new Uint8Array(sealed)))).toBe(hexOf(frame));
    }
  });

  it('refuses a frame of which any octet was changed, and takes it unchanged afterwards', async () => {
    const { encryptor, decryptor } = await pairOf(suite, 300n);
    const sealed = new Uint8Array(encryptor.encrypt(randomBytes(20), octets(metadata)));
    for (let at = 0; at < sealed.length; at++) {
      const changed = Uint8Array.from(sealed);
      changed[at]! ^= 0x10;
      expect(['authentication', 'keyID', 'syntax']).toContain(
        refusal(() => decryptor.decrypt(changed, octets(metadata))),
      );
    }
    expect(refusal(() => decryptor.decrypt(sealed, octets('00')))).toBe('authentication');
    expect(refusal(() => decryptor.decrypt(sealed, octets(metadata)))).toBe('none');
  });

  it('refuses a frame cut short anywhere', async () => {
    const { encryptor, decryptor } = await pairOf(suite, 300n);
    const sealed = new Uint8Array(encryptor.encrypt(randomBytes(8)));
    for (let size = 0; size < sealed.length; size++) {
      const kind = refusal(() => decryptor.decrypt(sealed.subarray(0, size)));
      expect(kind).toBe(size < 4 + cipherSuites[suite].tagSize - 1 ? 'syntax' : 'authentication');
    }
  });
});

describe('keys', () => {
  const suite = 'AES_128_GCM_SHA256_128';

  it('a frame of another key, or of a key id that is not known, is told apart', async () => {
    const { encryptor, decryptor } = await pairOf(suite);
    const stranger = new SFrameDecryptor(suite);
    stranger.addKey(await keyOf(suite, randomBytes(16), 7n));
    const sealed = new Uint8Array(encryptor.encrypt(octets('01')));
    expect(refusal(() => stranger.decrypt(sealed))).toBe('authentication');
    expect(decryptor.removeKey(7n)).toBe(true);
    expect(decryptor.removeKey(7n)).toBe(false);
    expect(() => decryptor.decrypt(sealed)).toThrow(expect.objectContaining({ kind: 'keyID', keyId: 7n }));
  });

  it('encrypting without a key is refused', () => {
    expect(refusal(() => new SFrameEncryptor(suite).encrypt(octets('01')))).toBe('keyID');
  });

  it('a key that is set again meets none of its counters again', async () => {
    const { encryptor, key } = await pairOf(suite);
    const other = await keyOf(suite, randomBytes(16), 7n);
    const counters = [0, 1, 2, 3].map((turn) => {
      encryptor.setKey(turn % 2 === 0 ? key : other);
      return parseHeader(new Uint8Array(encryptor.encrypt(octets('01')))).counter;
    });
    expect(counters).toEqual([0n, 1n, 2n, 3n]);
  });

  it('the last counter is used, and none after it', async () => {
    const encryptor = new SFrameEncryptor(suite, greatest);
    encryptor.setKey(await keyOf(suite, randomBytes(16), 0n));
    expect(parseHeader(new Uint8Array(encryptor.encrypt(octets('01')))).counter).toBe(greatest);
    expect(refusal(() => encryptor.encrypt(octets('01')))).toBe('exhausted');
  });
});

describe('replayed frames', () => {
  it('are refused, out of order ones are not, a key set anew does not change that', async () => {
    const { encryptor, decryptor, key } = await pairOf('AES_128_CTR_HMAC_SHA256_80');
    const frames = Array.from({ length: 3 }, () => new Uint8Array(encryptor.encrypt(octets('01'))));
    const outcomes = [2, 0, 0, 1, 2].map((at) => {
      decryptor.addKey(key);
      return refusal(() => decryptor.decrypt(frames[at]!));
    });
    expect(outcomes).toEqual(['none', 'none', 'replay', 'none', 'replay']);
  });

  it('the window says what a set of all counters says, within its size', () => {
    fc.assert(
      fc.property(fc.array(fc.bigInt(0n, 5000n), { maxLength: 200 }), (counters) => {
        const window = new ReplayWindow();
        const seen = new Set<bigint>();
        let latest = -1n;
        for (const counter of counters) {
          const expected = seen.has(counter) || latest - counter >= ReplayWindow.size;
          expect(window.has(counter)).toBe(expected);
          if (expected) continue;
          window.add(counter);
          seen.add(counter);
          if (counter > latest) latest = counter;
        }
      }),
    );
  });
});

it('arbitrary octets are refused with an SFrameError, whatever they are', async () => {
  const suite = 'AES_128_CTR_HMAC_SHA256_32';
  const decryptor = new SFrameDecryptor(suite);
  decryptor.addKey(await keyOf(suite, randomBytes(16), 0n));
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (frame) => {
      expect(['syntax', 'keyID', 'authentication']).toContain(refusal(() => decryptor.decrypt(frame)));
    }),
    { seed: 9605 },
  );
});
