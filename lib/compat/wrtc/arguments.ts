import { isArrayBuffer, isArrayBufferView, isInterface } from '../../webidl';
import type { MediaStreamTrack } from '../../mediacapture/MediaStreamTrack';

/** wrtc's ways to say what is wrong with an argument. */

export function toDictionary(value: unknown): Record<string, unknown> {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) {
    throw new TypeError('Expected an object');
  }
  return value as Record<string, unknown>;
}

/** The member as an integer between two; wrtc takes no strings for numbers. */
export function toInteger(value: unknown, { least, most }: { least: number; most: number }): number {
  if (typeof value !== 'number' || !Number.isFinite(value)) throw new TypeError('Expected a number');
  const integer = Math.trunc(value);
  if (integer < least || integer > most) {
    throw new TypeError(`Expected a number from ${String(least)} to ${String(most)}, not ${String(value)}`);
  }
  return integer;
}

/** The octets of a buffer or of a view; of a view, its own ones and no others. */
export function toOctets(value: unknown): ArrayBuffer | ArrayBufferView {
  if (isArrayBuffer(value) || isArrayBufferView(value)) return value;
  throw new TypeError('Expected an ArrayBuffer');
}

export function checkByteLength(octets: ArrayBuffer | ArrayBufferView, expected: number): void {
  if (octets.byteLength === expected) return;
  throw new TypeError(`Expected a .byteLength of ${String(expected)}, not ${String(octets.byteLength)}`);
}

export function toTrack(value: unknown, kind: 'audio' | 'video'): MediaStreamTrack {
  if (!isInterface('MediaStreamTrack', value) || (value as MediaStreamTrack).kind !== kind) {
    throw new TypeError(`Expected ${kind === 'audio' ? 'an audio' : 'a video'} MediaStreamTrack`);
  }
  return value as MediaStreamTrack;
}
