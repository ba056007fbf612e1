import { createDOMException } from '../dom/dom-exception';
import * as webidl from '../webidl';

interface CanvasContext {
  getImageData(x: number, y: number, width: number, height: number): { readonly data: ArrayLike<number> };
}

/** A canvas of whatever package: node-canvas, @napi-rs/canvas, skia-canvas. Node has none of its own. */
export interface CanvasSource {
  readonly width: number;
  readonly height: number;
  getContext(kind: '2d'): CanvasContext | null;
}

export function isCanvas(value: unknown): value is CanvasSource {
  return webidl.isObject(value) && typeof (value as { getContext?: unknown }).getContext === 'function';
}

/**
 * What it shows now, as RGBA. https://html.spec.whatwg.org/#check-the-usability-of-the-image-argument: one without a pixel
 * is an InvalidStateError; so is one that draws in three dimensions, as it cannot be read in this way.
 */
export function readCanvas(
  canvas: CanvasSource,
  context: string,
): { octets: Uint8Array; width: number; height: number } {
  const { width, height } = canvas;
  if (!(width > 0 && height > 0)) throw createDOMException(`${context}: The canvas is empty.`, 'InvalidStateError');
  const drawing = canvas.getContext('2d');
  if (!drawing) throw createDOMException(`${context}: The canvas has no 2D context.`, 'InvalidStateError');
  const octets = new Uint8Array(drawing.getImageData(0, 0, width, height).data);
  if (octets.length !== width * height * 4) throw new TypeError(`${context}: The canvas gives no RGBA pixels.`);
  return { octets, width, height };
}
