/** One of the two processes of a benchmark: holds peers of one package, and obeys run.mjs. */
import { readdirSync, readFileSync } from 'node:fs';
import { obey, signal } from './commanded.mjs';
import { loadPeer } from './peers/index.mjs';

const HIGH_WATER = 1 << 20;
const LOW_WATER = 1 << 18;

const peer = await loadPeer(process.argv[2]);
/** @type {Map<number, {connection: any, channel: any, opened: Promise<void>, messages: (data: any) => void}>} */
const sessions = new Map();
/** @type {Set<number>} what is still signalled for them comes too late */
const closed = new Set();

function attachChannel(session, channel) {
  session.channel = channel;
  channel.binaryType = 'arraybuffer';
  channel.onmessage = ({ data }) => session.messages(data);
  if (channel.readyState === 'open') session.open();
  else channel.onopen = () => session.open();
}

/** As RTCPeerConnection takes them; for packages that have what is measured. */
let configuration = {};

function createSession(id) {
  const session = {
    id,
    connection: peer.create(configuration),
    channel: null,
    messages: () => {},
    candidates: [],
    described: false,
  };
  session.opened = new Promise((resolve) => (session.open = resolve));
  sessions.set(id, session);
  session.connection.onicecandidate = ({ candidate }) => {
    if (candidate?.candidate) signal({ id, candidate: candidate.toJSON ? candidate.toJSON() : candidate });
  };
  session.connection.ondatachannel = ({ channel }) => attachChannel(session, channel);
  return session;
}

const plain = ({ type, sdp }) => ({ type, sdp });

async function onSignal({ id, description, candidate }) {
  if (closed.has(id)) return;
  const session = sessions.get(id) ?? createSession(id);
  if (candidate) {
    if (session.described) await session.connection.addIceCandidate(candidate);
    else session.candidates.push(candidate);
    return;
  }
  await session.connection.setRemoteDescription(description);
  session.described = true;
  for (const early of session.candidates.splice(0)) await session.connection.addIceCandidate(early);
  if (description.type === 'offer') {
    const answer = await session.connection.createAnswer();
    await session.connection.setLocalDescription(answer);
    signal({ id, description: plain(answer) });
  }
}

const cpuSeconds = (usage) => (usage.user + usage.system) / 1e6;

const commands = {
  version: () => peer.version,

  configure: (members) => {
    configuration = members;
  },
  async connect({ id }) {
    const from = performance.now();
    const session = createSession(id);
    attachChannel(session, session.connection.createDataChannel('bench'));
    const offer = await session.connection.createOffer();
    await session.connection.setLocalDescription(offer);
    signal({ id, description: plain(offer) });
    await session.opened;
    return performance.now() - from;
  },
  /** All of them begin in the same turn; seconds until the last one is open. */
  async connectMany({ first, count }) {
    const from = performance.now();
    await Promise.all(Array.from({ length: count }, (_, i) => commands.connect({ id: first + i })));
    return (performance.now() - from) / 1000;
  },
  opened: async ({ id }) => {
    await sessions.get(id).opened;
  },
  close: async ({ ids }) => {
    for (const id of ids) {
      closed.add(id);
      await sessions.get(id)?.connection.close();
      sessions.delete(id);
    }
  },

  echo: ({ id }) => {
    const session = sessions.get(id);
    session.messages = (data) => session.channel.send(typeof data === 'string' ? data : Buffer.from(data));
  },
  async roundTrips({ id, count }) {
    const session = sessions.get(id);
    const message = Buffer.alloc(64, 1);
    const times = [];
    await new Promise((resolve) => {
      let sent = performance.now();
      session.messages = () => {
        times.push(performance.now() - sent);
        if (times.length === count) return resolve();
        sent = performance.now();
        session.channel.send(message);
      };
      session.channel.send(message);
    });
    return times;
  },

  receive: ({ id }) => {
    const session = sessions.get(id);
    session.received = 0;
    session.messages = (data) => (session.received += data.byteLength ?? data.length);
  },
  received: ({ id, bytes }) => {
    const session = sessions.get(id);
    return new Promise((resolve) => {
      const check = () => (session.received >= bytes ? resolve() : setTimeout(check, 1));
      check();
    });
  },
  async send({ id, size, bytes }) {
    const { channel } = sessions.get(id);
    const message = Buffer.alloc(size, 7);
    const hasLowEvent = 'onbufferedamountlow' in channel;
    channel.bufferedAmountLowThreshold = LOW_WATER;
    for (let sent = 0; sent < bytes;) {
      while (sent < bytes && channel.bufferedAmount < HIGH_WATER) {
        channel.send(message);
        sent += size;
      }
      if (channel.bufferedAmount < HIGH_WATER) continue;
      await new Promise((resolve) => {
        if (hasLowEvent) channel.onbufferedamountlow = resolve;
        else {
          const poll = () => (channel.bufferedAmount <= LOW_WATER ? resolve() : setTimeout(poll, 1));
          poll();
        }
      });
    }
  },

  usage: () => {
    globalThis.gc?.();
    const threads = Number(/^Threads:\s+(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))[1]);
    const descriptors = readdirSync('/proc/self/fd').length;
    return { cpu: cpuSeconds(process.cpuUsage()), rss: process.memoryUsage.rss(), threads, descriptors };
  },
};

obey(commands, (received) => {
  onSignal(received).catch((error) => {
    if (!closed.has(received.id)) throw error;
  });
});
