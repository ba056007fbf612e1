import { createDOMException } from '../dom/dom-exception';
import * as webidl from '../webidl';
import {
  type DOMRectInit,
  type PlaneLayout,
  type VideoFrameBufferInit,
  type VideoFrameCopyToOptions,
  type VideoFrameInit,
  type VideoFrameMetadata,
  toVideoFrameBufferInit,
  toVideoFrameCopyToOptions,
  toVideoFrameInit,
} from '../webidl/generated/dictionaries';
import type { VideoPixelFormat } from '../webidl/generated/enums';
import { type CanvasSource, isCanvas, readCanvas } from './canvas-source';
import { DOMRectReadOnly } from './DOMRectReadOnly';
import { type Geometry, checkDisplaySize, initializeGeometry, plainGeometry } from './frame-geometry';
import {
  type CombinedLayout,
  type MediaResource,
  computeLayout,
  copyPlanes,
  cutOut,
  layoutOf,
  parseRect,
} from './frame-layout';
import { isRgb, opaqueFormat } from './pixel-format';
import { toRgb } from './to-rgb';
import { checkTransferList, takeOver } from './transfer-list';
import { VideoColorSpace, defaultColorSpace } from './VideoColorSpace';

/** What a VideoFrame refers to until it is closed. Nothing in it changes, so that clones share it. */
export interface Picture {
  readonly resource: MediaResource;
  readonly format: VideoPixelFormat;
  readonly codedWidth: number;
  readonly codedHeight: number;
  readonly geometry: Geometry;
  readonly colorSpace: VideoColorSpace;
  readonly metadata: VideoFrameMetadata;
}

/** Microseconds; they outlive the frame's being closed. */
interface Times {
  readonly timestamp: number;
  readonly duration: number | null;
}

/** A frame of what nobody changes any more. */
export let createVideoFrame: (picture: Picture, times: Times) => VideoFrame;
/** Null for a closed frame. */
export let pictureOf: (frame: VideoFrame) => Picture | null;

/** As scripts give them: everything is optional. */
type CopyToOptions = Partial<Omit<VideoFrameCopyToOptions, 'rect'> & { rect: Partial<DOMRectInit> }>;

/** Only our own code can hand it over. */
class Adopted {
  constructor(
    readonly picture: Picture,
    readonly times: Times,
  ) {}
}

const constructor = webidl.constructorContext('VideoFrame');

/** https://w3c.github.io/webcodecs/#dom-videoframe-videoframe-data-init */
function fromBuffer(data: webidl.AllowSharedBufferSource, init: VideoFrameBufferInit): Adopted {
  const { format, codedWidth, codedHeight, transfer, timestamp, duration = null, metadata = {} } = init;
  // 1. If init is not a valid VideoFrameBufferInit, throw a TypeError.
  if (codedWidth === 0 || codedHeight === 0) throw new TypeError(`${constructor}: The coded size must not be zero.`);
  checkDisplaySize(init);
  // 2. – 3. Parse the visible rectangle.
  const whole = { x: 0, y: 0, width: codedWidth, height: codedHeight };
  const visible = parseRect(init.visibleRect, whole, init);
  // 4. – 5. Compute the layout. 6. If data is too small for it, throw a TypeError.
  const combined = computeLayout(whole, format, init.layout);
  if (data.byteLength < combined.allocationSize) {
    throw new TypeError(`${constructor}: data is too small: ${String(combined.allocationSize)} octets are needed.`);
  }
  // 7. – 9. If init.transfer has a duplicate or a detached buffer, throw a DataCloneError.
  checkTransferList(transfer);
  // 10. – 11. The resource is data's memory where that is transferred, and a copy of the visible part otherwise.
  const given = webidl.bytesOf(data);
  const { byteOffset, byteLength, buffer } = given;
  const taken = takeOver(transfer)[transfer.indexOf(buffer as ArrayBuffer)];
  const octets = taken ? new Uint8Array(taken, byteOffset, byteLength) : given;
  const source: MediaResource = { octets, layout: layoutOf(combined) };
  const isWhole = visible.width === codedWidth && visible.height === codedHeight;
  const resource = taken && isWhole ? source : cutOut(source, format, visible);
  const rect = { ...visible, x: 0, y: 0 };
  return new Adopted(
    {
      resource,
      format,
      codedWidth: rect.width,
      codedHeight: rect.height,
      geometry: initializeGeometry(plainGeometry(rect), init, rect),
      colorSpace: init.colorSpace ? new VideoColorSpace(init.colorSpace) : defaultColorSpace(format),
      metadata,
    },
    { timestamp, duration },
  );
}

/** https://w3c.github.io/webcodecs/#dom-videoframe-videoframe, of another frame. */
function fromFrame(picture: Picture | null, times: Times, init: VideoFrameInit): Adopted {
  if (!picture) throw createDOMException(`${constructor}: The VideoFrame has been closed.`, 'InvalidStateError');
  // 1. – 2. If init is not a valid VideoFrameInit, throw a TypeError.
  checkDisplaySize(init);
  const rect = parseRect(init.visibleRect, picture.geometry.rect, picture);
  // 3. Initialize frame from other frame.
  return new Adopted(
    {
      ...picture,
      format: init.alpha === 'discard' ? opaqueFormat(picture.format) : picture.format,
      geometry: initializeGeometry(picture.geometry, init, rect),
      metadata: init.metadata ?? picture.metadata,
    },
    { timestamp: init.timestamp ?? times.timestamp, duration: init.duration ?? times.duration },
  );
}

/** The same, of a canvas. */
function fromCanvas(canvas: CanvasSource, init: VideoFrameInit): Adopted {
  // 1. Check the usability of the image argument. 2. – 3. Skipped: every canvas here is the program's own.
  const { octets, width, height } = readCanvas(canvas, constructor);
  // 4. If init has no timestamp, throw a TypeError.
  const { timestamp, duration = null, metadata = {} } = init;
  if (timestamp === undefined) throw new TypeError(`${constructor}: timestamp is needed with a canvas.`);
  // "Initialize frame with resource and size"
  checkDisplaySize(init);
  const whole = { x: 0, y: 0, width, height };
  const format = init.alpha === 'discard' ? 'RGBX' : 'RGBA';
  const rect = parseRect(init.visibleRect, whole, { format, codedWidth: width, codedHeight: height });
  return new Adopted(
    {
      resource: { octets, layout: [{ offset: 0, stride: 4 * width }] },
      format,
      codedWidth: width,
      codedHeight: height,
      geometry: initializeGeometry(plainGeometry(whole), init, rect),
      colorSpace: defaultColorSpace(format),
      metadata,
    },
    { timestamp, duration },
  );
}

/** https://w3c.github.io/webcodecs/#videoframe-interface */
export class VideoFrame {
  static {
    webidl.defineInterface('VideoFrame', this, (value) => #times in value);
    createVideoFrame = (picture, times) => new VideoFrame(new Adopted(picture, times) as unknown as VideoFrame);
    pictureOf = (frame) => frame.#picture;
  }

  /** Null once it is closed. */
  #picture: Picture | null;
  readonly #times: Times;

  constructor(
    imageOrData: VideoFrame | CanvasSource | webidl.AllowSharedBufferSource,
    init?: Partial<VideoFrameInit> | Partial<VideoFrameBufferInit>,
  ) {
    webidl.requireArguments(arguments.length, 1, constructor);
    const { picture, times } = VideoFrame.#read(imageOrData, init);
    this.#picture = picture;
    this.#times = times;
  }

  /** The overloads: a frame or a canvas (there are no other image sources here), or octets. */
  static #read(value: unknown, init: unknown): Adopted {
    if (value instanceof Adopted) return value;
    if (webidl.isObject(value) && #times in value) {
      return fromFrame(value.#picture, value.#times, toVideoFrameInit(init, constructor));
    }
    if (isCanvas(value)) return fromCanvas(value, toVideoFrameInit(init, constructor));
    const data = webidl.toAllowSharedBufferSource(value, constructor);
    return fromBuffer(data, toVideoFrameBufferInit(init, constructor));
  }

  get format(): VideoPixelFormat | null {
    return this.#picture?.format ?? null;
  }

  get codedWidth(): number {
    return this.#picture?.codedWidth ?? 0;
  }

  get codedHeight(): number {
    return this.#picture?.codedHeight ?? 0;
  }

  get codedRect(): DOMRectReadOnly | null {
    const picture = this.#picture;
    return picture && new DOMRectReadOnly(0, 0, picture.codedWidth, picture.codedHeight);
  }

  get visibleRect(): DOMRectReadOnly | null {
    const picture = this.#picture;
    return picture && DOMRectReadOnly.fromRect(picture.geometry.rect);
  }

  get rotation(): number {
    return this.#picture?.geometry.rotation ?? 0;
  }

  get flip(): boolean {
    return this.#picture?.geometry.flip ?? false;
  }

  get displayWidth(): number {
    return this.#picture?.geometry.displayWidth ?? 0;
  }

  get displayHeight(): number {
    return this.#picture?.geometry.displayHeight ?? 0;
  }

  /** Microseconds. */
  get duration(): number | null {
    return this.#times.duration;
  }

  /** Microseconds. */
  get timestamp(): number {
    return this.#times.timestamp;
  }

  get colorSpace(): VideoColorSpace {
    return this.#picture?.colorSpace ?? new VideoColorSpace();
  }

  metadata(): VideoFrameMetadata {
    return { ...requireOpen(this.#picture).metadata };
  }

  allocationSize(options?: CopyToOptions): number {
    const picture = this.#picture;
    const wanted = toVideoFrameCopyToOptions(options, webidl.operationContext('allocationSize', 'VideoFrame'));
    // 1. If it is closed, throw an InvalidStateError. 2. – 4.
    return layoutToCopy(requireOpen(picture), wanted).combined.allocationSize;
  }

  /** What is wrong rejects the promise. */
  async copyTo(destination: webidl.AllowSharedBufferSource, options?: CopyToOptions): Promise<PlaneLayout[]> {
    const slot = this.#picture;
    const context = webidl.operationContext('copyTo', 'VideoFrame');
    webidl.requireArguments(arguments.length, 1, context);
    const target = webidl.toAllowSharedBufferSource(destination, context);
    const wanted = toVideoFrameCopyToOptions(options, context);
    // 1. – 5. If it is closed, or the options are not valid, or destination is too small, reject.
    const picture = requireOpen(slot);
    const { combined, rect } = layoutToCopy(picture, wanted);
    if (target.byteLength < combined.allocationSize) throw new TypeError(`${context}: destination is too small.`);
    // 6. – 8. Copy. It is done at once: the promise is only the form.
    const { resource, format, colorSpace } = picture;
    const octets = webidl.bytesOf(target);
    const layout = layoutOf(combined);
    if (wanted.format && isRgb(wanted.format)) {
      const [{ offset, stride } = { offset: 0, stride: 0 }] = layout;
      const to = { format: wanted.format, colorSpace: wanted.colorSpace ?? 'srgb', octets, offset, stride };
      toRgb(resource, format, { rect, colorSpace }, to);
    } else {
      copyPlanes(resource, combined, octets);
    }
    return Promise.resolve(layout);
  }

  clone(): VideoFrame {
    return createVideoFrame(requireOpen(this.#picture), this.#times);
  }

  close(): void {
    this.#picture = null;
  }
}

function requireOpen(picture: Picture | null): Picture {
  if (!picture) throw createDOMException('The VideoFrame has been closed.', 'InvalidStateError');
  return picture;
}

/** https://w3c.github.io/webcodecs/#videoframe-parse-videoframecopytooptions */
function layoutToCopy(
  picture: Picture,
  options: VideoFrameCopyToOptions,
): { combined: CombinedLayout; rect: Geometry['rect'] } {
  // 1. – 4. The rectangle; the visible one by default.
  const rect = parseRect(options.rect, picture.geometry.rect, picture);
  // 5. A format that frames cannot be converted to: NotSupportedError.
  const { format = picture.format } = options;
  if (format !== picture.format && !isRgb(format)) {
    throw createDOMException(`Frames cannot be converted to ${format}.`, 'NotSupportedError');
  }
  // 6. – 7.
  const isConverted = options.format !== undefined && isRgb(format);
  const source = isConverted ? { ...rect, x: 0, y: 0 } : rect;
  return { combined: computeLayout(source, format, options.layout), rect };
}

declare module '../webidl/types' {
  interface InterfaceTypes {
    VideoFrame: VideoFrame;
  }
}
