/**
 * Calls over emulated links, of us and Chromium in all four pairings: what the receiver's own statistics say of the picture
 * and the sound. Chromium with Chromium is the yardstick.
 *
 *   node bench/beside-chromium.mjs                                   every link, VP8, 25 s each
 *   node bench/beside-chromium.mjs --only loss-5,narrow --codec video/H264
 *   node bench/beside-chromium.mjs --pairs ours-chromium,chromium-chromium
 */
import { createRequire } from 'node:module';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { EmulatedLink } from '../test/support/emulated-link.cjs';
import { BenchProcess, printTable } from './bench-process.mjs';
import { startChromium } from './beside/chromium.mjs';

const links = {
  clean: { delayMs: 20 },
  'loss-2': { delayMs: 30, loss: 0.02 },
  'loss-5': { delayMs: 30, loss: 0.05 },
  'loss-10': { delayMs: 30, loss: 0.1 },
  far: { delayMs: 150, loss: 0.02 },
  reordering: { delayMs: 30, reordering: 0.1, reorderMs: 40 },
  narrow: { delayMs: 30, rateBps: 500_000, queueMs: 300 },
  'narrow-loss': { delayMs: 30, rateBps: 500_000, queueMs: 300, loss: 0.05 },
  steps: {
    delayMs: 30,
    rateBps: 1_500_000,
    queueMs: 300,
    then: [
      { at: 10, rateBps: 300_000 },
      { at: 20, rateBps: 1_500_000 },
    ],
  },
  outage: {
    delayMs: 30,
    then: [
      { at: 10, blackout: true },
      { at: 12, blackout: false },
    ],
  },
};
const { values: options } = parseArgs({
  options: {
    only: { type: 'string', default: Object.keys(links).join() },
    pairs: { type: 'string', default: 'chromium-chromium,ours-chromium,chromium-ours,ours-ours' },
    codec: { type: 'string', default: 'video/VP8' },
    seconds: { type: 'string', default: '25' },
    seed: { type: 'string', default: '5' },
    package: { type: 'string', default: '../dist/index.js' },
  },
});
const seconds = Number(options.seconds);
const ownPackage = createRequire(import.meta.url).resolve(options.package);
const ownFile = fileURLToPath(new URL('beside/own-process.mjs', import.meta.url));

async function openOwn() {
  const process = new BenchProcess(ownFile, ownPackage);
  await process.ready;
  return process;
}

/** The description as the other side gets it: the link's address in place of all of the party's. */
function through(link, side, { type, sdp }) {
  const lines = sdp.split('\r\n');
  const stands = lines.filter((line) => line.startsWith('a=candidate')).map((line) => link.stand(side, line.slice(2)));
  const stand = stands.find(Boolean);
  if (!stand) throw new Error(`no address that the link can stand for:\n${sdp}`);
  const kept = lines.filter((line) => !/^a=(candidate|end-of-candidates)/.test(line));
  kept.splice(kept.findIndex((line) => line.startsWith('a=mid:')) + 1, 0, `a=${stand}`);
  return { type, sdp: kept.join('\r\n') };
}

async function call(chromium, pair, { then = [], ...settings }) {
  const link = await EmulatedLink.open({ seed: Number(options.seed), settings });
  const open = (who) => (who === 'ours' ? openOwn() : chromium.open());
  const [from, to] = await Promise.all(pair.split('-').map(open));
  try {
    const answer = await to.call('answer', through(link, 0, await from.call('offer', options.codec)));
    await from.call('accept', through(link, 1, answer));
    const begun = performance.now();
    for (const { at, ...change } of [...then.filter(({ at }) => at < seconds), { at: seconds }]) {
      await wait(Math.max(0, begun + at * 1000 - performance.now()));
      link.set(change);
    }
    return await to.call('statistics');
  } finally {
    await Promise.all([from.end(), to.end()]);
    await link.close();
  }
}

const head =
  'link|pair|kbit/s|frames/s|height|freezes|s frozen|key frames|lost|delay, ms|sound concealed, %|its delay, ms';
const rows = [head.split('|')];
const chromium = await startChromium();
try {
  for (const name of options.only.split(',')) {
    for (const pair of options.pairs.split(',')) {
      const { video, audio } = await call(chromium, pair, links[name]);
      const ms = ({ jitterBufferDelay, jitterBufferEmittedCount }) =>
        (1000 * jitterBufferDelay) / jitterBufferEmittedCount;
      const row = [
        name,
        pair,
        Math.round((video.bytesReceived * 8) / 1000 / seconds),
        (video.framesDecoded / seconds).toFixed(1),
        video.frameHeight,
        video.freezeCount,
        (video.totalFreezesDuration ?? 0).toFixed(2),
        video.keyFramesDecoded,
        video.packetsLost,
        Math.round(ms(video)),
        ((100 * audio.concealedSamples) / audio.totalSamplesReceived).toFixed(2),
        Math.round(ms(audio)),
      ];
      rows.push(row.map(String));
      console.log(rows.at(-1).join('  '));
    }
  }
} finally {
  await chromium.stop();
}
printTable(rows);
