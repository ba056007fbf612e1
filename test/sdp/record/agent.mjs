#!/usr/bin/env node
/**
 * Writes the descriptions of an implementation that has an agent (test/interop/agents):
 * `node agent.mjs <folder> <command> [<argument>…]`. It meets itself, and answers what was recorded of browsers.
 */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { writeSession } from './write-session.mjs';

const [implementation, command, ...args] = process.argv.slice(2);
if (!command) throw new Error('usage: node agent.mjs <folder> <command> [<argument>…]');

const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
const answers = new Map();
createInterface({ input: child.stdout }).on('line', (line) => {
  const { id, result, error } = line.startsWith('{') ? JSON.parse(line) : {};
  if (!answers.has(id)) return;
  if (error) answers.get(id).reject(new Error(error));
  else answers.get(id).resolve(result);
});
child.on('exit', () => answers.forEach(({ reject }) => reject(new Error('the agent ended'))));
let serial = 0;
function ask(op, pc, parameters = {}) {
  const id = ++serial;
  child.stdin.write(`${JSON.stringify({ id, op, pc, ...parameters })}\n`);
  return new Promise((resolve, reject) => answers.set(id, { resolve, reject }));
}

/** One side of a session. */
class Side {
  constructor(name) {
    this.name = name;
    this.key = `${name}${++serial}`;
  }
  ask(op, parameters) {
    return ask(op, this.key, parameters);
  }
  transceiver(kind, direction = 'sendrecv', rids = undefined) {
    return this.ask('transceiver', { kind, direction, rids });
  }
}

const recorded = (path) => readFileSync(new URL(`../fixtures/sessions/${path}.sdp`, import.meta.url), 'utf8');

const scenarios = {
  async 'audio-video-data'({ a, b, exchange }) {
    await a.transceiver('audio');
    await a.transceiver('video');
    await a.ask('channel', { label: 'x' });
    await b.transceiver('audio');
    await b.transceiver('video');
    await exchange(a, b);
  },
  async directions({ a, b, exchange }) {
    await a.transceiver('audio', 'sendonly');
    await a.transceiver('video', 'recvonly');
    await exchange(a, b);
  },
  async renegotiation({ a, b, exchange }) {
    await a.transceiver('audio');
    await exchange(a, b);
    await a.transceiver('video');
    await exchange(a, b);
    await b.transceiver('video', 'sendonly');
    await exchange(b, a);
  },
  async 'simulcast-offer'({ a, descriptions }) {
    await a.transceiver('video', 'sendonly', ['q', 'h', 'f']);
    descriptions['01a-offer'] = (await a.ask('offer')).sdp;
  },
  async 'ice-restart'({ a, b, exchange }) {
    await a.transceiver('audio');
    await exchange(a, b);
    await exchange(a, b, { iceRestart: true });
  },
};
for (const browser of ['chromium-156', 'firefox-153']) {
  for (const name of ['audio-video-data', 'simulcast', 'recvonly', 'max-compat', 'directions', 'munged']) {
    scenarios[`answers-${browser}-${name}`] = async ({ b, descriptions }) => {
      const sdp = recorded(`${browser}/${name}/01a-offer`);
      descriptions['01a-offer'] = sdp;
      descriptions['02b-answer'] = (await b.ask('answer', { description: { type: 'offer', sdp } })).sdp;
    };
  }
}

// It offers what its mountpoints and rooms have, and cannot meet itself.
if (implementation.startsWith('janus')) {
  for (const name of ['audio-video-data', 'directions', 'renegotiation', 'simulcast-offer', 'ice-restart']) {
    delete scenarios[name];
  }
  scenarios.streaming = async ({ a, descriptions }) => {
    descriptions['01a-offer'] = (await a.ask('offer')).sdp;
  };
  scenarios['room-subscriber'] = async ({ a, descriptions }) => {
    await a.ask('connect', { configuration: { videoroom: true } });
    descriptions['01a-offer'] = (await a.ask('offer')).sdp;
  };
  for (const name of Object.keys(scenarios).filter((one) => one.startsWith('answers-'))) {
    scenarios[name.replace('answers', 'room-answers')] = async (session) => {
      await session.b.ask('connect', { configuration: { videoroom: true } });
      await scenarios[name](session);
    };
  }
}

// A lite agent differs in few lines.
if (implementation.endsWith('lite')) {
  for (const name of Object.keys(scenarios))
    if (!/^(room-)?answers.*video-data|streaming/.test(name)) delete scenarios[name];
}

async function run(scenario) {
  const [a, b] = [new Side('a'), new Side('b')];
  const descriptions = {};
  const note = (side, { type, sdp }) => {
    const number = String(Object.keys(descriptions).length + 1).padStart(2, '0');
    descriptions[`${number}${side.name}-${type}`] = sdp;
  };
  const exchange = async (from, to, options = {}) => {
    const offer = await from.ask('offer', options);
    note(from, offer);
    const answer = await to.ask('answer', { description: offer });
    note(to, answer);
    await from.ask('accept', { description: answer });
  };
  await a.ask('connect');
  await b.ask('connect');
  await scenario({ a, b, descriptions, exchange });
  await a.ask('close');
  await b.ask('close');
  return descriptions;
}

for (const [name, scenario] of Object.entries(scenarios)) {
  const late = new Promise((_, reject) => setTimeout(reject, 10_000, new Error('nothing within 10 s')).unref());
  try {
    writeSession(implementation, name, await Promise.race([run(scenario), late]));
  } catch (error) {
    console.log(`${implementation} has no ${name}: ${String(error.message).split('\n')[0]}`);
  }
}
child.stdin.end();
setTimeout(() => child.kill('SIGKILL'), 2_000).unref();
