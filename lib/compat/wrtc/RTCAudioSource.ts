import { type MediaStreamTrack, createTrack } from '../../mediacapture/MediaStreamTrack';
import { holdForSound } from '../../mediacapture/in-flight';
import { AudioProgramSource } from '../../mediacapture/program-source';
import { checkByteLength, toDictionary, toInteger, toOctets } from './arguments';

const bytesPerSample = 2;

interface Sound {
  readonly samples: ArrayBuffer | ArrayBufferView;
  readonly sampleRate: number;
  readonly channelCount: number;
}

/** wrtc takes 10 ms at a time and nothing else. Here any number of whole frames will do; its messages are the same. */
function toSound(value: unknown): Sound {
  const dictionary = toDictionary(value);
  const samples = toOctets(dictionary['samples']);
  // Their octets would pass for samples, and be loud noise.
  const { BYTES_PER_ELEMENT: width = bytesPerSample, constructor: Kind } = samples as Partial<Float32Array>;
  if (width > bytesPerSample) throw new TypeError(`Expected .samples of 16 bits, not a ${String(Kind?.name)}`);
  const { bitsPerSample = 16, channelCount: channels = 1, numberOfFrames } = dictionary;
  if (bitsPerSample !== 16) throw new TypeError(`Expected a .bitsPerSample of 16, not ${String(bitsPerSample)}`);
  const sampleRate = toInteger(dictionary['sampleRate'], { least: 8000, most: 65_535 });
  const channelCount = toInteger(channels, { least: 1, most: 8 });
  const frameLength = channelCount * bytesPerSample;
  const frames = samples.byteLength / frameLength;
  if (!Number.isInteger(frames) || frames === 0) {
    checkByteLength(samples, Math.trunc(sampleRate / 100) * frameLength);
  }
  if (numberOfFrames !== undefined && numberOfFrames !== frames) {
    throw new TypeError(`Expected a .numberOfFrames of ${String(frames)}, not ${String(numberOfFrames)}`);
  }
  return { samples, sampleRate, channelCount };
}

/** Sound of a program (docs/nonstandard.md). */
export class RTCAudioSource {
  readonly #source = new AudioProgramSource();

  createTrack(): MediaStreamTrack {
    return createTrack({ kind: 'audio', label: this.#source.label, source: this.#source });
  }

  /** Sends the sound to every track that has not been stopped; it is copied before this returns. */
  onData(data: unknown): void {
    const { samples, sampleRate, channelCount } = toSound(data);
    const native = this.#source.native();
    if (!native.push(samples, sampleRate, channelCount, true)) {
      throw new RangeError('Two minutes of sound wait to be sent already');
    }
    holdForSound(this.#source, native);
  }

  /** Milliseconds of sound that were given to onData() and have not been sent on: for whoever is faster than time. */
  get bufferedDuration(): number {
    return this.#source.native().waitingUs() / 1000;
  }

  /** Drops what waits to be sent: for who is interrupted. What is given to onData() afterwards follows at once. */
  clear(): void {
    this.#source.native().clear();
  }
}
