/**
 * Media over emulated links: two connections of this package in one process, every datagram through a link on a thread
 * of its own. Writes a chart of each scenario to bench/results, and prints a table.
 *
 *   npm run bench:network                        every scenario
 *   npm run bench:network -- --only steps,loss-5
 *   npm run bench:network -- --seed 7 --package ../other/index.js
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { EmulatedLink } from '../test/support/emulated-link.cjs';
import { printTable } from './bench-process.mjs';
import { svgOf } from './network/chart.mjs';
import { summaryOf } from './network/judge.mjs';
import { scenarios } from './network/scenarios.mjs';

const { values: options } = parseArgs({
  options: {
    only: { type: 'string' },
    seed: { type: 'string', default: '1' },
    package: { type: 'string', default: '../dist/index.js' },
    help: { type: 'boolean' },
  },
});
if (options.help) {
  console.log(`usage: npm run bench:network -- [--only a,b] [--seed N]
scenarios: ${scenarios.map(({ name }) => name).join(', ')}`);
  process.exit(0);
}
const { RTCPeerConnection, mediaDevices, nonstandard } = createRequire(import.meta.url)(options.package);
const results = fileURLToPath(new URL('results/', import.meta.url));
mkdirSync(results, { recursive: true });

const now = () => performance.timeOrigin + performance.now();
const statsOf = async (connection, type) =>
  [...(await connection.getStats()).values()].filter((entry) => entry.type === type);

async function connect(link, left, right) {
  const pass = (side, from, to) => {
    from.onicecandidate = ({ candidate }) => {
      const stand = candidate?.candidate ? link.stand(side, candidate.candidate) : null;
      if (stand) void to.addIceCandidate({ candidate: stand, sdpMid: candidate.sdpMid });
    };
  };
  pass(0, left, right);
  pass(1, right, left);
  // As they are made: localDescription tells of candidates, too, and those would go past the link.
  const offer = await left.createOffer();
  await Promise.all([left.setLocalDescription(offer), right.setRemoteDescription(offer)]);
  const answer = await right.createAnswer();
  await Promise.all([right.setLocalDescription(answer), left.setRemoteDescription(answer)]);
}

const layers = [
  { rid: 'q', scaleResolutionDownBy: 4 },
  { rid: 'h', scaleResolutionDownBy: 2 },
  { rid: 'f', scaleResolutionDownBy: 1 },
];

async function run(scenario) {
  const { camera, link: settings, steps = [], contentHint = '' } = scenario;
  const seconds = scenario.seconds ?? 60;
  const atFirst = steps.find(({ at }) => at === 0);
  const link = await EmulatedLink.open({ seed: Number(options.seed), settings: { ...settings, ...atFirst } });
  const left = new RTCPeerConnection();
  const right = new RTCPeerConnection({ receiveSimulcast: Boolean(scenario.layers) });
  const stream = await mediaDevices.getUserMedia({ video: camera, audio: true });
  const [video] = stream.getVideoTracks();
  video.contentHint = contentHint;
  left.addTransceiver(video, {
    direction: 'sendonly',
    streams: [stream],
    ...(scenario.layers ? { sendEncodings: layers } : {}),
  });
  left.addTransceiver(stream.getAudioTracks()[0], { direction: 'sendonly', streams: [stream] });
  const frames = [];
  right.ontrack = ({ track }) => {
    if (track.kind !== 'video') return;
    new nonstandard.RTCVideoSink(track).onframe = ({ frame }) => frames.push([now(), frame.height]);
  };
  await connect(link, left, right);
  while (left.connectionState !== 'connected') await new Promise((done) => (left.onconnectionstatechange = done));

  const begun = now();
  const sent = [];
  const sampling = setInterval(async () => {
    const at = (now() - begun) / 1000;
    const [[pair], outbound] = await Promise.all([
      statsOf(left, 'candidate-pair').then((pairs) => pairs.filter(({ nominated }) => nominated)),
      statsOf(left, 'outbound-rtp'),
    ]);
    sent.push({ at, estimate: pair?.availableOutgoingBitrate ?? null, outbound });
  }, 200);
  const later = steps.filter(({ at }) => at > 0);
  const timers = later.map(({ at, ...step }) => setTimeout(() => link.set(step), at * 1000 - (now() - begun)));
  await new Promise((done) => setTimeout(done, seconds * 1000));
  clearInterval(sampling);
  timers.forEach(clearTimeout);
  const received = await statsOf(right, 'inbound-rtp');
  stream.getTracks().forEach((track) => track.stop());
  left.close();
  right.close();
  await link.close();
  const samples = link.samples
    .map(({ at, directions }) => ({ at: (at - begun) / 1000, ...directions[0] }))
    .filter(({ at }) => at >= 0);
  return {
    scenario,
    seconds,
    samples,
    sent,
    received,
    frames: frames.map(([at, height]) => [(at - begun) / 1000, height]),
  };
}

/** Octets of the link's samples as Mbit/s of half a second. */
function throughputOf(samples) {
  const points = [];
  for (let from = 0; from + 10 <= samples.length; from += 5) {
    const octets = samples.slice(from, from + 10).reduce((sum, sample) => sum + sample.octets, 0);
    points.push([samples[from + 9].at, (octets * 8) / 500_000]);
  }
  return points;
}

function chartOf({ scenario, seconds, samples, sent, frames }) {
  const perLayer = [...new Set(sent.flatMap(({ outbound }) => outbound.map(({ ssrc }) => ssrc)))];
  const layersOf = perLayer.map((ssrc) => {
    const entries = sent.map(({ at, outbound }) => [at, outbound.find((each) => each.ssrc === ssrc)]);
    const one = entries.find(([, entry]) => entry)?.[1];
    return { name: one.rid ?? one.kind, points: entries.map(([at, entry]) => [at, (entry?.targetBitrate ?? 0) / 1e6]) };
  });
  const most = Math.max(...samples.map(({ rateBps }) => rateBps), 0) * 1.5e-6;
  return svgOf({
    title: scenario.title,
    seconds,
    panels: [
      {
        title: 'Rate',
        unit: 'Mbit/s',
        ...(most > 0 ? { most } : {}),
        series: [
          {
            name: 'link',
            isStep: true,
            points: samples.map(({ at, rateBps }) => [at, rateBps ? rateBps / 1e6 : null]),
          },
          { name: 'estimate', points: sent.map(({ at, estimate }) => [at, estimate === null ? null : estimate / 1e6]) },
          { name: 'arrives', points: throughputOf(samples) },
        ],
      },
      { title: 'Targets', unit: 'Mbit/s', series: layersOf },
      {
        title: 'Queue of the link',
        unit: 'ms',
        limit: 200,
        series: [{ name: 'wait', points: samples.map(({ at, queueMs }) => [at, queueMs]) }],
      },
      {
        title: 'Between frames',
        unit: 'ms',
        limit: 500,
        series: [
          {
            name: 'gap',
            points: frames.map(([at], index) => [at, index > 0 ? (at - frames[index - 1][0]) * 1000 : 0]),
          },
        ],
      },
      { title: 'Height', unit: 'pixels', series: [{ name: 'received', isStep: true, points: frames }] },
    ],
  });
}

const wanted = options.only ? options.only.split(',') : scenarios.map(({ name }) => name);
const rows = [];
for (const scenario of scenarios.filter(({ name }) => wanted.includes(name))) {
  const outcome = await run(scenario);
  writeFileSync(`${results}${scenario.name}.svg`, chartOf(outcome));
  writeFileSync(`${results}${scenario.name}.json`, JSON.stringify(outcome));
  rows.push({ scenario: scenario.name, ...summaryOf(outcome) });
  console.error(`${scenario.name}: bench/results/${scenario.name}.svg`);
}
const titles = Object.keys(rows[0] ?? {});
if (rows.length > 0) printTable([titles, ...rows.map((row) => titles.map((title) => String(row[title])))]);
