/**
 * Side by side: data channels between two processes, each package in turn, over this machine's own interfaces and over a
 * veth pair with an MTU of 1,500 between two network namespaces.
 *
 *   npm run bench                          every package, the full set
 *   npm run bench -- --only peerwire,werift --seconds 2
 *   npm run bench -- --rows 'veth|limit'   rows whose title matches
 *   npm run bench -- --json results.json
 *
 * Machines are noisy: quote ratios of one run, CPU seconds before throughput.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { installPeers, printTable, withPair } from './bench-process.mjs';
import { buildLimit, measureLimit } from './limit.mjs';
import { peerNames } from './peers/index.mjs';
import { buildVethPair, destroyVethPair } from './veth.mjs';

const processFile = new URL('process.mjs', import.meta.url);

const { values: options } = parseArgs({
  options: {
    only: { type: 'string' },
    rows: { type: 'string', default: '' },
    seconds: { type: 'string', default: '4' },
    connects: { type: 'string', default: '200' },
    connections: { type: 'string', default: '50' },
    pairs: { type: 'string', default: '100' },
    idle: { type: 'string', default: '10000' },
    json: { type: 'string' },
    help: { type: 'boolean' },
  },
});
if (options.help) {
  console.log(
    'usage: npm run bench -- [--only a,b] [--rows PATTERN] [--seconds S] [--connects N] [--connections N] [--pairs N] ' +
      `[--idle N] [--json FILE]\npackages: ${peerNames.join(', ')}`,
  );
  process.exit(0);
}

installPeers();

const quantile = (sorted, q) => sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))];
const MB = 1e6;
const loopback = { prefixes: [[], []], addresses: ['127.0.0.1', '127.0.0.1'] };
const SHARED_PORT = 45_454;

const cpuOf = async (pair) => (await Promise.all(pair.map((p) => p.call('usage')))).reduce((sum, u) => sum + u.cpu, 0);

async function throughput(name, size, { prefixes }) {
  const measure = async (sender, receiver) => {
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
  };
  return withPair(processFile, name, measure, prefixes);
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

/** One after the other. The first one of a process pays for what is loaded and compiled, and is told by itself. */
async function connects(name) {
  return withPair(processFile, name, async (sender, receiver) => {
    const times = [];
    for (let id = 0; id <= Number(options.connects); id++) {
      times.push(await sender.call('connect', { id }));
      await receiver.call('opened', { id });
      await Promise.all([sender.call('close', { ids: [id] }), receiver.call('close', { ids: [id] })]);
    }
    const [first, ...others] = times;
    others.sort((a, b) => a - b);
    return { first, median: quantile(others, 0.5), p99: quantile(others, 0.99) };
  });
}

async function connectTogether(name) {
  return withPair(processFile, name, async (sender, receiver) => {
    await sender.call('connect', { id: 0 });
    await receiver.call('opened', { id: 0 });
    return { seconds: await sender.call('connectMany', { first: 1, count: Number(options.pairs) }) };
  });
}

/** The process that is measured holds all of its ends on one port; the other one's have a socket each. */
async function idle(name) {
  if (name !== 'peerwire') return null;
  return withPair(processFile, name, async (holder, other) => {
    const open = async (first, count) => {
      await holder.call('connectMany', { first, count });
      for (let id = first; id < first + count; id++) await other.call('opened', { id });
    };
    const BATCH = 100;
    await holder.call('configure', { enableIceUdpMux: true, portRange: { min: SHARED_PORT, max: SHARED_PORT } });
    await other.call('configure', { bindAddress: '0.0.0.0' });
    await open(0, BATCH);
    const before = await holder.call('usage');
    const count = Number(options.idle) - BATCH;
    for (let first = BATCH; first < BATCH + count; first += BATCH) {
      await open(first, Math.min(BATCH, BATCH + count - first));
      if (first % 1000 === 0) console.error(`${name}: ${first} idle connections`);
    }
    const after = await holder.call('usage');
    const grown = (key) => after[key] - before[key];
    return { mb: grown('rss') / count / MB, threads: grown('threads'), descriptors: grown('descriptors') };
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

const sizeName = (size) => (size % 1024 === 0 ? `${size / 1024} KiB` : `${size} B`);
const fixed = (digits) => (value) => value.toFixed(digits);

const paths = { loopback };
try {
  paths['veth, MTU 1,500'] = buildVethPair(1500);
  process.on('exit', destroyVethPair);
} catch (error) {
  console.error(`rows of the veth pair are left out: ${error.message}`);
}

const throughputRows = Object.entries(paths).flatMap(([path, hosts]) =>
  [65536, 16384, 1200].flatMap((size) => [
    {
      title: `${path}: ${sizeName(size)}, Mbit/s`,
      run: (n) => throughput(n, size, hosts),
      key: 'mbps',
      show: fixed(0),
    },
    { title: `${path}: ${sizeName(size)}, CPU s/GB (both)`, same: true, key: 'cpuPerGB', show: fixed(2) },
  ]),
);
const allRows = [
  ...throughputRows,
  { title: 'round trip, median ms', run: roundTrip, key: 'median', show: fixed(3) },
  { title: 'round trip, p99 ms', same: true, key: 'p99', show: fixed(3) },
  { title: 'connect, median ms', run: connects, key: 'median', show: fixed(1) },
  { title: 'connect, p99 ms', same: true, key: 'p99', show: fixed(1) },
  { title: 'connect, the first of a process, ms', same: true, key: 'first', show: fixed(1) },
  { title: `${options.pairs} pairs at once, s`, run: connectTogether, key: 'seconds', show: fixed(2) },
  { title: 'memory per connection, MB', run: memory, key: 'mb', show: fixed(2) },
  { title: 'threads per connection', same: true, key: 'threads', show: fixed(2) },
  { title: `${options.idle} idle on a shared port: MB each`, run: idle, key: 'mb', show: fixed(3) },
  { title: `${options.idle} idle: threads more`, same: true, key: 'threads', show: fixed(0) },
  { title: `${options.idle} idle: descriptors more`, same: true, key: 'descriptors', show: fixed(0) },
];
/** A row that takes its figure from the one measured before it comes with that one. */
const wanted = new RegExp(options.rows);
const groups = [];
for (const row of allRows) {
  if (row.same) groups.at(-1).push(row);
  else groups.push([row]);
}
const rows = groups.filter((group) => group.some(({ title }) => wanted.test(title))).flat();

const names = options.only ? options.only.split(',') : peerNames;
const results = {};
const cell = (row, value) => (value === undefined ? '–' : value === null ? 'failed' : row.show(value));
for (const name of names) {
  results[name] = {};
  let last;
  for (const row of rows) {
    if (!row.same) {
      // Processes of some packages end now and then while they connect.
      for (let attempt = 0; attempt < 3 && (attempt === 0 || last?.error); attempt++) {
        last = await row.run(name).catch((error) => ({ error: error.message.split('\n')[0] }));
      }
      if (last?.error) console.error(`${name}: ${row.title}: ${last.error}`);
    }
    const value = last === null ? undefined : last.error ? null : last[row.key];
    results[name][row.title] = value;
    console.error(`${name}: ${row.title}: ${cell(row, value)}`);
  }
}

/** The limit of each path, in packets as SCTP fills them: those of an MTU of 1,400, and the largest record of DTLS. */
async function limits() {
  if (!wanted.test('limit')) return;
  await buildLimit();
  const table = [['AES-128-GCM and the kernel alone', 'Mbit/s', 'CPU s/GB (both)']];
  for (const [path, hosts] of Object.entries(paths)) {
    for (const size of path === 'loopback' ? [1315, 16384] : [1315]) {
      for (const inSegments of [false, true]) {
        const figures = await measureLimit(hosts, size, inSegments, Number(options.seconds));
        const title = `${path}: ${size} octets, ${inSegments ? 'GSO and GRO' : 'sendto'}`;
        results[title] = figures;
        table.push([title, fixed(0)(figures.mbps), fixed(2)(figures.cpuPerGB)]);
      }
    }
  }
  printTable(table);
  console.log();
}

await limits();
const cells = rows.map((row) => [row.title, ...names.map((name) => cell(row, results[name][row.title]))]);
printTable([['', ...names], ...cells]);
if (options.json) writeFileSync(options.json, JSON.stringify(results, null, 2));
