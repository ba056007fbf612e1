/** A link between two peers, with a rate, a queue, a delay, jitter and loss. See emulated-link.d.cts. */
'use strict';
const { join } = require('node:path');
const { Worker } = require('node:worker_threads');

const sampleMs = 50;

exports.standIn = function standIn(candidate, port) {
  const fields = candidate.split(' ');
  if (fields[2]?.toLowerCase() !== 'udp' || fields[7] !== 'host' || !/^\d+(\.\d+){3}$/.test(fields[4])) return null;
  return [...fields.slice(0, 4), '127.0.0.1', String(port), 'typ', 'host'].join(' ');
};

exports.EmulatedLink = class EmulatedLink {
  #worker;
  #ports;
  samples = [];
  onsample = null;

  constructor(worker, ports) {
    this.#worker = worker;
    this.#ports = ports;
    worker.on('message', ({ sample }) => {
      if (!sample) return;
      this.samples.push(sample);
      this.onsample?.(sample);
    });
  }

  static async open({ seed, settings = {}, back = settings }) {
    const worker = new Worker(join(__dirname, 'link-worker.cjs'), {
      workerData: { seed, settings: [settings, back], sampleMs },
    });
    const ports = await new Promise((done, fail) => {
      worker.once('message', (message) => done(message.ports));
      worker.once('error', fail);
    });
    return new EmulatedLink(worker, ports);
  }

  stand(side, candidate) {
    const stand = exports.standIn(candidate, this.#ports[1 - side]);
    const [, , , , address, port] = candidate.split(' ');
    if (stand) this.#worker.postMessage({ peer: { side, address, port: Number(port) } });
    return stand;
  }

  set(settings, direction) {
    for (const each of direction === undefined ? [0, 1] : [direction]) {
      this.#worker.postMessage({ set: { direction: each, settings } });
    }
  }

  close() {
    const ended = new Promise((done) => this.#worker.once('exit', done));
    this.#worker.postMessage({ close: true });
    return ended;
  }
};
