import { nonstandard } from '../../lib';
import { closePairs, sendTrack } from '../support/media-pair';
import { Studio } from '../support/studio';

const { RTCVideoSink, RTCVideoSource } = nonstandard;

let studio: Studio | undefined;
afterEach(() => {
  studio?.close();
  closePairs();
});

test('framesPerSecond is what there was in the last second, of the source, coded and decoded', async () => {
  const source = new RTCVideoSource();
  const { a, b, sender, receiver } = await sendTrack(source.createTrack());
  const parameters = sender.getParameters();
  parameters.encodings[0]!.maxFramerate = 5;
  await sender.setParameters(parameters);

  async function framesPerSecond(): Promise<(number | undefined)[]> {
    const [sent, received] = await Promise.all([a.getStats(), b.getStats()]);
    const of = (report: any, wanted: string) =>
      [...report.values()].find(({ type, kind }: any) => type === wanted && kind === 'video').framesPerSecond;
    return [of(sent, 'media-source'), of(sent, 'outbound-rtp'), of(received, 'inbound-rtp')];
  }

  const pushed: number[] = [];
  const sink = new RTCVideoSink(receiver.track);
  studio = new Studio({ framesPerSecond: 25 });
  const seen = new Promise<void>((resolve) => {
    let count = 0;
    sink.onframe = () => {
      if (++count === 15) resolve();
    };
  });
  studio.takers.push({
    picture(picture) {
      source.onFrame(picture as never);
      pushed.push(performance.now());
    },
  });
  await seen;
  const [offered, coded, decoded] = await framesPerSecond();
  const second = pushed.filter((time) => time > performance.now() - 1000).length;
  expect(Math.abs(offered! - second)).toBeLessThanOrEqual(3);
  for (const rate of [coded!, decoded!]) {
    expect(rate).toBeGreaterThanOrEqual(2);
    expect(rate).toBeLessThanOrEqual(7);
  }

  studio.close();
  while ((await framesPerSecond()).some((rate) => rate !== 0)) {
    if (performance.now() - pushed.at(-1)! > 5_000) throw new Error(String(await framesPerSecond()));
  }
});
