import type { VideoPixelFormat } from '../webidl/generated/enums';

/** One plane of a pixel format: a sample stands for so many pixels each way. */
export interface Plane {
  readonly sampleBytes: number;
  readonly sampleWidth: number;
  readonly sampleHeight: number;
}

const rgb: readonly Plane[] = [{ sampleBytes: 4, sampleWidth: 1, sampleHeight: 1 }];

function planar(bytes: number, width: number, height: number, hasAlpha: boolean): readonly Plane[] {
  const whole = { sampleBytes: bytes, sampleWidth: 1, sampleHeight: 1 };
  const chroma = { sampleBytes: bytes, sampleWidth: width, sampleHeight: height };
  return hasAlpha ? [whole, chroma, chroma, whole] : [whole, chroma, chroma];
}

const subsampling: Readonly<Record<string, readonly [number, number]>> = {
  I420: [2, 2],
  I422: [2, 1],
  I444: [1, 1],
};

/** https://w3c.github.io/webcodecs/#pixel-format */
export function planesOf(format: VideoPixelFormat): readonly Plane[] {
  if (isRgb(format)) return rgb;
  if (format === 'NV12') {
    return [
      { sampleBytes: 1, sampleWidth: 1, sampleHeight: 1 },
      { sampleBytes: 2, sampleWidth: 2, sampleHeight: 2 },
    ];
  }
  const [width, height] = subsampling[format.slice(0, 4)] ?? [1, 1];
  return planar(bitDepthOf(format) > 8 ? 2 : 1, width, height, hasAlpha(format));
}

export type RgbFormat = 'RGBA' | 'RGBX' | 'BGRA' | 'BGRX';

export function isRgb(format: VideoPixelFormat): format is RgbFormat {
  return format.startsWith('RGB') || format.startsWith('BGR');
}

export function bitDepthOf(format: VideoPixelFormat): number {
  const [, bits] = /P(\d+)$/.exec(format) ?? [];
  return bits === undefined ? 8 : Number(bits);
}

export function hasAlpha(format: VideoPixelFormat): boolean {
  return format === 'RGBA' || format === 'BGRA' || /^I4\d\dA/.test(format);
}

/** The equivalent format without alpha. */
export function opaqueFormat(format: VideoPixelFormat): VideoPixelFormat {
  if (!hasAlpha(format)) return format;
  return (isRgb(format) ? format.replace('A', 'X') : format.replace('A', '')) as VideoPixelFormat;
}
