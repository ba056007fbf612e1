/**
 * The thread of an emulated link: two sockets, one facing each peer, and for each direction a queue that is emptied at
 * the link's rate, then a delay. It has a thread of its own so that neither the peers' JavaScript nor a test delays a
 * datagram. See emulated-link.cjs.
 */
'use strict';
const { createSocket } = require('node:dgram');
const { parentPort, workerData } = require('node:worker_threads');
const { seededRandom } = require('./seeded-random.cjs');

/** What IPv4 and UDP add to a datagram. */
const headerOctets = 28;

const now = () => performance.timeOrigin + performance.now();

class Direction {
  constructor(settings, seed, deliver) {
    this.settings = settings;
    this.random = seededRandom(seed);
    this.deliver = deliver;
    /** Wait for the link. */
    this.queue = [];
    this.queuedOctets = 0;
    this.freeAt = 0;
    /** On their way, by time of arrival. */
    this.flying = [];
    this.lastArrival = 0;
    this.timer = null;
    this.timerAt = Infinity;
    this.count = { octets: 0, lost: 0, overflowed: 0, queueMs: 0 };
  }

  take(datagram, at) {
    const { loss = 0, duplication = 0, blackout = false, rateBps = 0, queueMs = 500 } = this.settings;
    // As many draws whatever happens, so that a seed means the same run.
    const [lost, doubled] = [this.random() < loss, this.random() < duplication];
    const [jitter, held] = [this.random(), this.random()];
    if (lost || blackout) {
      this.count.lost++;
      return;
    }
    const size = datagram.length + headerOctets;
    for (let copies = doubled ? 2 : 1; copies > 0; copies--) {
      if (rateBps > 0 && ((this.queuedOctets + size) * 8000) / rateBps > queueMs) {
        this.count.overflowed++;
        continue;
      }
      this.queue.push({ datagram, size, at, jitter, held });
      this.queuedOctets += size;
    }
    this.work(at);
  }

  /** Does what is due, and sees to it that it is called again. */
  work(at) {
    const { rateBps = 0, delayMs = 0, jitterMs = 0, reordering = 0, reorderMs = 20 } = this.settings;
    while (this.queue.length > 0) {
      const [head] = this.queue;
      const takes = rateBps > 0 ? (head.size * 8000) / rateBps : 0;
      const done = Math.max(head.at, this.freeAt) + takes;
      if (done > at) break;
      this.queue.shift();
      this.queuedOctets -= head.size;
      this.freeAt = done;
      this.count.octets += head.size;
      this.count.queueMs = Math.max(this.count.queueMs, done - takes - head.at);
      let arrival = done + delayMs + head.jitter * jitterMs;
      // Paths keep the order, unless they are told not to.
      if (head.held < reordering) arrival += head.jitter * reorderMs;
      else this.lastArrival = arrival = Math.max(arrival, this.lastArrival);
      let index = this.flying.length;
      while (index > 0 && this.flying[index - 1].arrival > arrival) index--;
      this.flying.splice(index, 0, { datagram: head.datagram, arrival });
    }
    while (this.flying.length > 0 && this.flying[0].arrival <= at) this.deliver(this.flying.shift().datagram);
    let next = this.flying[0]?.arrival ?? Infinity;
    if (this.queue.length > 0) {
      const [head] = this.queue;
      const takes = rateBps > 0 ? (head.size * 8000) / rateBps : 0;
      next = Math.min(next, Math.max(head.at, this.freeAt) + takes);
    }
    if (next === this.timerAt) return;
    clearTimeout(this.timer);
    this.timerAt = next;
    if (next === Infinity) return;
    const run = () => {
      this.timerAt = Infinity;
      this.work(now());
    };
    this.timer = setTimeout(run, Math.max(0, next - at));
  }

  sample(at) {
    const head = this.queue[0];
    const waiting = head ? at - Math.max(head.at, 0) : 0;
    const { octets, lost, overflowed, queueMs } = this.count;
    this.count = { octets: 0, lost: 0, overflowed: 0, queueMs: 0 };
    return { octets, lost, overflowed, queueMs: Math.max(queueMs, waiting), rateBps: this.settings.rateBps ?? 0 };
  }
}

const bind = () =>
  new Promise((done) => {
    const socket = createSocket({ type: 'udp4', recvBufferSize: 4 << 20, sendBufferSize: 4 << 20 });
    socket.bind(0, '127.0.0.1', () => done(socket));
  });

void (async () => {
  const sockets = [await bind(), await bind()];
  const peers = [null, null];
  const directions = [0, 1].map((from) => {
    const to = 1 - from;
    const deliver = (datagram) => {
      if (peers[to]) sockets[to].send(datagram, peers[to].port, peers[to].address);
    };
    return new Direction(workerData.settings[from], workerData.seed * 2 + from, deliver);
  });
  sockets.forEach((socket, from) =>
    socket.on('message', (datagram, { address, port }) => {
      // The peer's datagrams may come from another of its sockets than the one it named.
      peers[from] = { address, port };
      directions[from].take(datagram, now());
    }),
  );
  const sampling = setInterval(() => {
    const at = now();
    parentPort.postMessage({ sample: { at, directions: directions.map((direction) => direction.sample(at)) } });
  }, workerData.sampleMs);
  parentPort.on('message', ({ peer, set, close }) => {
    if (peer) peers[peer.side] ??= peer;
    if (set) {
      const direction = directions[set.direction];
      direction.settings = { ...direction.settings, ...set.settings };
      direction.work(now());
    }
    if (!close) return;
    clearInterval(sampling);
    for (const { timer } of directions) clearTimeout(timer);
    for (const socket of sockets) socket.close();
    parentPort.close();
  });
  parentPort.postMessage({ ports: sockets.map((socket) => socket.address().port) });
})();
