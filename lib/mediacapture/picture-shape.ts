import { type Configuration, boundsOf } from './configuration';

/** Width and height in pixels. */
export interface Shape {
  readonly width: number;
  readonly height: number;
}

/** What would be liked of a shape; the members are optional. */
export interface IdealShape {
  readonly width?: number | undefined;
  readonly height?: number | undefined;
  readonly aspectRatio?: number | undefined;
}

interface Bounds {
  readonly min: number;
  readonly max: number;
}

/** The bounds of a configuration for video; null for other ones. */
function shapeBounds(configuration: Configuration): { width: Bounds; height: Bounds; ratio: Bounds } | null {
  const { width, height, aspectRatio } = configuration;
  if (!width || !height || !aspectRatio) return null;
  return { width: boundsOf(width), height: boundsOf(height), ratio: boundsOf(aspectRatio) };
}

/** Rounded to the tenth decimal place, as the setting is. */
export function aspectRatioOf({ width, height }: Shape): number {
  return Math.round((width / height) * 1e10) / 1e10;
}

const isWithin = (value: number, { min, max }: Bounds) => value >= min && value <= max;

/** Whether the ratio lies within the bounds, to the nearest pixel: 1.7778 is met by 1280 by 720. */
function hasRatio({ width, height }: Shape, { min, max }: Bounds): boolean {
  return (
    isWithin(width, { min: Math.round(min * height), max: Math.round(max * height) }) ||
    isWithin(height, { min: Math.round(width / max), max: Math.round(width / min) })
  );
}

/** Whether any shape satisfies width, height and aspect ratio together. A configuration for audio always does. */
export function hasShape(configuration: Configuration): boolean {
  const bounds = shapeBounds(configuration);
  if (!bounds) return true;
  for (let height = bounds.height.min; height <= bounds.height.max; height += 1) {
    const low = Math.max(bounds.width.min, Math.round(bounds.ratio.min * height));
    if (low <= Math.min(bounds.width.max, Math.round(bounds.ratio.max * height))) return true;
  }
  for (let width = bounds.width.min; width <= bounds.width.max; width += 1) {
    const low = Math.max(bounds.height.min, Math.round(width / bounds.ratio.max));
    if (low <= Math.min(bounds.height.max, Math.round(width / bounds.ratio.min))) return true;
  }
  return false;
}

type ShapeBounds = NonNullable<ReturnType<typeof shapeBounds>>;

const clamp = (value: number, { min, max }: Bounds) => Math.min(Math.max(Math.round(value), min), max);

/** Whether the aspect ratio ties width and height together; otherwise each of them is chosen by itself. */
function isTied({ width, height, ratio }: ShapeBounds, ideal: IdealShape): boolean {
  const isFree = ratio.min <= width.min / height.max && ratio.max >= width.max / height.min;
  return ideal.aspectRatio !== undefined || !isFree;
}

/**
 * Shapes of which one is the best. The terms of the fitness distance are linear below the ideal value and concave above,
 * so that for any one height the best width is a bound, the ideal one, or next to where a ratio puts it.
 */
function* promisingShapes(bounds: ShapeBounds, native: Shape, ideal: IdealShape): Generator<Shape> {
  const { width, height, ratio } = bounds;
  const ratios = [...new Set([ratio.min, ratio.max, native.width / native.height, ideal.aspectRatio ?? []].flat())];
  const someWidths = [width.min, width.max, native.width, ideal.width ?? []].flat();
  const someHeights = [height.min, height.max, native.height, ideal.height ?? []].flat();
  const heights = isTied(bounds, ideal)
    ? Array.from({ length: height.max - height.min + 1 }, (_, index) => height.min + index)
    : new Set(
        [...someHeights, ...someWidths.flatMap((each) => ratios.map((r) => each / r))].map((each) =>
          clamp(each, height),
        ),
      );
  const widths = [...new Set(someWidths.map((each) => clamp(each, width)))];
  for (const h of heights) {
    for (const w of widths) yield { width: w, height: h };
    for (const r of ratios) {
      yield { width: clamp(Math.floor(r * h), width), height: h };
      yield { width: clamp(Math.ceil(r * h), width), height: h };
    }
    // Where a ratio is just met, to the nearest pixel.
    yield { width: clamp(Math.ceil((h - 0.5) * ratio.min), width), height: h };
    yield { width: clamp(Math.floor((h + 0.5) * ratio.max), width), height: h };
  }
}

/** How much a shape differs from the native one; other ratios, beyond what rounding does, show less. */
export function distortion(shape: Shape, native: Shape): number {
  const ratio = native.width / native.height;
  const relative = shape.width / shape.height / ratio;
  const isProportional = hasRatio(shape, { min: ratio, max: ratio });
  return (
    (isProportional ? 0 : 2 * Math.abs(1 - Math.min(relative, 1 / relative))) +
    Math.abs(shape.width - native.width) / Math.max(shape.width, native.width) +
    Math.abs(shape.height - native.height) / Math.max(shape.height, native.height)
  );
}

/** A term of the fitness distance; no ideal, no distance. */
const distance = (actual: number, ideal = actual) => Math.abs(actual - ideal) / Math.max(actual, Math.abs(ideal));

/** The shape that is nearest to the ideal values, by fitness distance; among such, the one most like the native shape. */
export function bestShape(configuration: Configuration, native: Shape, ideal: IdealShape): Shape | null {
  const bounds = shapeBounds(configuration);
  if (!bounds) return null;
  let best: { shape: Shape; fitness: number; likeness: number } | null = null;
  for (const shape of promisingShapes(bounds, native, ideal)) {
    if (!hasRatio(shape, bounds.ratio)) continue;
    const fitness =
      distance(shape.width, ideal.width) +
      distance(shape.height, ideal.height) +
      distance(aspectRatioOf(shape), ideal.aspectRatio);
    if (best && fitness > best.fitness) continue;
    const likeness = distortion(shape, native);
    if (best && fitness === best.fitness && likeness >= best.likeness) continue;
    best = { shape, fitness, likeness };
  }
  return best?.shape ?? null;
}
