/** Looks at the pictures and listens to the sound of a stream, to say with numbers what a page shows. */
import { nonstandard } from 'peerwire';

const { readFrameNumber, RTCAudioSink, RTCVideoSink } = nonstandard;
const limitedRange = 16 + 235;

/** Undoes the effect "invert", as far as frame numbers are concerned. */
export const invertedLuma = ({ width, height, data }) => ({
  width,
  height,
  data: data.map((octet) => Math.max(0, limitedRange - octet)),
});

export class PictureWatch {
  #sink;
  #times = new Map();
  /** Resolves with the first frame. */
  begun;

  /**
   * @param {MediaStream} stream
   * @param {(frame: object) => object} restore makes of a frame the one that the camera took
   */
  constructor(stream, restore = (frame) => frame) {
    this.#sink = new RTCVideoSink(stream.getVideoTracks()[0]);
    this.reset();
    this.begun = new Promise((resolve) => {
      this.#sink.onframe = ({ frame }) => {
        resolve();
        this.#look(frame, readFrameNumber(restore(frame)));
      };
    });
  }

  reset() {
    Object.assign(this, { frames: 0, unreadable: 0, backwards: 0, size: '', first: undefined, last: undefined });
    this.#times.clear();
  }

  /** Milliseconds (median) from a frame's being seen by the other watch to its being seen by this one. */
  delayAfter(other) {
    const delays = [...this.#times]
      .filter(([number]) => other.#times.has(number))
      .map(([number, time]) => time - other.#times.get(number))
      .sort((one, another) => one - another);
    return delays[Math.floor(delays.length / 2)];
  }

  stop() {
    this.#sink.stop();
  }

  #look({ width, height }, number) {
    this.frames += 1;
    this.size = `${width}x${height}`;
    if (number === null) {
      this.unreadable += 1;
      return;
    }
    if (this.last !== undefined && number < this.last) this.backwards += 1;
    this.first ??= number;
    this.last = number;
    this.#times.set(number, performance.now());
  }
}

export class SoundWatch {
  #sink;
  #squares = 0;
  #samples = 0;
  /** Resolves with the first sound. */
  begun;

  /** @param {MediaStream} stream */
  constructor(stream) {
    this.#sink = new RTCAudioSink(stream.getAudioTracks()[0]);
    this.begun = new Promise((resolve) => {
      this.#sink.ondata = ({ samples }) => {
        resolve();
        for (const sample of samples) this.#squares += (sample / 32768) ** 2;
        this.#samples += samples.length;
      };
    });
  }

  /** dBFS, since the last reset. */
  get loudness() {
    return 10 * Math.log10(this.#squares / this.#samples);
  }

  reset() {
    this.#squares = 0;
    this.#samples = 0;
  }

  stop() {
    this.#sink.stop();
  }
}
