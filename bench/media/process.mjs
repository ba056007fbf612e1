/** One of the two processes of bench/media.mjs: connections of one package, with sources and sinks in JavaScript. */
import { readFileSync } from 'node:fs';
import { obey, signal } from '../commanded.mjs';
import { loadPeer } from '../peers/index.mjs';

const { create, nonstandard, canKeepResolution } = await loadPeer(process.argv[2]);
const { RTCVideoSource, RTCVideoSink, RTCAudioSource, RTCAudioSink } = nonstandard;

const connections = new Map();
const sinks = [];
const seen = { frames: 0, width: 0, blocks: 0 };
let tracks = { audio: null, video: null };

function createConnection(id) {
  const connection = create();
  const session = { connection, candidates: [], described: false };
  session.connected = new Promise((resolve) => {
    connection.onconnectionstatechange = () => connection.connectionState === 'connected' && resolve();
  });
  connections.set(id, session);
  connection.onicecandidate = ({ candidate }) => {
    if (candidate?.candidate) signal({ id, candidate: candidate.toJSON ? candidate.toJSON() : candidate });
  };
  connection.ontrack = ({ track }) => {
    const sink = track.kind === 'video' ? new RTCVideoSink(track) : new RTCAudioSink(track);
    sinks.push(sink);
    sink.onframe = ({ frame }) => {
      seen.frames++;
      seen.width = frame.width;
    };
    sink.ondata = () => {
      seen.blocks++;
    };
  };
  return session;
}

const plain = ({ type, sdp }) => ({ type, sdp });

async function onSignal({ id, description, candidate }) {
  const session = connections.get(id) ?? createConnection(id);
  if (candidate) {
    if (session.described) await session.connection.addIceCandidate(candidate);
    else session.candidates.push(candidate);
    return;
  }
  await session.connection.setRemoteDescription(description);
  session.described = true;
  for (const early of session.candidates.splice(0)) await session.connection.addIceCandidate(early);
  if (description.type !== 'offer') return;
  // What sends here sends in the sections that were offered.
  for (const transceiver of session.connection.getTransceivers()) {
    const track = tracks[transceiver.receiver.track.kind];
    if (!track) continue;
    await transceiver.sender.replaceTrack(track);
    transceiver.direction = 'sendrecv';
  }
  await session.connection.setLocalDescription(await session.connection.createAnswer());
  signal({ id, description: plain(session.connection.localDescription) });
}

/** A second of pictures that are costly to code, as a camera's are: texture that moves, and some noise. */
function picturesOf(width, height, count) {
  return Array.from({ length: count }, (_, index) => {
    const data = new Uint8ClampedArray(width * height * 1.5);
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const moved = x + index * 4;
        const texture = 40 * Math.sin(moved / 17) + 30 * Math.sin((y + index * 2) / 11) + ((moved * y) % 61) / 4;
        data[y * width + x] = 120 + texture + Math.random() * 6;
      }
    }
    data.fill(128, width * height);
    return { width, height, data };
  });
}

const cpuSeconds = ({ user, system }) => (user + system) / 1e6;

const commands = {
  video({ width, height, framesPerSecond }) {
    const source = new RTCVideoSource();
    tracks.video = source.createTrack();
    const pictures = picturesOf(width, height, 15);
    const begun = performance.now();
    let sent = 0;
    setInterval(() => {
      const due = Math.floor(((performance.now() - begun) * framesPerSecond) / 1000);
      if (due <= sent) return;
      sent = due;
      // There and back: the same pictures, without a jump.
      const at = due % (2 * pictures.length - 2);
      source.onFrame(pictures[at < pictures.length ? at : 2 * pictures.length - 2 - at]);
    }, 4);
  },
  audio() {
    const source = new RTCAudioSource();
    tracks.audio = source.createTrack();
    const begun = performance.now();
    let sent = 0;
    let phase = 0;
    setInterval(() => {
      for (; sent * 10 < performance.now() - begun; sent++) {
        const samples = new Int16Array(480);
        for (let at = 0; at < 480; at++, phase++) {
          samples[at] = 6000 * Math.sin(phase / 20) * (1 + Math.sin(phase / 9000)) + Math.random() * 600;
        }
        source.onData({ samples, sampleRate: 48_000, bitsPerSample: 16, channelCount: 1, numberOfFrames: 480 });
      }
    }, 5);
  },
  async connect({ id, kinds }) {
    const { connection, connected } = createConnection(id);
    for (const kind of kinds) connection.addTransceiver(tracks[kind] ?? kind, { direction: 'sendrecv' });
    await connection.setLocalDescription(await connection.createOffer());
    signal({ id, description: plain(connection.localDescription) });
    await connected;
  },
  connected: ({ id }) => connections.get(id).connected,
  /** On a busy machine frames are left out then, and those that are coded are the same for all packages. */
  async keepResolution({ id }) {
    for (const sender of connections.get(id).connection.getSenders()) {
      if (!sender.track || !canKeepResolution) continue;
      const parameters = sender.getParameters();
      parameters.degradationPreference = 'maintain-resolution';
      await sender.setParameters(parameters);
    }
  },
  /** What came since the call before. */
  seen() {
    const { frames, width, blocks } = seen;
    seen.frames = seen.blocks = 0;
    return { frames, width, blocks };
  },
  async octetsSent() {
    let sum = 0;
    for (const { connection } of connections.values()) {
      for (const entry of (await connection.getStats()).values()) {
        if (entry.type === 'outbound-rtp') sum += entry.bytesSent ?? 0;
      }
    }
    return sum;
  },
  usage() {
    globalThis.gc?.();
    const threads = Number(/^Threads:\s+(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))[1]);
    return { cpu: cpuSeconds(process.cpuUsage()), rss: process.memoryUsage.rss(), threads };
  },
};

obey(commands, onSignal);
