/**
 * A page's <video> and <audio>, as far as tests look at tracks through them: they take pictures and sound from tracks of the
 * package (`RTCVideoSink`, `RTCAudioSink`), tell when there is something to show, and let time pass. Tests of the elements
 * themselves are not run: these would pass or fail by what is written here.
 */
import { Element, fireAt } from './element.mjs';

const HAVE_NOTHING = 0;
const HAVE_ENOUGH_DATA = 4;
/** "Time marches on": a page's timeupdate comes every 15 to 250 ms. */
const tickMs = 50;

/** @returns {{HTMLMediaElement: Function, HTMLVideoElement: Function, HTMLAudioElement: Function}} */
export function makeMediaElementInterfaces({ nonstandard: { RTCVideoSink, RTCAudioSink, i420ToRgba } }) {
  class HTMLMediaElement extends Element {
    HAVE_NOTHING = HAVE_NOTHING;
    HAVE_METADATA = 1;
    HAVE_CURRENT_DATA = 2;
    HAVE_FUTURE_DATA = 3;
    HAVE_ENOUGH_DATA = HAVE_ENOUGH_DATA;
    autoplay = false;
    muted = false;
    volume = 1;
    paused = true;
    ended = false;
    readyState = HAVE_NOTHING;
    currentTime = 0;
    duration = NaN;
    #stream = null;
    #timer = null;
    #playing = [];
    #lastTick = 0;
    #sinks = new Map();

    get srcObject() {
      return this.#stream;
    }
    set srcObject(stream) {
      this.#unload();
      this.#stream = stream;
      if (!stream) return;
      setTimeout(() => this.#stream === stream && fireAt(this, 'loadstart'), 0);
      this.#timer = setInterval(() => this.#tick(), tickMs);
      this.#selectTracks();
      if (this.autoplay) this.paused = false;
    }
    load() {
      this.srcObject = this.#stream;
    }
    play() {
      const wasPaused = this.paused;
      this.paused = false;
      if (wasPaused) queueMicrotask(() => fireAt(this, 'play'));
      if (this.readyState === HAVE_ENOUGH_DATA) return Promise.resolve();
      return new Promise((resolve, reject) => this.#playing.push({ resolve, reject }));
    }
    pause() {
      if (this.paused) return;
      this.paused = true;
      this.#rejectPlaying();
      queueMicrotask(() => fireAt(this, 'pause'));
    }

    /** A subclass has taken the first piece of what it shows. */
    haveData() {
      if (this.readyState === HAVE_ENOUGH_DATA) return;
      this.readyState = HAVE_ENOUGH_DATA;
      this.duration = Infinity;
      this.#lastTick = performance.now();
      for (const type of ['durationchange', 'loadedmetadata', 'loadeddata', 'canplay', 'canplaythrough'])
        fireAt(this, type);
      if (this.paused) return;
      fireAt(this, 'playing');
      for (const { resolve } of this.#playing.splice(0)) resolve();
    }

    /** Tracks come and go without an event when it is a script that adds them, so they are looked at again and again. */
    #selectTracks() {
      const tracks = this.#stream.getTracks().filter((track) => track.readyState === 'live' && this.takes(track));
      for (const [track, sink] of this.#sinks) {
        if (tracks.includes(track)) continue;
        sink.stop();
        this.#sinks.delete(track);
      }
      const isFirst = (track) => tracks.find(({ kind }) => kind === track.kind) === track;
      for (const track of tracks) {
        if (!this.#sinks.has(track) && isFirst(track)) this.#sinks.set(track, this.#openSink(track));
      }
      // Sound has no first picture to wait for.
      if (this.#sinks.size > 0 && !this.waitsForPicture(tracks)) setTimeout(() => this.#stream && this.haveData(), 0);
      return tracks;
    }
    #openSink(track) {
      if (track.kind === 'audio') return new RTCAudioSink(track);
      const sink = new RTCVideoSink(track);
      sink.onframe = ({ frame }) => this.takePicture(frame);
      return sink;
    }
    #tick() {
      const tracks = this.#selectTracks();
      if (this.readyState !== HAVE_ENOUGH_DATA || this.paused || this.ended) return;
      const now = performance.now();
      this.currentTime += (now - this.#lastTick) / 1000;
      this.#lastTick = now;
      fireAt(this, 'timeupdate');
      if (tracks.length > 0) return;
      this.ended = true;
      this.duration = this.currentTime;
      fireAt(this, 'durationchange');
      fireAt(this, 'ended');
    }
    #unload() {
      clearInterval(this.#timer);
      for (const sink of this.#sinks.values()) sink.stop();
      this.#sinks.clear();
      this.#rejectPlaying();
      Object.assign(this, { readyState: HAVE_NOTHING, currentTime: 0, duration: NaN, ended: false });
    }
    #rejectPlaying() {
      for (const { reject } of this.#playing.splice(0)) reject(new DOMException('Interrupted', 'AbortError'));
    }
    takes() {
      return true;
    }
    waitsForPicture() {
      return false;
    }
    takePicture() {}
  }

  class HTMLAudioElement extends HTMLMediaElement {
    constructor() {
      super('audio');
    }
    takes({ kind }) {
      return kind === 'audio';
    }
  }

  class HTMLVideoElement extends HTMLMediaElement {
    videoWidth = 0;
    videoHeight = 0;
    #frame = null;
    #frames = 0;
    #callbacks = new Map();
    #lastCallback = 0;
    constructor() {
      super('video');
    }
    waitsForPicture(tracks) {
      return this.#frame === null && tracks.some(({ kind }) => kind === 'video');
    }
    takePicture(frame) {
      this.#frame = frame;
      this.#frames += 1;
      const isTurned = frame.rotation % 180 === 90;
      const [width, height] = isTurned ? [frame.height, frame.width] : [frame.width, frame.height];
      const isResized = width !== this.videoWidth || height !== this.videoHeight;
      Object.assign(this, { videoWidth: width, videoHeight: height });
      if (isResized) fireAt(this, 'resize');
      this.haveData();
      const callbacks = [...this.#callbacks.values()];
      this.#callbacks.clear();
      const metadata = { width, height, presentedFrames: this.#frames, mediaTime: this.currentTime };
      for (const callback of callbacks) callback(performance.now(), metadata);
    }
    currentPicture() {
      if (!this.#frame) return null;
      const { width, height } = this.#frame;
      const picture = { width, height, data: new Uint8ClampedArray(4 * width * height) };
      i420ToRgba(this.#frame, picture);
      return picture;
    }
    requestVideoFrameCallback(callback) {
      this.#callbacks.set(++this.#lastCallback, callback);
      return this.#lastCallback;
    }
    cancelVideoFrameCallback(handle) {
      this.#callbacks.delete(handle);
    }
    getVideoPlaybackQuality() {
      return { totalVideoFrames: this.#frames, droppedVideoFrames: 0, creationTime: performance.now() };
    }
  }
  return { HTMLMediaElement, HTMLVideoElement, HTMLAudioElement };
}
