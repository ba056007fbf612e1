import { nonstandard } from '../../lib';

const { RTCAudioSource } = nonstandard;

/** Microseconds that it takes to push a block while so many sources have sound that waits, at best. */
async function pushTime(count: number): Promise<number> {
  const sources = Array.from({ length: count }, () => new RTCAudioSource());
  for (const source of sources) source.createTrack();
  const sound = { samples: new Int16Array(3 * 480), sampleRate: 48_000 };
  let best = Infinity;
  for (let round = 0; round < 10; round++) {
    for (const source of sources) source.onData(sound);
    const from = performance.now();
    for (let push = 0; push < 20; push++) sources[push % count]!.onData(sound);
    best = Math.min(best, ((performance.now() - from) * 1000) / 20);
    await new Promise((resolve) => setTimeout(resolve, 80));
  }
  return best;
}

test('sound is pushed as fast into one of many sources as into a single one', async () => {
  const alone = await pushTime(1);
  expect(await pushTime(4000)).toBeLessThan(Math.max(alone, 5) * 6);
});
