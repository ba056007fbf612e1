/** Sound and pictures over a bad network: loss, a rate that changes, a blackout, and what adapts to them. */
import { EmulatedCall, type CallSettings, type Moment } from '../support/emulated-call';

const calls: EmulatedCall[] = [];

async function start(settings: CallSettings): Promise<EmulatedCall> {
  const call = await EmulatedCall.start(settings);
  calls.push(call);
  return call;
}

afterEach(async () => {
  await Promise.all(calls.splice(0).map((call) => call.close()));
});

const vga = { width: 640, height: 480, frameRate: 30 };

const median = (values: number[]) => [...values].sort((one, other) => one - other)[values.length >> 1]!;
const since = (moment: Moment, before: Moment, counter: string) => moment.audio[counter]! - before.audio[counter]!;
/** Which part of what was played between two moments had to be made up. */
const concealed = (before: Moment, moment: Moment) =>
  since(moment, before, 'concealedSamples') / since(moment, before, 'totalSamplesReceived');
const has = (rid: string) => (moment: Moment) => (moment.outbound.get(rid)?.['targetBitrate'] ?? 0) > 0;

test('with 5 % loss no picture stands for half a second, and sound is made up for little more than what is lost', async () => {
  const call = await start({ seed: 1, link: { loss: 0.05, delayMs: 25 } });
  await call.until(() => call.frames.length > 30, 10);
  const [before, begun] = [await call.look(), call.now];
  await call.during(10);
  const after = await call.look();
  expect(call.longestGapMs(begun, call.now)).toBeLessThan(500);
  expect(after.video!['nackCount']).toBeGreaterThan(5);
  expect(after.video!['retransmittedPacketsReceived']).toBeGreaterThan(5);
  expect(after.video!['totalFreezesDuration']! - before.video!['totalFreezesDuration']!).toBeLessThan(0.5);
  expect(call.framesBetween(begun, call.now).length).toBeGreaterThan(10 * 30 * 0.8);
  expect(concealed(before, after)).toBeLessThan(0.1);
}, 40_000);

test('the estimate follows the rate of the link, sound is protected, and pictures shrink and grow', async () => {
  const [wide, narrow] = [2_000_000, 300_000];
  const call = await start({ seed: 2, link: { rateBps: wide, delayMs: 20 }, camera: vga });
  const isNear = (rate: number) => (moment: Moment) => Math.abs(moment.estimate - rate) <= rate * 0.2;
  expect(await call.until((moment) => isNear(wide)(moment) && call.frames.at(-1)?.height === 480, 10)).not.toBeNull();

  call.link.set({ rateBps: narrow });
  expect(await call.until(isNear(narrow), 5)).not.toBeNull();
  const settled = (await call.during(5)).slice(-1)[0]!.at;
  const before = await call.look();
  const moments = await call.during(4);
  expect(Math.abs(median(moments.map(({ estimate }) => estimate)) - narrow)).toBeLessThan(narrow * 0.3);
  expect(call.queueMs(settled, 0.9)).toBeLessThan(200);
  expect(call.frames.at(-1)!.height).toBeLessThan(480);
  expect(concealed(before, moments.at(-1)!)).toBeLessThan(0.05);

  call.link.set({ rateBps: wide });
  expect(await call.until(isNear(wide), 6)).not.toBeNull();
  expect(await call.until(() => call.frames.at(-1)!.height === 480, 20)).not.toBeNull();
}, 80_000);

test('after five seconds without a network everything goes on', async () => {
  const call = await start({ seed: 3, link: { rateBps: 1_000_000, delayMs: 20 } });
  expect(await call.until(({ estimate }) => call.frames.length > 30 && estimate > 500_000, 10)).not.toBeNull();
  call.link.set({ blackout: true });
  await call.during(5);
  const [before, shown] = [await call.look(), call.frames.length];
  call.link.set({ blackout: false });
  expect(await call.until(() => call.frames.length > shown + 30, 5)).not.toBeNull();
  expect(await call.until((moment) => since(moment, before, 'packetsReceived') > 50, 5)).not.toBeNull();
  expect(await call.until(({ estimate }) => estimate > 500_000, 10)).not.toBeNull();
}, 60_000);

test('where there is little room motion gives up size, and detail gives up frames', async () => {
  const link = { rateBps: 150_000, delayMs: 20 };
  const [motion, detail] = await Promise.all([
    start({ seed: 4, link, camera: vga, contentHint: 'motion' }),
    start({ seed: 5, link, camera: vga, contentHint: 'detail' }),
  ]);
  await Promise.all([motion!.during(12), detail!.during(12)]);
  const [from, to] = [7, 12];
  const heights = (call: EmulatedCall) => [...new Set(call.framesBetween(from, to).map(({ height }) => height))];
  expect(Math.max(...heights(motion!))).toBeLessThan(480);
  const rate = (call: EmulatedCall) => call.framesBetween(from, to).length / (to - from);
  expect(rate(motion!)).toBeGreaterThan(10);
  expect(heights(detail!)).toEqual([480]);
  expect(rate(detail!)).toBeLessThan(rate(motion!) * 0.75);
  const [one, other] = [await motion!.look(), await detail!.look()];
  expect(one.outbound.get('')!['qualityLimitationReason']).toBe('bandwidth');
  expect(other.outbound.get('')!['frameHeight']).toBe(480);
}, 60_000);

test('layers of a simulcast go off from the largest on when there is less room, and come back', async () => {
  const layers = [
    { rid: 'q', scaleResolutionDownBy: 4 },
    { rid: 'h', scaleResolutionDownBy: 2 },
    { rid: 'f', scaleResolutionDownBy: 1 },
  ];
  const link = { rateBps: 2_000_000, delayMs: 20 };
  const call = await start({ seed: 6, link, camera: vga, layers });
  expect(await call.until((moment) => layers.every(({ rid }) => has(rid)(moment)), 15)).not.toBeNull();
  call.link.set({ rateBps: 180_000 });
  expect(await call.until((moment) => has('q')(moment) && !has('h')(moment) && !has('f')(moment), 10)).not.toBeNull();
  const before = await call.look();
  expect(
    await call.until(({ outbound }) => {
      const frames = outbound.get('q')!['framesEncoded']!;
      return frames > before.outbound.get('q')!['framesEncoded']! + 20;
    }, 5),
  ).not.toBeNull();
  call.link.set({ rateBps: 2_000_000 });
  expect(await call.until((moment) => layers.every(({ rid }) => has(rid)(moment)), 20)).not.toBeNull();
}, 80_000);
