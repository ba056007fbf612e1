/**
 * The Node.js end of the demo: shows its camera to whoever joins, sends the other one's camera back changed, talks, sends
 * files back, measures throughput.
 */
import { mediaDevices, RTCPeerConnection } from 'peerwire';
import { pictureEffects, soundEffects } from './effects.mjs';
import { FileTransfer } from './file-transfer.mjs';
import { MediaProcessing } from './media-processing.mjs';
import { MediaStatistics } from './media-statistics.mjs';
import { PeerSession } from './peer-session.mjs';

/** Of the fake camera, which shows its frame numbers; the fake microphone beside it beeps once a second. */
const cameraConstraints = { video: { width: 640, height: 360, frameRate: 30 }, audio: true };
const statisticsMs = 1000;

const formatBytes = (bytes) => (bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`);

function replyTo(text) {
  if (/\b(hi|hello|hey)\b/i.test(text)) return 'Hello! Nice to hear from you over a data channel.';
  if (/\btime\b/i.test(text)) return `Here it is ${new Date().toTimeString().slice(0, 8)}.`;
  if (/\b(who|what|version)\b/i.test(text))
    return `I am Node.js ${process.version} on ${process.platform}-${process.arch}.`;
  return `You said: ${text}`;
}

/** Receives one file and sends the same octets back on the same channel. */
async function returnFile(channel, log) {
  const transfer = new FileTransfer(channel);
  const { blob, name, sha256 } = await transfer.receive();
  log(`received ${name} (${formatBytes(blob.size)}), SHA-256 ${sha256.slice(0, 16)}…`);
  await transfer.send(blob, name);
  log(`sent ${name} back, confirmed`);
}

const stopTracks = (stream) => stream?.getTracks().forEach((track) => track.stop());

/** What one client sees and hears: this peer's camera, and its own, changed. */
class NodeMedia {
  #session;
  #log;
  #camera;
  #processing;
  #effect = { picture: 'invert', sound: 'robot' };
  #measured = new MediaStatistics();
  #timer;
  #closed = false;

  constructor(session, log) {
    this.#session = session;
    this.#log = log;
    this.#timer = setInterval(
      () => this.#measure().catch((error) => log(`statistics: ${error.message}`)),
      statisticsMs,
    );
  }

  async startCamera() {
    if (this.#camera || this.#closed) return;
    this.#camera = await mediaDevices.getUserMedia(cameraConstraints);
    if (this.#closed) stopTracks(this.#camera);
    await this.#session.startMedia('camera', this.#camera);
  }

  async stopCamera() {
    stopTracks(this.#camera);
    this.#camera = undefined;
    await this.#session.stopMedia('camera');
  }

  async process(stream) {
    this.#processing?.stop();
    const processing = new MediaProcessing(stream, (error) => this.#log(`processing: ${error.message}`));
    processing.effect = this.#effect;
    this.#processing = processing;
    await this.#session.startMedia('processed', processing.stream);
    this.#log(`sends back what comes: ${stream.getTracks().map(({ kind }) => kind)}`);
  }

  async stopProcessing() {
    this.#log(`sends nothing back any longer, after ${this.#processing?.pictures} pictures`);
    this.#processing?.stop();
    this.#processing = undefined;
    await this.#session.stopMedia('processed');
  }

  async answer({ camera, effect }) {
    if (camera !== undefined) await (camera ? this.startCamera() : this.stopCamera());
    if (!effect || !Object.hasOwn(pictureEffects, effect.picture) || !Object.hasOwn(soundEffects, effect.sound)) return;
    this.#effect = { picture: effect.picture, sound: effect.sound };
    if (this.#processing) this.#processing.effect = this.#effect;
  }

  close() {
    this.#closed = true;
    clearInterval(this.#timer);
    this.#processing?.stop();
    stopTracks(this.#camera);
  }

  async #measure() {
    const report = await this.#session.statistics();
    if (report) this.#session.sendStatistics(this.#measured.sample(report));
  }
}

/**
 * Serves one client of the signalling server until either end closes.
 * @param {object} client see startSignallingServer
 * @param {(text: string) => void} log
 * @returns {{close(): void}}
 */
export function serveClient(client, log) {
  let session;
  let media;
  let lastState = 'new';
  const logError = (error) => log(`error: ${error.message}`);
  const begin = async (offerer) => {
    session = new PeerSession({
      RTCPeerConnection,
      offers: offerer === 'node',
      signal: (message) => client.send(message),
      events: {
        onState: () => {
          const state = session.connectionState;
          if (state === lastState) return;
          lastState = state;
          log(`connection ${state}`);
          if (state === 'failed') session.close();
          if (state === 'closed') media.close();
        },
        onOpen: async () => {
          const pair = await session.selectedPair();
          if (pair) log(`selected pair ${pair.local} ⇄ ${pair.remote}`);
          session.sendChat(`Hello from Node.js ${process.version}. Write something, or send me a file.`);
        },
        onChat: (text) => {
          log(`chat: ${text}`);
          session.sendChat(replyTo(text));
        },
        onFile: (channel) => returnFile(channel, log).catch((error) => log(`file: ${error.message}`)),
        onFlood: (on) => log(on ? 'sending as fast as the channel takes it' : 'stopped sending'),
        onStream: (_, stream) => media.process(stream).catch(logError),
        onStreamEnd: () => media.stopProcessing().catch(logError),
        onRequest: (request) => media.answer(request).catch(logError),
        onError: logError,
      },
    });
    media = new NodeMedia(session, log);
    await media.startCamera();
    await session.start();
  };
  client.onMessage = (message) => {
    if (session) void session.receiveSignal(message);
    else if (message.hello) begin(message.hello.offerer === 'node' ? 'node' : 'page').catch(logError);
  };
  client.onClose = () => session?.close();
  return {
    close() {
      session?.close();
      client.close();
    },
  };
}
