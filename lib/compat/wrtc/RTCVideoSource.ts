import { type MediaStreamTrack, createTrack } from '../../mediacapture/MediaStreamTrack';
import { holdForTurn } from '../../mediacapture/in-flight';
import { VideoProgramSource } from '../../mediacapture/program-source';
import { toDictionary, toInteger } from './arguments';
import { toI420Picture } from './video-frame';

/** The angles that a picture can have been taken at. */
function toRotation(value: unknown): number {
  const rotation = value === undefined ? 0 : toInteger(value, { least: 0, most: 65_535 });
  if (rotation % 90 !== 0 || rotation > 270) {
    throw new TypeError(`Expected a .rotation of 0, 90, 180 or 270, not ${String(rotation)}`);
  }
  return rotation;
}

/** Pictures of a program (docs/nonstandard.md). */
export class RTCVideoSource {
  readonly #source: VideoProgramSource;
  readonly #isScreencast: boolean;
  readonly #needsDenoising: boolean | null;

  constructor(init?: unknown) {
    const { isScreencast = false, needsDenoising } = init === undefined ? {} : toDictionary(init);
    this.#isScreencast = Boolean(isScreencast);
    this.#needsDenoising = needsDenoising === undefined ? null : Boolean(needsDenoising);
    this.#source = new VideoProgramSource({ isScreen: this.#isScreencast });
  }

  get isScreencast(): boolean {
    return this.#isScreencast;
  }

  get needsDenoising(): boolean | null {
    return this.#needsDenoising;
  }

  createTrack(): MediaStreamTrack {
    return createTrack({ kind: 'video', label: this.#source.label, source: this.#source });
  }

  /** Sends the picture to every track that has not been stopped; it is copied before this returns. */
  onFrame(frame: unknown): void {
    const { width, height, data } = toI420Picture(frame);
    const rotation = toRotation((frame as { rotation?: unknown }).rotation);
    this.#source.native().push(data, width, height, rotation);
    holdForTurn();
  }
}
