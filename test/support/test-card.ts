/**
 * A picture that machines can judge: its number, the flash, colours, and how far it is from what was sent.
 *
 * Number and flash lie where fake cameras have them (native/media/track/frame_code.h, test_picture.h), so that one reader
 * does for both. Everything is in {@link testCard}, which uses nothing outside of itself: a page gets it as text.
 */

/** I420 without padding, as RTCVideoSink gives it. */
export interface Picture {
  width: number;
  height: number;
  data: Uint8Array | Uint8ClampedArray;
}

/** What can be told of one picture that arrived. */
export interface SeenPicture {
  /** null: it cannot be read. */
  number: number | null;
  /** Against the picture of that number, in decibels; 0 for one that cannot be read. */
  psnr: number;
  isFlash: boolean;
  /** Whether each colour is the one that it was: planes that are exchanged show here, not in the brightness. */
  hasColours: boolean;
}

export interface TestCard {
  draw(width: number, height: number, number: number, isFlash: boolean): Picture;
  readNumber(picture: Picture): number | null;
  isFlash(picture: Picture): boolean;
  /** Of the brightness, of everything but the colours, which conversions to RGB and back do not keep. */
  psnr(picture: Picture, sent: Picture): number;
  look(picture: Picture): SeenPicture;
  /** BT.601, limited range. */
  toRgba(picture: Picture): Uint8ClampedArray;
  fromRgba(rgba: Uint8Array | Uint8ClampedArray, width: number, height: number): Picture;
}

export function testCard(): TestCard {
  const [columns, rows] = [10, 4];
  // Hundredths of width and height.
  const [codeLeft, codeTop, field] = [10, 5, 8];
  const flash = { left: 10, top: 54, width: 80, height: 9 };
  const colours = { left: 10, top: 43, width: 80, height: 9 };
  const wavesTop = 65;
  const [black, grey, white] = [16, 126, 235];
  /** Red, green, blue and yellow as [Y, U, V]. */
  const patches = [
    [81, 90, 240],
    [145, 54, 34],
    [41, 240, 110],
    [210, 16, 146],
  ] as const;

  const part = (whole: number, hundredths: number) => Math.trunc((whole * hundredths) / 100);
  const chroma = (picture: { width: number; height: number }) => ({
    width: (picture.width + 1) >> 1,
    height: (picture.height + 1) >> 1,
  });

  /** Edges of a field of the code: left, top, right, bottom. */
  function edges(width: number, height: number, index: number): [number, number, number, number] {
    const [column, row] = [index % columns, Math.trunc(index / columns)];
    return [
      part(width, codeLeft + column * field),
      part(height, codeTop + row * field),
      part(width, codeLeft + (column + 1) * field),
      part(height, codeTop + (row + 1) * field),
    ];
  }

  /** CRC-8, polynomial 0x07, first value 0xff. */
  function check(number: number): number {
    let value = 0xff;
    for (let shift = 24; shift >= 0; shift -= 8) {
      value ^= (number >>> shift) & 0xff;
      for (let bit = 0; bit < 8; bit++) value = ((value << 1) ^ (value & 0x80 ? 0x07 : 0)) & 0xff;
    }
    return value;
  }

  function fill(picture: Picture, left: number, top: number, right: number, bottom: number, value: number): void {
    for (let y = top; y < bottom; y++) picture.data.fill(value, y * picture.width + left, y * picture.width + right);
  }

  /** The mean of the inner half of an area of the brightness: edges are blurred by scaling and coding. */
  function brightness(picture: Picture, [left, top, right, bottom]: [number, number, number, number]): number {
    const [marginX, marginY] = [(right - left) >> 2, (bottom - top) >> 2];
    let [sum, count] = [0, 0];
    for (let y = top + marginY; y < Math.max(top + marginY + 1, bottom - marginY); y++) {
      for (let x = left + marginX; x < Math.max(left + marginX + 1, right - marginX); x++) {
        sum += picture.data[y * picture.width + x]!;
        count++;
      }
    }
    return sum / count;
  }

  const area = (
    { width, height }: Picture,
    of: { left: number; top: number; width: number; height: number },
  ): [number, number, number, number] => [
    part(width, of.left),
    part(height, of.top),
    part(width, of.left + of.width),
    part(height, of.top + of.height),
  ];

  function patchEdges(picture: Picture, index: number): [number, number, number, number] {
    const [left, top, right, bottom] = area(picture, colours);
    const edge = (at: number) => left + Math.trunc(((right - left) * at) / patches.length);
    return [edge(index), top, edge(index + 1), bottom];
  }

  /** What is the same in every picture of a size. */
  let ground: Picture = { width: 0, height: 0, data: new Uint8Array() };
  function groundOf(width: number, height: number): Picture {
    if (ground.width === width && ground.height === height) return ground;
    const small = chroma({ width, height });
    const [luma, plane] = [width * height, small.width * small.height];
    const data = new Uint8Array(luma + 2 * plane);
    data.fill(grey, 0, luma).fill(128, luma);
    ground = { width, height, data };
    for (const [index, [y, u, v]] of patches.entries()) {
      const [left, top, right, bottom] = patchEdges(ground, index);
      fill(ground, left, top, right, bottom, y);
      for (let row = top >> 1; row < (bottom + 1) >> 1; row++) {
        const [from, to] = [row * small.width + (left >> 1), row * small.width + ((right + 1) >> 1)];
        data.fill(u, luma + from, luma + to);
        data.fill(v, luma + plane + from, luma + plane + to);
      }
    }
    return ground;
  }

  function draw(width: number, height: number, number: number, isFlash: boolean): Picture {
    const data = groundOf(width, height).data.slice() as Uint8Array;
    const picture = { width, height, data };
    const bits = number.toString(2).padStart(32, '0') + check(number).toString(2).padStart(8, '0');
    for (let index = 0; index < bits.length; index++) {
      const [left, top, right, bottom] = edges(width, height, index);
      fill(picture, left, top, right, bottom, bits[index] === '1' ? white : black);
    }
    const [left, top, right, bottom] = area(picture, flash);
    fill(picture, left, top, right, bottom, isFlash ? white : black);
    // Waves that move: a picture that stays behind is another picture.
    const across = new Int16Array(width);
    for (let x = 0; x < width; x++) {
      across[x] = grey + Math.round(45 * Math.sin(2 * Math.PI * ((2 * x) / width - number / 50)));
    }
    for (let y = part(height, wavesTop), at = y * width; y < height; y++) {
      const down = Math.round(45 * Math.sin(2 * Math.PI * ((3 * y) / height + number / 50)));
      for (let x = 0; x < width; x++) data[at++] = across[x]! + down;
    }
    return picture;
  }

  function readNumber(picture: Picture): number | null {
    if (picture.width < 25 || picture.height < 25) return null;
    let number = 0;
    let sum = 0;
    for (let index = 0; index < columns * rows; index++) {
      const bit = brightness(picture, edges(picture.width, picture.height, index)) >= grey ? 1 : 0;
      if (index < 32) number = ((number << 1) | bit) >>> 0;
      else sum = (sum << 1) | bit;
    }
    return check(number) === sum ? number : null;
  }

  const isFlash = (picture: Picture) => brightness(picture, area(picture, flash)) >= grey;

  function psnr(picture: Picture, sent: Picture): number {
    const { width, height } = picture;
    const [coloursTop, coloursBottom] = [part(height, colours.top) - 2, part(height, colours.top + colours.height) + 2];
    let [sum, count] = [0, 0];
    for (let y = 0; y < height; y++) {
      if (y >= coloursTop && y < coloursBottom) continue;
      for (let at = y * width; at < (y + 1) * width; at++) {
        const difference = picture.data[at]! - sent.data[at]!;
        sum += difference * difference;
      }
      count += width;
    }
    return sum === 0 ? 99 : Math.min(99, 10 * Math.log10((255 * 255 * count) / sum));
  }

  function hasColours(picture: Picture): boolean {
    const { width: smallWidth, height: smallHeight } = chroma(picture);
    const luma = picture.width * picture.height;
    const plane = (index: number) => ({
      width: smallWidth,
      height: smallHeight,
      data: picture.data.subarray(
        luma + index * smallWidth * smallHeight,
        luma + (index + 1) * smallWidth * smallHeight,
      ),
    });
    const [u, v] = [plane(0), plane(1)];
    return patches.every(([, wantedU, wantedV], index) => {
      const half = patchEdges(picture, index).map((edge) => edge >> 1) as [number, number, number, number];
      return Math.abs(brightness(u, half) - wantedU) < 40 && Math.abs(brightness(v, half) - wantedV) < 40;
    });
  }

  function look(picture: Picture): SeenPicture {
    const number = readNumber(picture);
    const flashes = isFlash(picture);
    if (number === null) return { number, psnr: 0, isFlash: flashes, hasColours: false };
    const sent = draw(picture.width, picture.height, number, flashes);
    return { number, psnr: psnr(picture, sent), isFlash: flashes, hasColours: hasColours(picture) };
  }

  function toRgba({ width, height, data }: Picture): Uint8ClampedArray {
    const rgba = new Uint8ClampedArray(4 * width * height);
    const small = chroma({ width, height });
    const luma = width * height;
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const at = luma + (y >> 1) * small.width + (x >> 1);
        const l = 1.164 * (data[y * width + x]! - 16);
        const [u, v] = [data[at]! - 128, data[at + small.width * small.height]! - 128];
        const to = 4 * (y * width + x);
        rgba[to] = l + 1.596 * v;
        rgba[to + 1] = l - 0.392 * u - 0.813 * v;
        rgba[to + 2] = l + 2.017 * u;
        rgba[to + 3] = 255;
      }
    }
    return rgba;
  }

  function fromRgba(rgba: Uint8Array | Uint8ClampedArray, width: number, height: number): Picture {
    const small = chroma({ width, height });
    const luma = width * height;
    const data = new Uint8Array(luma + 2 * small.width * small.height);
    for (let at = 0; at < luma; at++) {
      const [r, g, b] = [rgba[4 * at]!, rgba[4 * at + 1]!, rgba[4 * at + 2]!];
      data[at] = Math.round(16 + 0.257 * r + 0.504 * g + 0.098 * b);
    }
    for (let y = 0; y < small.height; y++) {
      for (let x = 0; x < small.width; x++) {
        const from = 4 * (2 * y * width + 2 * x);
        const [r, g, b] = [rgba[from]!, rgba[from + 1]!, rgba[from + 2]!];
        const at = luma + y * small.width + x;
        data[at] = Math.round(128 - 0.148 * r - 0.291 * g + 0.439 * b);
        data[at + small.width * small.height] = Math.round(128 + 0.439 * r - 0.368 * g - 0.071 * b);
      }
    }
    return { width, height, data };
  }

  return { draw, readNumber, isFlash, psnr, look, toRgba, fromRgba };
}
