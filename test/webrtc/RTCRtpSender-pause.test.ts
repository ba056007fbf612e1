import { negotiate } from '../support/connect';
import { closePairs, fakeTrack, seeNumbers, sendTrack } from '../support/media-pair';

describe('a sender whose section pauses', () => {
  jest.setTimeout(30_000);
  afterEach(closePairs);

  test('keeps its SSRCs, and is seen again', async () => {
    const { a, b, receiver } = await sendTrack(await fakeTrack('video'));
    const [transceiver] = a.getTransceivers();
    const sources = (): Set<string> =>
      new Set(Array.from(a.localDescription!.sdp.matchAll(/^a=ssrc:(\d+)/gm), ([, ssrc]) => ssrc!));
    const before = await seeNumbers(receiver.track, 1);
    const first = sources();
    expect(first.size).toBe(2);
    transceiver!.direction = 'inactive';
    await negotiate(a, b);
    expect(sources()).toEqual(first);
    transceiver!.direction = 'sendonly';
    await negotiate(a, b);
    expect(sources()).toEqual(first);
    // More of them than may still have been on their way.
    const after = await seeNumbers(receiver.track, 30);
    expect(Math.max(...after)).toBeGreaterThan(Math.max(...before) + 20);
  });
});
