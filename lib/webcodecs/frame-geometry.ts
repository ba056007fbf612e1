import type { Rect } from './frame-layout';

/** How a frame is to be shown. */
export interface Geometry {
  readonly rect: Rect;
  /** Degrees clockwise: 0, 90, 180, 270. */
  readonly rotation: number;
  /** Whether it is mirrored, after the rotation. */
  readonly flip: boolean;
  readonly displayWidth: number;
  readonly displayHeight: number;
}

/** https://w3c.github.io/webcodecs/#videoframe-parse-rotation */
export function parseRotation(rotation: number): number {
  if (!Number.isFinite(rotation)) throw new TypeError('rotation is not finite.');
  // 1. The nearest multiple of 90, ties towards positive infinity. 2. – 3. Without full turns.
  const aligned = Math.round(rotation / 90) * 90;
  return aligned - Math.floor(aligned / 360) * 360;
}

/** https://w3c.github.io/webcodecs/#videoframe-add-rotations */
function addRotations(base: number, baseFlip: boolean, rotation: number): number {
  const turned = baseFlip ? base - rotation : base + rotation;
  return turned - Math.floor(turned / 360) * 360;
}

const isAcross = (rotation: number) => rotation === 90 || rotation === 270;

interface DisplayInit {
  readonly rotation: number;
  readonly flip: boolean;
  readonly displayWidth?: number;
  readonly displayHeight?: number;
}

/** "If only one of displayWidth or displayHeight exists", or one of them is zero: TypeError. */
export function checkDisplaySize({ displayWidth, displayHeight }: Partial<DisplayInit>): void {
  if ((displayWidth === undefined) !== (displayHeight === undefined)) {
    throw new TypeError('displayWidth and displayHeight must be given together.');
  }
  if (displayWidth === 0 || displayHeight === 0) throw new TypeError('The display size must not be zero.');
}

/**
 * https://w3c.github.io/webcodecs/#videoframe-initialize-visible-rect-orientation-and-display-size
 * @param base what it would be without any wish
 */
export function initializeGeometry(base: Geometry, init: DisplayInit, rect: Rect): Geometry {
  const rotation = addRotations(base.rotation, base.flip, parseRotation(init.rotation));
  const flip = base.flip !== init.flip;
  if (init.displayWidth !== undefined && init.displayHeight !== undefined) {
    return { rect, rotation, flip, displayWidth: init.displayWidth, displayHeight: init.displayHeight };
  }
  // Pixels stay of the shape that they have.
  const [acrossBase, downBase] = isAcross(base.rotation)
    ? [base.displayHeight, base.displayWidth]
    : [base.displayWidth, base.displayHeight];
  const width = Math.round((rect.width * acrossBase) / base.rect.width);
  const height = Math.round((rect.height * downBase) / base.rect.height);
  const [displayWidth, displayHeight] = isAcross(rotation) ? [height, width] : [width, height];
  return { rect, rotation, flip, displayWidth, displayHeight };
}

/** A frame that nothing is said of. */
export function plainGeometry(rect: Rect): Geometry {
  return { rect, rotation: 0, flip: false, displayWidth: rect.width, displayHeight: rect.height };
}
