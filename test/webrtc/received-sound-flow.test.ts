import { nonstandard } from '../../lib';
import { closePairs, codecsNamed, fakeTrack, hearSound, sendTrack } from '../support/media-pair';

afterEach(closePairs);

const isBuilt = ([codec]: readonly [string, number, number, number]) => codecsNamed('audio', codec).length > 0;
const codecs = (
  [
    ['opus', 48_000, 2, 1],
    ['PCMU', 8_000, 1, 1],
  ] as const
).filter(isBuilt);

test.each(codecs)(
  '%s: a track tells what it is decoded to, and sinks get as much as is sent',
  async (codec, rate, told, given) => {
    const { receiver } = await sendTrack(await fakeTrack('audio'), { codec });
    await hearSound(receiver.track, 1);
    expect(receiver.track.getSettings()).toMatchObject({ sampleRate: rate, channelCount: told });
    const sink = new nonstandard.RTCAudioSink(receiver.track);
    const channelCount = await new Promise<number>((resolve) => {
      sink.ondata = (event) => {
        resolve(event.channelCount);
      };
    });
    sink.stop();
    expect(channelCount).toBe(given);
  },
);
