import type { DOMRectInit, PlaneLayout } from '../webidl/generated/dictionaries';
import type { VideoPixelFormat } from '../webidl/generated/enums';
import { planesOf } from './pixel-format';

/** A part of a picture, in whole pixels. */
export interface Rect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

const limit = 2 ** 32 - 1;

function fail(message: string): never {
  throw new TypeError(message);
}

/** https://w3c.github.io/webcodecs/#videoframe-parse-visible-rect, with the alignment of its offset. */
export function parseRect(
  override: DOMRectInit | undefined,
  defaultRect: Rect,
  { codedWidth, codedHeight, format }: { codedWidth: number; codedHeight: number; format: VideoPixelFormat },
): Rect {
  // 1. Let sourceRect be defaultRect. 2. If overrideRect is not undefined:
  let rect = defaultRect;
  if (override) {
    const { x, y, width, height } = override;
    // 1. If either of overrideRect.width or height is 0, throw a TypeError. (So are negative and infinite values.)
    if (![x, y, width, height].every(Number.isFinite)) fail('The rectangle is not finite.');
    if (x < 0 || y < 0 || width <= 0 || height <= 0) fail('The rectangle is empty, or lies outside of the frame.');
    // 2. – 3. If it exceeds the coded size, throw a TypeError.
    if (x + width > codedWidth || y + height > codedHeight) fail('The rectangle lies outside of the frame.');
    rect = { x: Math.trunc(x), y: Math.trunc(y), width: Math.trunc(width), height: Math.trunc(height) };
    if (rect.width === 0 || rect.height === 0) fail('The rectangle is empty.');
  }
  // 3. – 4. Verify that the offset lies between samples of every plane.
  for (const { sampleWidth, sampleHeight } of planesOf(format)) {
    if (rect.x % sampleWidth !== 0 || rect.y % sampleHeight !== 0) {
      fail(`The rectangle does not begin where samples of ${format} do.`);
    }
  }
  return rect;
}

/** What has to be copied of one plane, and where to. */
export interface ComputedPlaneLayout {
  readonly destinationOffset: number;
  readonly destinationStride: number;
  readonly sourceTop: number;
  readonly sourceHeight: number;
  readonly sourceLeftBytes: number;
  readonly sourceWidthBytes: number;
}

export interface CombinedLayout {
  readonly allocationSize: number;
  readonly planes: readonly ComputedPlaneLayout[];
}

/** https://w3c.github.io/webcodecs/#videoframe-compute-layout-and-allocation-size */
export function computeLayout(rect: Rect, format: VideoPixelFormat, layout?: readonly PlaneLayout[]): CombinedLayout {
  const planes = planesOf(format);
  // 2. If layout is not undefined and its length does not equal numPlanes, throw a TypeError.
  if (layout && layout.length !== planes.length) fail(`${format} has ${String(planes.length)} planes.`);
  // 3. – 5.
  let minAllocationSize = 0;
  const computed: ComputedPlaneLayout[] = [];
  const ends: number[] = [];
  // 6. – 7. For each plane:
  for (const [index, { sampleBytes, sampleWidth, sampleHeight }] of planes.entries()) {
    const sourceTop = Math.ceil(rect.y / sampleHeight);
    const sourceHeight = Math.ceil(rect.height / sampleHeight);
    const sourceLeftBytes = Math.floor(rect.x / sampleWidth) * sampleBytes;
    const sourceWidthBytes = Math.ceil(rect.width / sampleWidth) * sampleBytes;
    const given = layout?.[index];
    if (given && given.stride < sourceWidthBytes) fail('The stride is less than the width of a plane.');
    const destinationOffset = given?.offset ?? minAllocationSize;
    const destinationStride = given?.stride ?? sourceWidthBytes;
    const size = destinationStride * sourceHeight;
    const end = size + destinationOffset;
    if (size > limit || end > limit) fail('The layout is too large.');
    // Planes must not overlap.
    for (const [earlier, other] of computed.entries()) {
      if ((ends[earlier] ?? 0) <= destinationOffset || end <= other.destinationOffset) continue;
      fail('Planes overlap.');
    }
    ends.push(end);
    minAllocationSize = Math.max(minAllocationSize, end);
    computed.push({
      destinationOffset,
      destinationStride,
      sourceTop,
      sourceHeight,
      sourceLeftBytes,
      sourceWidthBytes,
    });
  }
  // 8. – 9.
  return { allocationSize: minAllocationSize, planes: computed };
}

/** Octets of a frame and where its planes are in them. They never change. */
export interface MediaResource {
  readonly octets: Uint8Array;
  readonly layout: readonly PlaneLayout[];
}

/** Copies the planes of a rectangle as the layout says. */
export function copyPlanes({ octets, layout }: MediaResource, { planes }: CombinedLayout, to: Uint8Array): void {
  for (const [index, plane] of planes.entries()) {
    const { offset, stride } = layout[index] ?? fail('A plane is missing.');
    const begin = offset + plane.sourceTop * stride + plane.sourceLeftBytes;
    const { destinationOffset, destinationStride, sourceWidthBytes, sourceHeight } = plane;
    if (stride === sourceWidthBytes && destinationStride === stride) {
      to.set(octets.subarray(begin, begin + stride * sourceHeight), destinationOffset);
      continue;
    }
    for (let row = 0; row < sourceHeight; row += 1) {
      const from = begin + row * stride;
      to.set(octets.subarray(from, from + sourceWidthBytes), destinationOffset + row * destinationStride);
    }
  }
}

/** The planes of a rectangle by themselves, without padding. */
export function cutOut(resource: MediaResource, format: VideoPixelFormat, rect: Rect): MediaResource {
  const combined = computeLayout(rect, format);
  const octets = new Uint8Array(combined.allocationSize);
  copyPlanes(resource, combined, octets);
  return { octets, layout: layoutOf(combined) };
}

export function layoutOf({ planes }: CombinedLayout): PlaneLayout[] {
  return planes.map(({ destinationOffset: offset, destinationStride: stride }) => ({ offset, stride }));
}
