/**
 * Side by side: data channels between two processes over this machine's own interfaces, each package in turn.
 *
 *   npm run bench                          every package, the full set
 *   npm run bench -- --only peerwire,werift --seconds 2
 *   npm run bench -- --json results.json
 *
 * Machines are noisy: quote ratios of one run, CPU seconds before throughput.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { installPeers, printTable, withPair } from './bench-process.mjs';
import { peerNames } from './peers/index.mjs';

const processFile = new URL('process.mjs', import.meta.url);

const { values: options } = parseArgs({
  options: {
    only: { type: 'string' },
    seconds: { type: 'string', default: '4' },
    connects: { type: 'string', default: '60' },
    connections: { type: 'string', default: '50' },
    json: { type: 'string' },
    help: { type: 'boolean' },
  },
});
if (options.help) {
  console.log(
    'usage: npm run bench -- [--only a,b] [--seconds S] [--connects N] [--connections N] [--json FILE]\npackages: ' +
      peerNames.join(', '),
  );
  process.exit(0);
}

installPeers();

const quantile = (sorted, q) => sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))];
const MB = 1e6;

const cpuOf = async (pair) => (await Promise.all(pair.map((p) => p.call('usage')))).reduce((sum, u) => sum + u.cpu, 0);

async function throughput(name, size) {
  return withPair(processFile, name, async (sender, receiver) => {
    await sender.call('connect', { id: 1 });
    await receiver.call('opened', { id: 1 });
    const transfer = async (bytes) => {
      await receiver.call('receive', { id: 1 });
      const cpu = await cpuOf([sender, receiver]);
      const from = performance.now();
      await Promise.all([sender.call('send', { id: 1, size, bytes }), receiver.call('received', { id: 1, bytes })]);
      const seconds = (performance.now() - from) / 1000;
      return {
        mbps: (bytes * 8) / MB / seconds,
        cpuPerGB: ((await cpuOf([sender, receiver])) - cpu) / (bytes / 1e9),
        seconds,
      };
    };
    // A first transfer warms up and tells how much fills the wanted time.
    const probeBytes = size * Math.ceil((2 * MB) / size);
    const probe = await transfer(probeBytes);
    const wanted = (probeBytes / probe.seconds) * Number(options.seconds);
    return transfer(size * Math.ceil(Math.max(wanted, probeBytes) / size));
  });
}

async function roundTrip(name) {
  return withPair(processFile, name, async (sender, receiver) => {
    await sender.call('connect', { id: 1 });
    await receiver.call('opened', { id: 1 });
    await receiver.call('echo', { id: 1 });
    await sender.call('roundTrips', { id: 1, count: 1000 });
    const times = (await sender.call('roundTrips', { id: 1, count: 5000 })).sort((a, b) => a - b);
    return { median: quantile(times, 0.5), p99: quantile(times, 0.99) };
  });
}

async function connects(name) {
  return withPair(processFile, name, async (sender, receiver) => {
    const times = [];
    for (let id = 1; id <= Number(options.connects); id++) {
      times.push(await sender.call('connect', { id }));
      await receiver.call('opened', { id });
      await Promise.all([sender.call('close', { ids: [id] }), receiver.call('close', { ids: [id] })]);
    }
    times.sort((a, b) => a - b);
    return { median: quantile(times, 0.5), p99: quantile(times, 0.99) };
  });
}

async function memory(name) {
  return withPair(processFile, name, async (sender, receiver) => {
    const count = Number(options.connections);
    const connect = async (id) => {
      await sender.call('connect', { id });
      await receiver.call('opened', { id });
    };
    await connect(1); // what is paid once is not a connection's
    const before = await Promise.all([sender.call('usage'), receiver.call('usage')]);
    for (let id = 2; id <= count + 1; id++) await connect(id);
    const after = await Promise.all([sender.call('usage'), receiver.call('usage')]);
    const perConnection = (key) => (after[0][key] + after[1][key] - before[0][key] - before[1][key]) / 2 / count;
    return { mb: perConnection('rss') / MB, threads: perConnection('threads') };
  });
}

const fixed = (digits) => (value) => value.toFixed(digits);
const rows = [
  ...[65536, 16384, 1024].flatMap((size) => [
    { title: `${size / 1024} KiB messages, Mbit/s`, run: (n) => throughput(n, size), key: 'mbps', show: fixed(0) },
    { title: `${size / 1024} KiB, CPU s/GB (both)`, same: true, key: 'cpuPerGB', show: fixed(1) },
  ]),
  { title: 'round trip, median ms', run: roundTrip, key: 'median', show: fixed(3) },
  { title: 'round trip, p99 ms', same: true, key: 'p99', show: fixed(3) },
  { title: 'connect, median ms', run: connects, key: 'median', show: fixed(1) },
  { title: 'connect, p99 ms', same: true, key: 'p99', show: fixed(1) },
  { title: 'memory per connection, MB', run: memory, key: 'mb', show: fixed(2) },
  { title: 'threads per connection', same: true, key: 'threads', show: fixed(2) },
];

const names = options.only ? options.only.split(',') : peerNames;
const results = {};
for (const name of names) {
  results[name] = {};
  let last;
  for (const row of rows) {
    if (!row.same) {
      last = await row.run(name).catch((error) => ({ error: error.message.split('\n')[0] }));
      if (last.error) console.error(`${name}: ${row.title}: ${last.error}`);
    }
    results[name][row.title] = last.error ? null : last[row.key];
    console.error(`${name}: ${row.title}: ${last.error ? 'failed' : row.show(last[row.key])}`);
  }
}

const cells = rows.map((row) => [
  row.title,
  ...names.map((name) => (results[name][row.title] === null ? 'failed' : row.show(results[name][row.title]))),
]);
printTable([['', ...names], ...cells]);
if (options.json) writeFileSync(options.json, JSON.stringify(results, null, 2));
