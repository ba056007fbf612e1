import { SFrameError } from './sframe-error';

/** The header of an SFrame ciphertext: https://www.rfc-editor.org/rfc/rfc9605#section-4.3 */
export interface SFrameHeader {
  readonly keyId: bigint;
  readonly counter: bigint;
  /** Octets that it takes. */
  readonly size: number;
}

const extended = 0x8;

/** Key ids and counters have 64 bits. */
export const greatest = 0xffff_ffff_ffff_ffffn;

/** Octets of the shortest big-endian form; 0: the value fits the config byte. */
function extendedSize(value: bigint): number {
  if (value < 8n) return 0;
  let size = 1;
  for (let rest = value >> 8n; rest > 0n; rest >>= 8n) size += 1;
  return size;
}

function writeBigEndian(target: Uint8Array, offset: number, size: number, value: bigint): void {
  let rest = value;
  for (let at = offset + size - 1; at >= offset; at--) {
    target[at] = Number(rest & 0xffn);
    rest >>= 8n;
  }
}

export function encodeHeader(keyId: bigint, counter: bigint): Uint8Array {
  const keyIdSize = extendedSize(keyId);
  const counterSize = extendedSize(counter);
  const header = new Uint8Array(1 + keyIdSize + counterSize);
  const k = keyIdSize === 0 ? Number(keyId) : extended | (keyIdSize - 1);
  const c = counterSize === 0 ? Number(counter) : extended | (counterSize - 1);
  header[0] = (k << 4) | c;
  writeBigEndian(header, 1, keyIdSize, keyId);
  writeBigEndian(header, 1 + keyIdSize, counterSize, counter);
  return header;
}

/** @throws SFrameError 'syntax' where it is cut short, or longer than it has to be ("MUST be encoded with the minimum number of bytes") */
export function parseHeader(frame: Uint8Array): SFrameHeader {
  const config = frame[0];
  if (config === undefined) throw new SFrameError('syntax', 'An SFrame has a header, and this one is empty.');
  let size = 1;
  const read = (field: number): bigint => {
    if ((field & extended) === 0) return BigInt(field);
    const length = (field & 0x7) + 1;
    if (size + length > frame.length) {
      throw new SFrameError('syntax', `The SFrame header is cut short: ${String(frame.length)} octets.`);
    }
    let value = 0n;
    for (let at = size; at < size + length; at++) value = (value << 8n) | BigInt(frame[at] ?? 0);
    size += length;
    if (extendedSize(value) !== length) {
      throw new SFrameError('syntax', 'The SFrame header is not in its shortest form.');
    }
    return value;
  };
  const keyId = read(config >> 4);
  const counter = read(config & 0xf);
  return { keyId, counter, size };
}
