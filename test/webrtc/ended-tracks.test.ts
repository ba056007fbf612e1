/** What is sent for tracks that have ended: https://w3c.github.io/webrtc-pc/#mediastreamtrack-network-use */
import { type MediaStreamTrack, nonstandard, type RTCRtpSender } from '../../lib';
import { negotiate } from '../support/connect';
import { closePairs, fakeTrack, type MediaPair, sendTrack } from '../support/media-pair';

jest.setTimeout(60_000);
afterEach(closePairs);

/** Resolves once so many pictures in a row were black. */
function seeBlack(track: MediaStreamTrack, count: number): Promise<void> {
  const sink = new nonstandard.RTCVideoSink(track);
  let seen = 0;
  return new Promise((resolve) => {
    sink.onframe = ({ frame: { width, height, data } }) => {
      seen = data.subarray(0, width * height).every((luma: number) => luma <= 24) ? seen + 1 : 0;
      if (seen < count) return;
      sink.stop();
      resolve();
    };
  });
}

async function packetsSent(sender: RTCRtpSender): Promise<number> {
  const reports = [...(await sender.getStats()).values()] as { type: string; packetsSent?: number }[];
  return reports.find(({ type }) => type === 'outbound-rtp')?.packetsSent ?? 0;
}

/** Resolves once so many more packets have been sent. */
async function sendOn(sender: RTCRtpSender, count: number): Promise<void> {
  const before = await packetsSent(sender);
  while ((await packetsSent(sender)) < before + count) await new Promise(setImmediate);
}

const raise = ({ sender }: MediaPair) => {
  const parameters = sender.getParameters();
  parameters.encodings[0]!.maxBitrate = 400_000;
  return sender.setParameters(parameters);
};

describe('black pictures', () => {
  test.each<[string, (pair: MediaPair) => Promise<unknown>]>([
    ['setParameters()', raise],
    ['another negotiation', ({ a, b }) => negotiate(a, b)],
    ['replaceTrack() with it', ({ sender, track }) => sender.replaceTrack(track)],
    [
      'replaceTrack() with another one that has ended',
      async ({ sender }) => {
        const other = await fakeTrack('video');
        other.stop();
        await sender.replaceTrack(other);
      },
    ],
  ])('go on after %s', async (_, change) => {
    const pair = await sendTrack(await fakeTrack('video'));
    pair.track.stop();
    await seeBlack(pair.receiver.track, 1);
    await change(pair);
    await seeBlack(pair.receiver.track, 3);
  });

  test('are sent for a track that had ended before, until there is another', async () => {
    const track = await fakeTrack('video');
    track.stop();
    const { receiver, sender } = await sendTrack(track);
    await seeBlack(receiver.track, 2);
    await sender.replaceTrack(await fakeTrack('video'));
    await new Promise<void>((resolve) => {
      const sink = new nonstandard.RTCVideoSink(receiver.track);
      sink.onframe = ({ frame }) => {
        if (nonstandard.readFrameNumber(frame) === null) return;
        sink.stop();
        resolve();
      };
    });
  });
});

describe('silence', () => {
  test('goes on after setParameters()', async () => {
    const pair = await sendTrack(await fakeTrack('audio'));
    await sendOn(pair.sender, 1);
    pair.track.stop();
    await raise(pair);
    await sendOn(pair.sender, 20);
  });

  test('is sent for a track that had ended before', async () => {
    const track = await fakeTrack('audio');
    track.stop();
    const { sender } = await sendTrack(track);
    await sendOn(sender, 20);
  });
});
