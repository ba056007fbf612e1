/** Light of a value of sRGB, whose curve Display P3 has, too (IEC 61966-2-1). */
const linear = Float64Array.from({ length: 256 }, (_, value) => {
  const v = value / 255;
  return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
});

function encode(light: number): number {
  const v = Math.min(Math.max(light, 0), 1);
  return Math.round(255 * (v <= 0.0031308 ? v * 12.92 : 1.055 * v ** (1 / 2.4) - 0.055));
}

/** https://www.w3.org/TR/css-color-4/#color-conversion-code: sRGB to XYZ, and from there to Display P3. */
const matrix = [
  [0.8224619687, 0.1775380313, 0],
  [0.0331941989, 0.9668058011, 0],
  [0.0170826307, 0.0723974407, 0.9105199285],
] as const;

/** Pixels of four octets that are sRGB become Display P3, in place; alpha stays. */
export function toDisplayP3(pixels: Uint8Array, isRedFirst: boolean): void {
  const [red, blue] = isRedFirst ? [0, 2] : [2, 0];
  for (let at = 0; at + 3 < pixels.length; at += 4) {
    const light = [pixels[at + red], pixels[at + 1], pixels[at + blue]].map((value) => linear[value ?? 0] ?? 0);
    const [r = 0, g = 0, b = 0] = light;
    const [toR, toG, toB] = matrix.map((row) => encode(row[0] * r + row[1] * g + row[2] * b));
    pixels[at + red] = toR ?? 0;
    pixels[at + 1] = toG ?? 0;
    pixels[at + blue] = toB ?? 0;
  }
}
