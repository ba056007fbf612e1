import { nativeAddon } from '../binding/load';
import type { VideoPixelFormat } from '../webidl/generated/enums';
import { type MediaResource, type Rect, cutOut } from './frame-layout';
import { bitDepthOf, isRgb, planesOf } from './pixel-format';

/** A picture as the engine takes it: I420 without padding. */
export interface I420Picture {
  readonly width: number;
  readonly height: number;
  readonly octets: Uint8Array;
}

function i420Size(width: number, height: number): { luma: number; chroma: number; whole: number } {
  const luma = width * height;
  const chroma = Math.ceil(width / 2) * Math.ceil(height / 2);
  return { luma, chroma, whole: luma + 2 * chroma };
}

/** The mean of the samples that become one, of a plane that has so many for each sample of a plane of I420. */
function shrink(
  from: Uint8Array | Uint16Array,
  fromWidth: number,
  fromHeight: number,
  to: Uint8Array,
  { width, height, shift }: { width: number; height: number; shift: number },
): void {
  const across = Math.ceil(fromWidth / width);
  const down = Math.ceil(fromHeight / height);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      let sum = 0;
      for (let row = 0; row < down; row += 1) {
        const line = Math.min(y * down + row, fromHeight - 1) * fromWidth;
        for (let column = 0; column < across; column += 1) {
          sum += from[line + Math.min(x * across + column, fromWidth - 1)] ?? 0;
        }
      }
      to[y * width + x] = Math.min(255, Math.round(sum / (across * down) / 2 ** shift));
    }
  }
}

/** Of a packed planar format that is not I420 itself. */
function fromPlanar(packed: Uint8Array, format: VideoPixelFormat, width: number, height: number): Uint8Array {
  const { luma, chroma, whole } = i420Size(width, height);
  const octets = new Uint8Array(whole);
  const size = { width: Math.ceil(width / 2), height: Math.ceil(height / 2) };
  const samples = bitDepthOf(format) > 8 ? new Uint16Array(packed.buffer, 0, packed.byteLength / 2) : packed;
  const shift = bitDepthOf(format) - 8;
  let begin = 0;
  for (const [index, { sampleWidth, sampleHeight }] of planesOf(format).slice(0, 3).entries()) {
    const planeWidth = Math.ceil(width / sampleWidth);
    const planeHeight = Math.ceil(height / sampleHeight);
    const plane = samples.subarray(begin, begin + planeWidth * planeHeight);
    begin += planeWidth * planeHeight;
    const target = index === 0 ? octets.subarray(0, luma) : octets.subarray(luma + (index - 1) * chroma);
    shrink(plane, planeWidth, planeHeight, target, { ...(index === 0 ? { width, height } : size), shift });
  }
  return octets;
}

function fromNv12(packed: Uint8Array, width: number, height: number): Uint8Array {
  const { luma, chroma, whole } = i420Size(width, height);
  const octets = new Uint8Array(whole);
  octets.set(packed.subarray(0, luma));
  for (let index = 0; index < chroma; index += 1) {
    octets[luma + index] = packed[luma + 2 * index] ?? 0;
    octets[luma + chroma + index] = packed[luma + 2 * index + 1] ?? 0;
  }
  return octets;
}

/** The visible part of a frame as I420, for which nothing is copied if it is that already. Alpha is left out. */
export function toI420(resource: MediaResource, format: VideoPixelFormat, rect: Rect): I420Picture {
  const { width, height } = rect;
  if (isRgb(format)) {
    const { offset, stride } = resource.layout[0] ?? { offset: 0, stride: 4 * width };
    const octets = new Uint8Array(i420Size(width, height).whole);
    const first = resource.octets.subarray(offset + rect.y * stride + rect.x * 4);
    nativeAddon().rgbToI420(first, width, height, format, stride, octets);
    return { width, height, octets };
  }
  const packed = isPacked(resource, format, rect) ? resource.octets : cutOut(resource, format, rect).octets;
  if (format === 'I420') return { width, height, octets: packed };
  if (format === 'I420A') return { width, height, octets: packed.subarray(0, i420Size(width, height).whole) };
  if (format === 'NV12') return { width, height, octets: fromNv12(packed, width, height) };
  return { width, height, octets: fromPlanar(packed, format, width, height) };
}

/** Whether the planes of the rectangle follow one another without anything between, from the first octet of the buffer on. */
function isPacked({ octets, layout }: MediaResource, format: VideoPixelFormat, { x, y, width, height }: Rect): boolean {
  let begin = 0;
  const fits = planesOf(format).every(({ sampleBytes, sampleWidth, sampleHeight }, index) => {
    const stride = Math.ceil(width / sampleWidth) * sampleBytes;
    const { offset = -1, stride: present = -1 } = layout[index] ?? {};
    const matches = offset === begin && present === stride;
    begin += stride * Math.ceil(height / sampleHeight);
    return matches;
  });
  return fits && x === 0 && y === 0 && octets.byteOffset === 0 && octets.byteLength === begin;
}

/** Left and right exchanged. */
export function mirror({ width, height, octets }: I420Picture): I420Picture {
  const { luma, chroma } = i420Size(width, height);
  const result = new Uint8Array(octets.length);
  const planes = [
    { begin: 0, end: luma, row: width },
    { begin: luma, end: luma + chroma, row: Math.ceil(width / 2) },
    { begin: luma + chroma, end: luma + 2 * chroma, row: Math.ceil(width / 2) },
  ];
  for (const { begin, end, row } of planes) {
    for (let at = begin; at < end; at += row) result.set(octets.slice(at, at + row).reverse(), at);
  }
  return { width, height, octets: result };
}
