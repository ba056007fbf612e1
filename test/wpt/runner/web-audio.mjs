/**
 * Web Audio, as far as tests make a sound to send with it: oscillators into tracks of the package (`RTCAudioSource`). Nothing
 * is heard. Sound is one channel of floats, drawn from a destination through its inputs, ten milliseconds at a time.
 */
const sampleRate = 48_000;
const blockFrames = sampleRate / 100;
const blockMs = 10;
/** A page that was kept from running does not catch up for ever. */
const mostBlocksAtOnce = 20;

class AudioNode {
  inputs = new Set();
  constructor(context) {
    this.context = context;
  }
  connect(destination) {
    destination.inputs.add(this);
    return destination;
  }
  disconnect(destination) {
    destination?.inputs.delete(this);
  }
  /** Adds what it makes of its inputs to `block`. */
  render(block) {
    for (const input of this.inputs) input.render(block);
  }
}

class OscillatorNode extends AudioNode {
  type = 'sine';
  frequency = { value: 440 };
  #isRunning = false;
  #phase = 0;
  start() {
    this.#isRunning = true;
  }
  stop() {
    this.#isRunning = false;
  }
  render(block) {
    if (!this.#isRunning) return;
    const step = (2 * Math.PI * this.frequency.value) / sampleRate;
    for (let i = 0; i < block.length; i++) {
      block[i] += Math.sin(this.#phase);
      this.#phase = (this.#phase + step) % (2 * Math.PI);
    }
  }
}

class GainNode extends AudioNode {
  gain = { value: 1 };
  render(block) {
    const own = new Float32Array(block.length);
    super.render(own);
    own.forEach((sample, i) => (block[i] += sample * this.gain.value));
  }
}

/** @returns {{AudioContext: Function, AudioNode: Function, OscillatorNode: Function, …}} */
export function makeWebAudioInterfaces({ MediaStream, nonstandard: { RTCAudioSource } }) {
  class MediaStreamAudioDestinationNode extends AudioNode {
    #source = new RTCAudioSource();
    stream = new MediaStream([this.#source.createTrack()]);
    pull() {
      const block = new Float32Array(blockFrames);
      this.render(block);
      const samples = Int16Array.from(block, (sample) => Math.max(-1, Math.min(1, sample)) * 32_767);
      this.#source.onData({ samples, sampleRate });
    }
  }

  class AudioContext extends EventTarget {
    state = 'running';
    sampleRate = sampleRate;
    destination = new AudioNode(this);
    #destinations = new Set();
    #timer = null;
    #started = performance.now();
    #blocks = 0;
    get currentTime() {
      return (this.#blocks * blockMs) / 1000;
    }
    createOscillator() {
      return new OscillatorNode(this);
    }
    createGain() {
      return new GainNode(this);
    }
    createMediaStreamDestination() {
      const node = new MediaStreamAudioDestinationNode(this);
      this.#destinations.add(node);
      this.#timer ??= setInterval(() => this.#run(), blockMs).unref();
      return node;
    }
    resume() {
      return Promise.resolve();
    }
    close() {
      clearInterval(this.#timer);
      this.state = 'closed';
      return Promise.resolve();
    }
    #run() {
      const due = Math.floor((performance.now() - this.#started) / blockMs);
      this.#blocks = Math.max(this.#blocks, due - mostBlocksAtOnce);
      for (; this.#blocks < due; this.#blocks++) for (const destination of this.#destinations) destination.pull();
    }
  }
  return { AudioContext, AudioNode, OscillatorNode, GainNode, MediaStreamAudioDestinationNode };
}
