/**
 * Media between two processes over this machine's own interfaces, each package in turn: processor time and memory.
 *
 *   npm run bench:media                      beside @roamhq/wrtc
 *   npm run bench:media -- --seconds 60 --streams 100
 *   npm run bench:media -- --soak 180        this package alone: memory during so many seconds of 720p
 *
 * Machines are noisy: quote ratios of one run.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { installPeers, printTable, withPair } from './bench-process.mjs';

const { values: options } = parseArgs({
  options: {
    only: { type: 'string', default: 'peerwire,@roamhq/wrtc' },
    seconds: { type: 'string', default: '30' },
    streams: { type: 'string', default: '100' },
    connections: { type: 'string', default: '20' },
    soak: { type: 'string' },
    json: { type: 'string' },
    help: { type: 'boolean' },
  },
});
if (options.help) {
  console.log(
    'usage: npm run bench:media -- [--only a,b] [--seconds S] [--streams N] [--connections N] [--soak S] [--json FILE]',
  );
  process.exit(0);
}
installPeers();

const processFile = new URL('media/process.mjs', import.meta.url);
const seconds = Number(options.seconds);
const MB = 1e6;
const wait = (ms) => new Promise((done) => setTimeout(done, ms));
const both = (pair, command, argument) => Promise.all(pair.map((each) => each.call(command, argument)));

/** Until the bitrate has grown to what the pictures are worth. */
const warmUpMs = 12_000;

async function connectVideo(pair) {
  await both(pair, 'video', { width: 1280, height: 720, framesPerSecond: 30 });
  await pair[0].call('connect', { id: 1, kinds: ['video'] });
  await pair[1].call('connected', { id: 1 });
  await wait(warmUpMs);
}

/** 720p of 30 frames a second, VP8, both ways. */
const video = (name) =>
  withPair(processFile, name, async (...pair) => {
    await connectVideo(pair);
    const before = await both(pair, 'usage');
    const octets = await both(pair, 'octetsSent');
    await both(pair, 'seen');
    const from = performance.now();
    await wait(seconds * 1000);
    const elapsed = (performance.now() - from) / 1000;
    const seen = await both(pair, 'seen');
    const octetsAfter = await both(pair, 'octetsSent');
    const after = await both(pair, 'usage');
    const sum = (values) => values.reduce((total, value) => total + value, 0);
    return {
      cpu: (sum(after.map(({ cpu }, index) => cpu - before[index].cpu)) / elapsed) * 60,
      frames: sum(seen.map(({ frames }) => frames)) / 2 / elapsed,
      width: Math.min(...seen.map(({ width }) => width)),
      mbps: ((sum(octetsAfter) - sum(octets)) * 8) / MB / 2 / elapsed,
      rss: Math.max(...after.map(({ rss }) => rss)) / MB,
    };
  });

/** Many Opus streams from one process to the other, ten a connection; the receiving process is measured. */
const audio = (name) =>
  withPair(processFile, name, async (sender, receiver) => {
    await sender.call('audio');
    const perConnection = 10;
    const streams = Number(options.streams);
    for (let id = 1; id <= streams / perConnection; id++) {
      await sender.call('connect', { id, kinds: Array(perConnection).fill('audio') });
      await receiver.call('connected', { id });
    }
    await wait(3000);
    const before = await receiver.call('usage');
    await receiver.call('seen');
    const from = performance.now();
    await wait((seconds * 1000) / 2);
    const { blocks } = await receiver.call('seen');
    const elapsed = (performance.now() - from) / 1000;
    const after = await receiver.call('usage');
    return {
      cpu: ((after.cpu - before.cpu) / elapsed) * 60,
      blocks: blocks / elapsed / streams,
      threads: after.threads,
    };
  });

/** What a connection with Opus both ways takes. */
const memory = (name) =>
  withPair(processFile, name, async (...pair) => {
    const count = Number(options.connections);
    await both(pair, 'audio');
    const connect = async (id) => {
      await pair[0].call('connect', { id, kinds: ['audio'] });
      await pair[1].call('connected', { id });
    };
    await connect(1); // what is paid once is not a connection's
    const before = await both(pair, 'usage');
    for (let id = 2; id <= count + 1; id++) await connect(id);
    await wait(2000);
    const after = await both(pair, 'usage');
    const each = (key) => (after[0][key] + after[1][key] - before[0][key] - before[1][key]) / 2 / count;
    return { mb: each('rss') / MB, threads: each('threads') };
  });

/** Resident memory of both processes, every ten seconds. */
const soak = (name, length) =>
  withPair(processFile, name, async (...pair) => {
    await connectVideo(pair);
    const samples = [];
    for (let at = 0; at <= length; at += 10) {
      const usage = await both(pair, 'usage');
      samples.push(usage.map(({ rss }) => Math.round(rss / MB)));
      console.error(`${at} s: ${samples.at(-1).join(' and ')} MB`);
      await wait(10_000);
    }
    return samples;
  });

if (options.soak) {
  const samples = await soak('peerwire', Number(options.soak));
  const settled = samples.slice(Math.floor(samples.length / 3));
  const growth = settled.at(-1).map((last, index) => last - settled[0][index]);
  console.log(`from a third of the time on: ${growth.map((each) => `${each >= 0 ? '+' : ''}${each} MB`).join(', ')}`);
  process.exit(0);
}

const fixed = (digits) => (value) => value.toFixed(digits);
const rows = [
  { title: '720p30 VP8 both ways, CPU s/min (both)', run: video, key: 'cpu', show: fixed(1) },
  { title: '  frames/s received', key: 'frames', show: fixed(1) },
  { title: '  width received', key: 'width', show: fixed(0) },
  { title: '  Mbit/s each way', key: 'mbps', show: fixed(2) },
  { title: '  memory of a process, MB', key: 'rss', show: fixed(0) },
  { title: `${options.streams} Opus streams received, CPU s/min`, run: audio, key: 'cpu', show: fixed(1) },
  { title: '  blocks of 10 ms a second and stream', key: 'blocks', show: fixed(1) },
  { title: '  threads of the process', key: 'threads', show: fixed(0) },
  { title: 'memory per connection with Opus, MB', run: memory, key: 'mb', show: fixed(2) },
  { title: '  threads per connection', key: 'threads', show: fixed(2) },
];
const names = options.only.split(',');
const results = {};
for (const name of names) {
  results[name] = {};
  let last;
  for (const row of rows) {
    if (row.run) last = await row.run(name).catch((error) => ({ error: error.message.split('\n')[0] }));
    if (row.run && last.error) console.error(`${name}: ${row.title}: ${last.error}`);
    results[name][row.title] = last.error ? null : last[row.key];
    console.error(`${name}: ${row.title}: ${last.error ? 'failed' : row.show(last[row.key])}`);
  }
}
const cell = ({ title, show }, name) => (results[name][title] === null ? 'failed' : show(results[name][title]));
printTable([['', ...names], ...rows.map((row) => [row.title.trim(), ...names.map((name) => cell(row, name))])]);
if (options.json) writeFileSync(options.json, JSON.stringify(results, null, 2));
