import type { AudioSampleFormat } from '../webidl/generated/enums';

type SampleType = 'u8' | 's16' | 's32' | 'f32';
type Samples = Uint8Array | Int16Array | Int32Array | Float32Array;

interface SampleKind {
  readonly bytes: number;
  /** The octets as numbers; they begin where numbers of that size may. */
  view(octets: Uint8Array): Samples;
  /** Between -1 and 1, exactly. */
  toUnit(value: number): number;
  fromUnit(value: number): number;
}

const clamp = (value: number, low: number, high: number) => Math.min(Math.max(value, low), high);
const count = (octets: Uint8Array, bytes: number) => octets.byteLength / bytes;

const kinds: Readonly<Record<SampleType, SampleKind>> = {
  u8: {
    bytes: 1,
    view: (octets) => octets,
    toUnit: (value) => (value - 128) / 128,
    fromUnit: (value) => clamp(Math.floor(value * 128) + 128, 0, 255),
  },
  s16: {
    bytes: 2,
    view: (octets) => new Int16Array(octets.buffer, octets.byteOffset, count(octets, 2)),
    toUnit: (value) => value / 32_768,
    fromUnit: (value) => clamp(Math.floor(value * 32_768), -32_768, 32_767),
  },
  s32: {
    bytes: 4,
    view: (octets) => new Int32Array(octets.buffer, octets.byteOffset, count(octets, 4)),
    toUnit: (value) => value / 2 ** 31,
    fromUnit: (value) => clamp(Math.floor(value * 2 ** 31), -(2 ** 31), 2 ** 31 - 1),
  },
  f32: {
    bytes: 4,
    view: (octets) => new Float32Array(octets.buffer, octets.byteOffset, count(octets, 4)),
    toUnit: (value) => value,
    fromUnit: (value) => value,
  },
};

export function isPlanar(format: AudioSampleFormat): boolean {
  return format.endsWith('-planar');
}

function typeOf(format: AudioSampleFormat): SampleType {
  return format.replace('-planar', '') as SampleType;
}

export function bytesPerSample(format: AudioSampleFormat): number {
  return kinds[typeOf(format)].bytes;
}

/** Sound in memory: all frames of all channels. */
export interface SoundResource {
  /** Begins at a multiple of four in its buffer. */
  readonly octets: Uint8Array;
  readonly format: AudioSampleFormat;
  readonly numberOfFrames: number;
  readonly numberOfChannels: number;
}

/** What is to be copied: all channels into an interleaved format, one channel into a planar one. */
export interface SoundSelection {
  readonly format: AudioSampleFormat;
  readonly channel: number;
  readonly frameOffset: number;
  readonly frameCount: number;
}

/** Writes the selection to `to`, which has room for it; rounds down, as if the bits that are too many were cut off. */
export function convertSamples(from: SoundResource, selection: SoundSelection, to: Uint8Array): void {
  const { frameOffset, frameCount, format, channel } = selection;
  const source = kinds[typeOf(from.format)];
  const target = kinds[typeOf(format)];
  const samples = source.view(from.octets);
  const isAligned = to.byteOffset % target.bytes === 0;
  const result = target.view(isAligned ? to : new Uint8Array(to.byteLength));
  const channels = isPlanar(format) ? [channel] : Array.from({ length: from.numberOfChannels }, (_, index) => index);
  const [step, begin] = isPlanar(from.format) ? [1, from.numberOfFrames] : [from.numberOfChannels, 1];
  // Floats are rounded to the nearest integer, integers to the one below.
  const bias = typeOf(from.format) === 'f32' && typeOf(format) !== 'f32' ? 0.5 / unitSteps[typeOf(format)] : 0;
  const isSame = source === target;
  for (const [place, each] of channels.entries()) {
    let at = each * begin + frameOffset * step;
    for (let frame = 0; frame < frameCount; frame += 1, at += step) {
      const value = samples[at] ?? 0;
      result[frame * channels.length + place] = isSame ? value : target.fromUnit(source.toUnit(value) + bias);
    }
  }
  if (!isAligned) to.set(new Uint8Array(result.buffer, 0, to.byteLength));
}

/** How many integers there are from 0 to 1. */
const unitSteps: Readonly<Record<SampleType, number>> = { u8: 128, s16: 32_768, s32: 2 ** 31, f32: Infinity };
