/** Takes a stream apart, changes every picture and every piece of sound in JavaScript, and makes a stream of it again. */
import { AudioData, MediaStream, MediaStreamTrackGenerator, MediaStreamTrackProcessor, VideoFrame } from 'peerwire';
import { drawCaption } from './caption.mjs';
import { pictureEffects, soundEffects } from './effects.mjs';

/** The picture before is dropped when a new one comes while JavaScript is still busy: late pictures help nobody. */
const picturesThatMayWait = 1;
const soundThatMayWait = 10;

export class MediaProcessing {
  #aborter = new AbortController();
  #generators = [];

  /** How the next picture and piece of sound are changed: names of effects.mjs. */
  effect = { picture: 'invert', sound: 'robot' };
  pictures = 0;
  /** The changed stream. */
  stream;

  /**
   * @param {MediaStream} stream
   * @param {(error: Error) => void} onError
   */
  constructor(stream, onError) {
    for (const track of stream.getTracks()) {
      const isVideo = track.kind === 'video';
      const processor = new MediaStreamTrackProcessor({
        track,
        maxBufferSize: isVideo ? picturesThatMayWait : soundThatMayWait,
      });
      const generator = new MediaStreamTrackGenerator({ kind: track.kind });
      this.#generators.push(generator);
      const transform = isVideo ? this.#pictureTransform() : this.#soundTransform();
      processor.readable
        .pipeThrough(transform, { signal: this.#aborter.signal })
        .pipeTo(generator.writable, { signal: this.#aborter.signal })
        .catch((error) => {
          if (!this.#aborter.signal.aborted) onError(error);
        });
    }
    this.stream = new MediaStream(this.#generators);
  }

  stop() {
    this.#aborter.abort(new Error('stopped'));
    for (const generator of this.#generators) generator.stop();
  }

  #pictureTransform() {
    return new TransformStream({
      transform: async (frame, controller) => {
        try {
          controller.enqueue(await this.#changePicture(frame));
        } finally {
          frame.close();
        }
      },
    });
  }

  async #changePicture(frame) {
    const octets = new Uint8Array(frame.allocationSize());
    const planes = await frame.copyTo(octets);
    const { width, height } = frame.visibleRect;
    const picture = { octets, width, height, planes };
    pictureEffects[this.effect.picture](picture);
    this.pictures += 1;
    drawCaption(picture, `Node.js ${process.versions.node}: ${this.effect.picture} ${this.pictures}`);
    return new VideoFrame(octets, {
      format: frame.format,
      codedWidth: width,
      codedHeight: height,
      layout: planes,
      timestamp: frame.timestamp,
      rotation: frame.rotation,
      transfer: [octets.buffer],
    });
  }

  #soundTransform() {
    let framesBefore = 0;
    return new TransformStream({
      transform: (sound, controller) => {
        const { numberOfChannels, numberOfFrames, sampleRate, timestamp } = sound;
        const samples = new Float32Array(numberOfChannels * numberOfFrames);
        for (let channel = 0; channel < numberOfChannels; ++channel) {
          const plane = samples.subarray(channel * numberOfFrames, (channel + 1) * numberOfFrames);
          sound.copyTo(plane, { planeIndex: channel, format: 'f32-planar' });
          soundEffects[this.effect.sound](plane, sampleRate, framesBefore);
        }
        framesBefore += numberOfFrames;
        sound.close();
        controller.enqueue(
          new AudioData({
            data: samples,
            format: 'f32-planar',
            numberOfChannels,
            numberOfFrames,
            sampleRate,
            timestamp,
            transfer: [samples.buffer],
          }),
        );
      },
    });
  }
}
