/**
 * A page's canvases, for tests that make pictures to send and look at those that arrive: rectangles of one colour, copies of
 * other pictures, single pixels. A track of one is the package's (`RTCVideoSource`), fed after each drawing.
 */
import { Element } from './element.mjs';

/** A page paints so often. */
const paintingMs = 1000 / 60;
const namedColours = {
  black: [0, 0, 0],
  white: [255, 255, 255],
  red: [255, 0, 0],
  green: [0, 128, 0],
  lime: [0, 255, 0],
  blue: [0, 0, 255],
  yellow: [255, 255, 0],
};

function parseColour(text) {
  const named = namedColours[text];
  if (named) return named;
  const hex = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(text);
  if (hex) return hex.slice(1).map((digits) => parseInt(digits, 16));
  const numbers = /^rgba?\(\s*([\d.]+)\s*,\s*([\d.]+)\s*,\s*([\d.]+)/i.exec(text);
  if (!numbers) throw new DOMException(`No stand-in for the colour ${text}`, 'NotSupportedError');
  return numbers.slice(1).map((number) => Math.min(255, Math.round(Number(number))));
}

class ImageData {
  constructor(width, height, data = new Uint8ClampedArray(4 * width * height)) {
    Object.assign(this, { width, height, data });
  }
}

/** What drawImage() takes: anything of ours that can say what it shows, or a frame of the package. */
const pictureOf = (source) => (source.currentPicture ? source.currentPicture() : pictureOfFrame(source));

/** The visible part of a VideoFrame, not turned. copyTo() of the package copies before it returns its promise. */
function pictureOfFrame(frame) {
  if (frame.rotation !== 0 || frame.flip) throw new DOMException('No stand-in for turned frames', 'NotSupportedError');
  const { width, height } = frame.visibleRect;
  const data = new Uint8ClampedArray(4 * width * height);
  frame.copyTo(data, { format: 'RGBA' });
  return { width, height, data };
}

class CanvasRenderingContext2D {
  #bitmap;
  #colour = [0, 0, 0];
  constructor(canvas, bitmap) {
    this.canvas = canvas;
    this.#bitmap = bitmap;
  }
  get fillStyle() {
    return `rgb(${this.#colour.join(', ')})`;
  }
  set fillStyle(text) {
    this.#colour = parseColour(text);
  }
  fillRect(x, y, width, height) {
    this.#bitmap.fill(x, y, width, height, this.#colour);
  }
  clearRect(x, y, width, height) {
    this.#bitmap.fill(x, y, width, height, [0, 0, 0], 0);
  }
  drawImage(source, ...places) {
    const picture = pictureOf(source);
    if (!picture) return;
    const { width, height } = picture;
    const [from, to] =
      places.length === 8
        ? [places.slice(0, 4), places.slice(4)]
        : [[0, 0, width, height], [...places, width, height].slice(0, 4)];
    this.#bitmap.copy(picture, from, to);
  }
  getImageData(x, y, width, height) {
    return new ImageData(width, height, this.#bitmap.read(x, y, width, height));
  }
  putImageData(image, x, y) {
    this.#bitmap.copy(image, [0, 0, image.width, image.height], [x, y, image.width, image.height]);
  }
  createImageData(width, height) {
    return new ImageData(width, height);
  }
}

/** Of WebGL nothing but to clear everything with one colour. */
class WebGLRenderingContext {
  COLOR_BUFFER_BIT = 0x4000;
  #bitmap;
  #colour = [0, 0, 0];
  constructor(canvas, bitmap) {
    this.canvas = canvas;
    this.#bitmap = bitmap;
  }
  clearColor(...channels) {
    this.#colour = channels.slice(0, 3).map((channel) => Math.round(channel * 255));
  }
  clear() {
    this.#bitmap.fill(0, 0, this.canvas.width, this.canvas.height, this.#colour);
  }
}

/** RGBA pixels, of which somebody hears that they have changed. */
class Bitmap {
  #changed;
  constructor(changed) {
    this.#changed = changed;
  }
  resize(width, height) {
    this.width = width;
    this.height = height;
    this.data = new Uint8ClampedArray(4 * width * height);
    this.words = new Uint32Array(this.data.buffer);
    this.#changed();
  }
  fill(x, y, width, height, [red, green, blue], alpha = 255) {
    const word = new Uint32Array(new Uint8Array([red, green, blue, alpha]).buffer)[0];
    const [left, right] = [x, x + width].map((column) => Math.min(this.width, Math.max(0, Math.round(column))));
    const [top, bottom] = [y, y + height].map((row) => Math.min(this.height, Math.max(0, Math.round(row))));
    for (let row = top; row < bottom; row++) this.words.fill(word, row * this.width + left, row * this.width + right);
    this.#changed();
  }
  /** Takes the nearest pixel where the two have different sizes. */
  copy(picture, [fromX, fromY, fromWidth, fromHeight], [toX, toY, toWidth, toHeight]) {
    const { buffer, byteOffset, byteLength } = picture.data;
    const source = new Uint32Array(buffer, byteOffset, byteLength / 4);
    for (let y = 0; y < toHeight && toY + y < this.height; y++) {
      const row = (fromY + Math.floor((y * fromHeight) / toHeight)) * picture.width + fromX;
      const start = (toY + y) * this.width + toX;
      for (let x = 0; x < toWidth && toX + x < this.width; x++) {
        this.words[start + x] = source[row + Math.floor((x * fromWidth) / toWidth)];
      }
    }
    this.#changed();
  }
  read(x, y, width, height) {
    const pixels = new Uint8ClampedArray(4 * width * height);
    for (let row = 0; row < height; row++) {
      const start = 4 * ((y + row) * this.width + x);
      pixels.set(this.data.subarray(start, start + 4 * width), 4 * row * width);
    }
    return pixels;
  }
}

/** A canvas that is nowhere on the page, as workers have them, too. */
export class OffscreenCanvas extends EventTarget {
  #bitmap = new Bitmap(() => {});
  #context = null;
  constructor(width, height) {
    super();
    this.#bitmap.resize(width, height);
  }
  get width() {
    return this.#bitmap.width;
  }
  get height() {
    return this.#bitmap.height;
  }
  getContext(kind) {
    return (this.#context ??= kind === '2d' ? new CanvasRenderingContext2D(this, this.#bitmap) : null);
  }
  currentPicture() {
    return this.#bitmap;
  }
  transferToImageBitmap() {
    const { width, height } = this;
    const bitmap = new ImageBitmap(width, height);
    bitmap.getContext('2d').drawImage(this, 0, 0);
    this.#bitmap.fill(0, 0, width, height, [0, 0, 0], 0);
    return bitmap;
  }
}

/** A picture that can be read as a canvas can; closed it has no size. */
export class ImageBitmap extends OffscreenCanvas {
  #isClosed = false;
  get width() {
    return this.#isClosed ? 0 : super.width;
  }
  get height() {
    return this.#isClosed ? 0 : super.height;
  }
  close() {
    this.#isClosed = true;
  }
}

/** @returns {typeof globalThis.HTMLCanvasElement} one whose streams are the package's */
export function makeCanvasInterface({ MediaStream, nonstandard: { RTCVideoSource, rgbaToI420 } }) {
  return class HTMLCanvasElement extends Element {
    #bitmap = new Bitmap(() => this.#queueFrame());
    #context = null;
    #sources = new Set();
    #isQueued = false;
    constructor() {
      super('canvas');
      this.#bitmap.resize(300, 150);
    }
    get width() {
      return this.#bitmap.width;
    }
    set width(width) {
      this.#bitmap.resize(width, this.height);
    }
    get height() {
      return this.#bitmap.height;
    }
    set height(height) {
      this.#bitmap.resize(this.width, height);
    }
    getContext(kind) {
      const Context = { '2d': CanvasRenderingContext2D, webgl: WebGLRenderingContext }[kind];
      return (this.#context ??= Context ? new Context(this, this.#bitmap) : null);
    }
    currentPicture() {
      return this.#bitmap;
    }
    captureStream() {
      const source = new RTCVideoSource();
      this.#sources.add(source);
      this.#queueFrame();
      return new MediaStream([source.createTrack()]);
    }
    /** "A new frame is captured when the canvas has been painted": once for all that a script has drawn by then. */
    #queueFrame() {
      if (this.#isQueued || !this.#sources?.size) return;
      this.#isQueued = true;
      setTimeout(() => {
        this.#isQueued = false;
        const { width, height, data } = this.#bitmap;
        if (width === 0 || height === 0) return;
        const frame = {
          width,
          height,
          data: new Uint8ClampedArray(width * height + 2 * ((width + 1) >> 1) * ((height + 1) >> 1)),
        };
        rgbaToI420({ width, height, data }, frame);
        for (const source of this.#sources) source.onFrame(frame);
      }, paintingMs).unref();
    }
  };
}
