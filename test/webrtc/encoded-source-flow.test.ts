import { createHash } from 'node:crypto';
import { nonstandard } from '../../lib';
import type { ObservedFrame } from '../../lib/media/encoded-source';
import { closePairs, codecsNamed, fakeTrack, hearSound, seeNumbers, sendTrack } from '../support/media-pair';

const { RTCEncodedAudioSink, RTCEncodedAudioSource, RTCEncodedVideoSink, RTCEncodedVideoSource } = nonstandard;

afterEach(closePairs);

const digest = ({ data }: ObservedFrame) => createHash('md5').update(data).digest('hex');

/** Sends what the receiver gets over another connection, without decoding it. */
async function passOn(kind: 'audio' | 'video', codec: string) {
  const first = await sendTrack(await fakeTrack(kind), { codec });
  const isVideo = kind === 'video';
  const source: any = isVideo
    ? new RTCEncodedVideoSource({ mimeType: `video/${codec}` })
    : new RTCEncodedAudioSource({ mimeType: `audio/${codec}` });
  const sink: any = isVideo ? new RTCEncodedVideoSink(first.receiver) : new RTCEncodedAudioSink(first.receiver);
  const requests: string[] = [];
  source.onkeyframerequest = () => {
    requests.push('keyframerequest');
    sink.requestKeyFrame();
  };
  const pushed: string[] = [];
  sink.onframe = ({ frame }: { frame: ObservedFrame }) => {
    if (source.push(frame) > 0) pushed.push(digest(frame));
  };
  // Another codec may be liked better: what comes coded is sent as it is.
  const second = await sendTrack(source.createTrack());
  const arrived: string[] = [];
  const timestamps: number[] = [];
  const last: any = isVideo ? new RTCEncodedVideoSink(second.receiver) : new RTCEncodedAudioSink(second.receiver);
  const collected = new Promise<void>((resolve) => {
    last.onframe = ({ frame }: { frame: ObservedFrame }) => {
      arrived.push(digest(frame));
      timestamps.push(frame.rtpTimestamp!);
      if (arrived.length === 30) resolve();
    };
  });
  return { first, second, pushed, arrived, timestamps, collected, requests };
}

const built = ['VP8', 'VP9', 'H264', 'AV1'].filter((codec) => codecsNamed('video', codec).length > 0);

test.each(built)('%s frames are sent as they are', async (codec) => {
  const { second, pushed, arrived, collected, requests } = await passOn('video', codec);
  const [numbers] = await Promise.all([seeNumbers(second.receiver.track, 15), collected]);
  expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
  const begin = pushed.indexOf(arrived[0]!);
  expect(begin).toBeGreaterThanOrEqual(0);
  expect(arrived).toEqual(pushed.slice(begin, begin + arrived.length));
  expect(requests).not.toHaveLength(0);
  const report: any = await second.a.getStats();
  const outbound: any = [...report.values()].find(({ type }) => type === 'outbound-rtp');
  expect(report.get(outbound.codecId)).toMatchObject({ mimeType: `video/${codec}` });
  expect(outbound).toMatchObject({ framesEncoded: 0, frameWidth: 320, frameHeight: 240 });
  expect(outbound).not.toHaveProperty('encoderImplementation');
  expect(outbound.framesSent).toBeGreaterThan(20);
});

test('Opus packets are sent as they are, and keep their distances', async () => {
  const { second, pushed, arrived, timestamps, collected } = await passOn('audio', 'opus');
  await Promise.all([hearSound(second.receiver.track, 10), collected]);
  const begin = pushed.indexOf(arrived[0]!);
  expect(begin).toBeGreaterThanOrEqual(0);
  expect(arrived).toEqual(pushed.slice(begin, begin + arrived.length));
  const distances = timestamps.slice(1).map((timestamp, at) => (timestamp - timestamps[at]!) >>> 0);
  expect(new Set(distances)).toEqual(new Set([960]));
});

test('a keyframe that the peer needs is asked of the source', async () => {
  const { second, collected, requests } = await passOn('video', 'VP8');
  await collected;
  const before = requests.length;
  const asked = new Promise<void>((resolve) => {
    const report = requests.push.bind(requests);
    requests.push = (...items) => {
      resolve();
      return report(...items);
    };
  });
  new RTCEncodedVideoSink(second.receiver).requestKeyFrame();
  await asked;
  expect(requests.length).toBeGreaterThan(before);
});
