import { nativeAddon } from '../binding/load';
import type { PredefinedColorSpace, VideoPixelFormat } from '../webidl/generated/enums';
import { type MediaResource, type Rect, cutOut } from './frame-layout';
import { type RgbFormat, hasAlpha, isRgb } from './pixel-format';
import { toI420 } from './to-i420';
import { toDisplayP3 } from './display-p3';
import type { VideoColorSpace } from './VideoColorSpace';

interface RgbTarget {
  readonly format: RgbFormat;
  readonly colorSpace: PredefinedColorSpace;
  readonly octets: Uint8Array;
  readonly offset: number;
  readonly stride: number;
}

const matrices = {
  smpte170m: 'bt601',
  bt470bg: 'bt601',
  'bt2020-ncl': 'bt2020',
  bt709: 'bt709',
  rgb: 'bt709',
} as const;

/** Rows of the source, with red and blue exchanged where the orders differ. */
function copyRgb(resource: MediaResource, from: RgbFormat, { x, y, width, height }: Rect, target: RgbTarget): void {
  const { octets, offset, stride, format } = target;
  const source = resource.layout[0] ?? { offset: 0, stride: 4 * width };
  const exchanges = from.startsWith('RGB') !== format.startsWith('RGB');
  const keepsAlpha = hasAlpha(from) && hasAlpha(format);
  for (let row = 0; row < height; row += 1) {
    const begin = source.offset + (y + row) * source.stride + x * 4;
    const line = resource.octets.subarray(begin, begin + width * 4);
    const to = octets.subarray(offset + row * stride, offset + row * stride + width * 4);
    to.set(line);
    for (let at = 0; at < width * 4; at += 4) {
      if (exchanges) {
        to[at] = line[at + 2] ?? 0;
        to[at + 2] = line[at] ?? 0;
      }
      if (!keepsAlpha) to[at + 3] = 255;
    }
  }
}

/** Writes the alpha plane of a format that has one. */
function copyAlpha(resource: MediaResource, format: VideoPixelFormat, rect: Rect, target: RgbTarget): void {
  const bits = Number(/P(\d+)$/.exec(format)?.[1] ?? 8);
  const { octets, layout } = cutOut(resource, format, rect);
  const { offset } = layout[3] ?? { offset: 0 };
  const samples = bits > 8 ? new Uint16Array(octets.buffer, offset, rect.width * rect.height) : octets.subarray(offset);
  for (let row = 0; row < rect.height; row += 1) {
    for (let column = 0; column < rect.width; column += 1) {
      const alpha = (samples[row * rect.width + column] ?? 0) >> (bits - 8);
      target.octets[target.offset + row * target.stride + column * 4 + 3] = alpha;
    }
  }
}

/** https://w3c.github.io/webcodecs/#videoframe-convert-to-rgb-frame, of a rectangle, into memory. */
export function toRgb(
  resource: MediaResource,
  format: VideoPixelFormat,
  { rect, colorSpace }: { rect: Rect; colorSpace: VideoColorSpace },
  target: RgbTarget,
): void {
  const { width, height } = rect;
  if (isRgb(format)) {
    copyRgb(resource, format, rect, target);
  } else {
    const { octets } = toI420(resource, format, rect);
    const matrix = matrices[colorSpace.matrix ?? 'bt709'];
    const room = target.octets.subarray(target.offset);
    const isFullRange = colorSpace.fullRange ?? false;
    nativeAddon().i420ToRgb(octets, width, height, target.format, room, target.stride, matrix, isFullRange);
    if (hasAlpha(format) && hasAlpha(target.format)) copyAlpha(resource, format, rect, target);
  }
  if (target.colorSpace === 'display-p3') {
    for (let row = 0; row < height; row += 1) {
      const begin = target.offset + row * target.stride;
      toDisplayP3(target.octets.subarray(begin, begin + width * 4), target.format.startsWith('RGB'));
    }
  }
}
