import { bytesOf } from '../webidl';

/** native/media/track/frame_code.h tells what this looks like. Places are in hundredths of the picture. */
const columns = 10;
const rows = 4;
const left = 10;
const top = 5;
const field = 8;
const threshold = 126;

function checkOf(number: number): number {
  let check = 0xff;
  for (const shift of [24, 16, 8, 0]) {
    check ^= (number >>> shift) & 0xff;
    for (let bit = 0; bit < 8; bit += 1) check = ((check << 1) ^ (check & 0x80 ? 0x07 : 0)) & 0xff;
  }
  return check;
}

/** The inner half of a range: edges are blurred. */
function inner(from: number, to: number): [number, number] {
  const margin = Math.floor((to - from) / 4);
  return [from + margin, Math.max(from + margin + 1, to - margin)];
}

/**
 * The number of a frame of a fake camera or screen, read from its picture, also when that has been coded and scaled.
 * @param frame begins with its plane of brightness, without padding: I420, NV12
 * @returns null when there is none, or when it cannot be read
 */
export function readFrameNumber(frame: {
  readonly width: number;
  readonly height: number;
  readonly data: ArrayBuffer | ArrayBufferView;
}): number | null {
  const { width, height } = frame;
  const luma = bytesOf(frame.data);
  if (!(width >= 25 && height >= 25) || luma.length < width * height) return null;
  const brightness = (column: number, row: number): number => {
    const place = (begin: number, index: number, size: number) => Math.floor(((begin + index * field) * size) / 100);
    const [x0, x1] = inner(place(left, column, width), place(left, column + 1, width));
    const [y0, y1] = inner(place(top, row, height), place(top, row + 1, height));
    let sum = 0;
    for (let y = y0; y < y1; y += 1) for (let x = x0; x < x1; x += 1) sum += luma[y * width + x] ?? 0;
    return sum / ((x1 - x0) * (y1 - y0));
  };
  const bits = Array.from({ length: columns * rows }, (_, index) =>
    brightness(index % columns, Math.floor(index / columns)) >= threshold ? 1 : 0,
  );
  const valueOf = (part: readonly number[]) => part.reduce<number>((value, bit) => value * 2 + bit, 0);
  const number = valueOf(bits.slice(0, 32));
  return checkOf(number) === valueOf(bits.slice(32)) ? number : null;
}
