import { createDOMException } from '../dom/dom-exception';
import * as webidl from '../webidl';
import {
  type AudioDataCopyToOptions,
  type AudioDataInit,
  toAudioDataCopyToOptions,
  toAudioDataInit,
} from '../webidl/generated/dictionaries';
import type { AudioSampleFormat } from '../webidl/generated/enums';
import { type SoundResource, type SoundSelection, bytesPerSample, convertSamples, isPlanar } from './sample-format';
import { checkTransferList, takeOver } from './transfer-list';

/** What an AudioData refers to until it is closed. */
interface Sound extends SoundResource {
  readonly sampleRate: number;
}

/** An AudioData of sound that nobody changes any more. */
export let createAudioData: (sound: Sound, timestamp: number) => AudioData;

/** Only our own code can hand it over. */
class Adopted {
  constructor(
    readonly sound: Sound,
    readonly timestamp: number,
  ) {}
}

function readInit(value: unknown): Adopted {
  const context = webidl.constructorContext('AudioData');
  const init: AudioDataInit = toAudioDataInit(value, context);
  const { data, transfer, format, sampleRate, numberOfFrames, numberOfChannels, timestamp } = init;
  // 1. If init is not a valid AudioDataInit, throw a TypeError.
  if (!(sampleRate > 0)) throw new TypeError(`${context}: sampleRate must be positive.`);
  if (numberOfFrames === 0) throw new TypeError(`${context}: numberOfFrames must be positive.`);
  if (numberOfChannels === 0) throw new TypeError(`${context}: numberOfChannels must be positive.`);
  const size = numberOfFrames * numberOfChannels * bytesPerSample(format);
  if (data.byteLength < size) throw new TypeError(`${context}: data is too small: ${String(size)} octets are needed.`);
  // 2. – 3. If init.transfer has a duplicate or a detached buffer, throw a DataCloneError.
  checkTransferList(transfer);
  // 4. – 5. Let the resource be data's memory where that is transferred, and a copy otherwise.
  const given = webidl.bytesOf(data);
  const { byteOffset, buffer } = given;
  const index = transfer.indexOf(buffer as ArrayBuffer);
  const taken = takeOver(transfer)[index];
  // Of a buffer that was taken the view has neither octets nor an offset any more. Samples have to be aligned.
  const resource = taken ? new Uint8Array(taken, byteOffset, size) : given.subarray(0, size);
  const octets = taken && byteOffset % 4 === 0 ? resource : new Uint8Array(resource);
  return new Adopted({ octets, format, sampleRate, numberOfFrames, numberOfChannels }, timestamp);
}

/** https://w3c.github.io/webcodecs/#audiodata-interface */
export class AudioData {
  static {
    webidl.defineInterface('AudioData', this, (value) => #timestamp in value);
    createAudioData = (sound, timestamp) => new AudioData(new Adopted(sound, timestamp) as unknown as AudioDataInit);
  }

  /** Null once it is closed. */
  #sound: Sound | null;
  readonly #timestamp: number;

  constructor(init: AudioDataInit) {
    webidl.requireArguments(arguments.length, 1, webidl.constructorContext('AudioData'));
    const { sound, timestamp } = (init as unknown) instanceof Adopted ? (init as unknown as Adopted) : readInit(init);
    this.#sound = sound;
    this.#timestamp = timestamp;
  }

  get format(): AudioSampleFormat | null {
    return this.#sound?.format ?? null;
  }

  get sampleRate(): number {
    return this.#sound?.sampleRate ?? 0;
  }

  get numberOfFrames(): number {
    return this.#sound?.numberOfFrames ?? 0;
  }

  get numberOfChannels(): number {
    return this.#sound?.numberOfChannels ?? 0;
  }

  /** Microseconds. */
  get duration(): number {
    const sound = this.#sound;
    return sound ? Math.trunc((sound.numberOfFrames / sound.sampleRate) * 1e6) : 0;
  }

  /** Microseconds. */
  get timestamp(): number {
    return this.#timestamp;
  }

  allocationSize(options: AudioDataCopyToOptions): number {
    const sound = this.#open();
    const context = webidl.operationContext('allocationSize', 'AudioData');
    webidl.requireArguments(arguments.length, 1, context);
    const selection = select(sound, toAudioDataCopyToOptions(options, context));
    return sizeOf(selection, sound);
  }

  copyTo(destination: webidl.AllowSharedBufferSource, options: AudioDataCopyToOptions): void {
    const slot = this.#sound;
    const context = webidl.operationContext('copyTo', 'AudioData');
    webidl.requireArguments(arguments.length, 2, context);
    const target = webidl.toAllowSharedBufferSource(destination, context);
    const wanted = toAudioDataCopyToOptions(options, context);
    // 1. If this is detached, throw an InvalidStateError. 2. Compute the number of elements.
    const sound = requireOpen(slot);
    const selection = select(sound, wanted);
    // 3. – 4. If they need more room than destination has, throw a RangeError.
    const size = sizeOf(selection, sound);
    if (size > target.byteLength) throw new RangeError(`${context}: destination is too small.`);
    // 5. – 7. Copy, in the format that is asked for.
    convertSamples(sound, selection, webidl.bytesOf(target).subarray(0, size));
  }

  clone(): AudioData {
    return createAudioData(this.#open(), this.#timestamp);
  }

  close(): void {
    this.#sound = null;
  }

  #open(): Sound {
    return requireOpen(this.#sound);
  }
}

function requireOpen(sound: Sound | null): Sound {
  if (!sound) throw createDOMException('The AudioData has been closed.', 'InvalidStateError');
  return sound;
}

/** https://w3c.github.io/webcodecs/#audiodata-compute-copy-element-count */
function select(sound: Sound, options: AudioDataCopyToOptions): SoundSelection {
  const { planeIndex, frameOffset, format = sound.format } = options;
  // 1. – 3. An interleaved format has one plane, a planar one as many as there are channels.
  const planes = isPlanar(format) ? sound.numberOfChannels : 1;
  if (planeIndex >= planes) throw new RangeError(`There is no plane ${String(planeIndex)}.`);
  // 4. Skipped: every conversion is supported. 5. – 9. Frames from the offset to the end, or fewer.
  if (frameOffset >= sound.numberOfFrames) throw new RangeError('frameOffset lies behind the last frame.');
  const rest = sound.numberOfFrames - frameOffset;
  const { frameCount = rest } = options;
  if (frameCount > rest) throw new RangeError('There are not so many frames.');
  return { format, channel: planeIndex, frameOffset, frameCount };
}

function sizeOf({ format, frameCount }: SoundSelection, { numberOfChannels }: Sound): number {
  return frameCount * (isPlanar(format) ? 1 : numberOfChannels) * bytesPerSample(format);
}

declare module '../webidl/types' {
  interface InterfaceTypes {
    AudioData: AudioData;
  }
}
