import { nativeAddon } from '../../binding/load';
import { checkByteLength, toDictionary, toInteger, toOctets } from './arguments';

/** A picture as wrtc has it: I420 without padding, or RGBA. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly data: ArrayBuffer | ArrayBufferView;
}

const side = { least: 1, most: 16_384 };

function i420Length(width: number, height: number): number {
  return width * height + 2 * Math.ceil(width / 2) * Math.ceil(height / 2);
}

function toPicture(value: unknown, lengthOf: (width: number, height: number) => number): Picture {
  const dictionary = toDictionary(value);
  const width = toInteger(dictionary['width'], side);
  const height = toInteger(dictionary['height'], side);
  const data = toOctets(dictionary['data']);
  checkByteLength(data, lengthOf(width, height));
  return { width, height, data };
}

export const toI420Picture = (value: unknown) => toPicture(value, i420Length);
const toRgbaPicture = (value: unknown) => toPicture(value, (width, height) => width * height * 4);

function checkDimensions(one: Picture, other: Picture): void {
  if (one.width !== other.width || one.height !== other.height) throw new TypeError('Dimensions must match');
}

/** Fills the second picture with the first one; BT.601, limited range. */
export function i420ToRgba(i420Frame: unknown, rgbaFrame: unknown): void {
  const from = toI420Picture(i420Frame);
  const to = toRgbaPicture(rgbaFrame);
  checkDimensions(from, to);
  nativeAddon().i420ToRgb(from.data, from.width, from.height, 'RGBA', to.data, from.width * 4, 'bt601', false);
}

/** Fills the second picture with the first one; alpha is left out. */
export function rgbaToI420(rgbaFrame: unknown, i420Frame: unknown): void {
  const from = toRgbaPicture(rgbaFrame);
  const to = toI420Picture(i420Frame);
  checkDimensions(from, to);
  nativeAddon().rgbToI420(from.data, from.width, from.height, 'RGBA', from.width * 4, to.data);
}
