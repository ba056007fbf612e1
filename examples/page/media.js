/** The page's pictures and sound: what it shows, what it sends, and the numbers of both ends as charts. */
import { LineChart } from './chart.js';
import { openOwnMedia } from './own-media.js';
import { MediaStatistics } from './lib/media-statistics.mjs';

const element = (id) => document.getElementById(id);
const statisticsMs = 1000;
/** Names of the other side's streams, and where they are shown. */
const screens = { camera: 'node', processed: 'back' };
const ends = { down: '--blue', up: '--green' };

export class PageMedia {
  #session;
  #own;
  #opening = false;
  #onError;
  #statistics = new MediaStatistics();
  #fromNode;
  #charts = {
    bitrate: new LineChart(element('chart-bitrate'), { lines: ends, unit: 'kbit/s', least: 200 }),
    frames: new LineChart(element('chart-frames'), { lines: { ...ends, back: '--amber' }, unit: '', least: 50 }),
    trip: new LineChart(element('chart-trip'), { lines: { page: '--blue', node: '--green' }, unit: 'ms', least: 10 }),
    loss: new LineChart(element('chart-loss'), { lines: ends, unit: '%', least: 10 }),
  };

  /** @param {(error: Error) => void} onError */
  constructor(onError) {
    this.#onError = onError;
    element('own-camera').addEventListener('click', () => this.#report(this.#own ? this.#stopOwn() : this.#startOwn()));
    element('own-mute').addEventListener('click', () => this.#muteOwn());
    element('node-camera').addEventListener('click', ({ currentTarget }) => {
      this.#session?.request({ camera: currentTarget.getAttribute('aria-pressed') === 'false' });
    });
    for (const name of Object.values(screens)) {
      element(`${name}-sound`).addEventListener('click', ({ currentTarget }) => {
        const video = element(`video-${name}`);
        video.muted = !video.muted;
        press(currentTarget, !video.muted, video.muted ? 'Sound on' : 'Sound off');
      });
    }
    for (const id of ['effect-picture', 'effect-sound']) {
      element(id).addEventListener('change', () => this.#requestEffect());
    }
    setInterval(() => this.#report(this.#measure()), statisticsMs);
  }

  /** A connection is open: what was sent over the one before is sent again; a camera that may be used is sent at once. */
  open(session) {
    this.#session = session;
    this.#statistics = new MediaStatistics();
    this.#fromNode = undefined;
    element('own-camera').disabled = false;
    element('node-camera').disabled = false;
    this.#requestEffect();
    if (this.#own) this.#report(session.startMedia('camera', this.#own));
    else this.#report(this.#startIfAllowed());
  }

  /** The connection has ended. */
  shut(session) {
    if (this.#session !== session) return;
    this.#session = undefined;
    element('own-camera').disabled = true;
    element('node-camera').disabled = true;
    for (const name of Object.keys(screens)) this.hide(name);
  }

  show(name, stream) {
    const video = element(`video-${screens[name]}`);
    video.srcObject = stream;
    element(`screen-${screens[name]}`).dataset.state = 'on';
    if (name === 'camera') press(element('node-camera'), true, 'Stop');
  }

  hide(name) {
    element(`video-${screens[name]}`).srcObject = null;
    element(`screen-${screens[name]}`).dataset.state = 'off';
    describe(screens[name]);
    if (name === 'camera') press(element('node-camera'), false, 'Start');
  }

  /** What Node measures of what this page sends. */
  receiveStatistics(statistics) {
    this.#fromNode = statistics;
  }

  #report(promise) {
    promise.catch((error) => this.#onError(error));
  }

  #requestEffect() {
    this.#session?.request({
      effect: { picture: element('effect-picture').value, sound: element('effect-sound').value },
    });
  }

  async #startIfAllowed() {
    try {
      const names = ['camera', 'microphone'];
      const answers = await Promise.all(names.map((name) => navigator.permissions.query({ name })));
      if (answers.some(({ state }) => state !== 'granted')) return;
    } catch {
      return; // A browser that does not know these names, or a page of another origin: the button asks.
    }
    await this.#startOwn();
  }

  async #startOwn() {
    if (this.#own || this.#opening) return;
    this.#opening = true;
    try {
      const { stream, note } = await openOwnMedia();
      this.#own = stream;
      element('media-note').textContent = note ?? '';
      element('media-note').hidden = !note;
    } finally {
      this.#opening = false;
    }
    element('video-own').srcObject = this.#own;
    element('screen-own').dataset.state = 'on';
    press(element('own-camera'), true, 'Stop');
    press(element('own-mute'), false, 'Mute');
    element('own-mute').disabled = false;
    await this.#session?.startMedia('camera', this.#own);
  }

  async #stopOwn() {
    for (const track of this.#own.getTracks()) track.stop();
    this.#own = undefined;
    element('video-own').srcObject = null;
    element('screen-own').dataset.state = 'off';
    element('media-note').hidden = true;
    press(element('own-camera'), false, 'Send my camera');
    element('own-mute').disabled = true;
    describe('own');
    await this.#session?.stopMedia('camera');
  }

  #muteOwn() {
    const tracks = this.#own.getAudioTracks();
    const mute = tracks.some(({ enabled }) => enabled);
    for (const track of tracks) track.enabled = !mute;
    press(element('own-mute'), mute, mute ? 'Unmute' : 'Mute');
  }

  async #measure() {
    const session = this.#session;
    const report = await session?.statistics();
    if (!report || session !== this.#session) return;
    const here = this.#statistics.sample(report);
    const there = this.#fromNode;
    const camera = received('node', here, session);
    const back = received('back', here, session);
    const own = there && { picture: Object.values(there.videos)[0], sound: Object.values(there.sounds)[0] };
    const sends = this.#own !== undefined;
    const frames = {
      down: camera.picture?.framesPerSecond,
      up: sends ? own?.picture?.framesPerSecond : undefined,
      back: back.picture?.framesPerSecond,
    };
    this.#chart('bitrate', { down: here.receivedKbit, up: there?.receivedKbit }, 0);
    this.#chart('frames', frames, 0);
    this.#chart('trip', { page: here.roundTripMs, node: there?.roundTripMs }, 1);
    this.#chart('loss', { down: here.lossPercent, up: there?.lossPercent }, 1);
    describe('node', camera);
    describe('back', back);
    if (sends) describe('own', own);
  }

  #chart(name, values, digits) {
    this.#charts[name].add(performance.now(), values);
    for (const [key, value] of Object.entries(values)) {
      element(`${name}-${key}`).textContent = value === undefined || value === null ? '–' : value.toFixed(digits);
    }
  }
}

/** What the statistics have of the stream on a screen. */
function received(screen, { videos, sounds }, session) {
  const tracks = element(`video-${screen}`).srcObject?.getTracks() ?? [];
  const of = (kind) => tracks.find((track) => track.kind === kind)?.id;
  const sound = sounds[of('audio')];
  // The statistics count what is played: nothing, of a video element that is muted.
  return { picture: videos[of('video')], sound: sound && { ...sound, level: session.soundLevel(of('audio')) } };
}

function describe(screen, { picture, sound } = {}) {
  const figure = element(`screen-${screen}`);
  const parts = [picture?.codec, picture?.width && `${picture.width}×${picture.height}`, sound?.codec];
  figure.querySelector('.facts').textContent = parts.filter(Boolean).join(' · ') || '–';
  // As loud as it is heard: a tenth of full scale fills a third of the bar.
  figure.querySelector('.level').value = Math.sqrt(sound?.level ?? 0);
}

function press(button, pressed, text) {
  button.setAttribute('aria-pressed', String(pressed));
  button.textContent = text;
}
