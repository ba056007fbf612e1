import { nonstandard, type RTCPeerConnection } from '../../lib';
import { closePairs, codecsNamed, fakeTrack, hearSound, seeNumbers, sendTrack } from '../support/media-pair';

const { RTCEncodedVideoSink, RTCVideoSink } = nonstandard;

afterEach(closePairs);

async function statsOf(pc: RTCPeerConnection, type: 'inbound-rtp' | 'outbound-rtp'): Promise<any> {
  const report = await pc.getStats();
  return [...report.values()].find((stats) => stats.type === type);
}

/** What one connection receives is sent over another one. */
async function relay(kind: 'audio' | 'video', codec: string, onwardCodec = codec) {
  const first = await sendTrack(await fakeTrack(kind), { codec });
  const second = await sendTrack(first.receiver.track, { codec: onwardCodec });
  return { first, second };
}

interface Picture {
  width: number;
  height: number;
  data: Uint8Array;
}

/** The next picture that fits. */
function picture(track: ConstructorParameters<typeof RTCVideoSink>[0], fits: (frame: Picture) => boolean) {
  const sink = new RTCVideoSink(track);
  return new Promise<Picture>((resolve) => {
    sink.onframe = ({ frame }: { frame: Picture }) => {
      if (!fits(frame)) return;
      sink.stop();
      resolve(frame);
    };
  });
}

const isBlack = ({ width, height, data }: Picture) => data.subarray(0, width * height).every((luma) => luma < 24);
const built = ['VP8', 'VP9', 'H264', 'AV1'].filter((codec) => codecsNamed('video', codec).length > 0);

describe('a track that another connection receives is sent on as it is coded', () => {
  test.each(built)('%s: pictures arrive, and nobody in between decodes or encodes', async (codec) => {
    const { first, second } = await relay('video', codec);
    await seeNumbers(second.receiver.track, 3);
    // Before there was anybody to send to, it was decoded, as browsers do.
    const before = await statsOf(first.b, 'inbound-rtp');
    const numbers = await seeNumbers(second.receiver.track, 20);
    expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
    const after = await statsOf(first.b, 'inbound-rtp');
    expect(after.framesDecoded).toBe(before.framesDecoded);
    expect(after.framesReceived - before.framesReceived).toBeGreaterThanOrEqual(19);
    const outbound = await statsOf(second.a, 'outbound-rtp');
    expect(outbound).toMatchObject({ framesEncoded: 0 });
    expect(outbound.framesSent).toBeGreaterThanOrEqual(20);
  });

  test.each([
    ['VP9', 'L2T2_KEY'],
    ['VP9', 'S2T1'],
    ['AV1', 'L2T1'],
    ['AV1', 'S2T1'],
  ])('%s in spatial layers (%s): whole pictures are sent on', async (codec, scalabilityMode) => {
    if (!built.includes(codec)) return;
    const track = await fakeTrack('video', { width: 640, height: 360 });
    const first = await sendTrack(track, { codec, scalabilityMode });
    await picture(first.receiver.track, ({ width }) => width === 640);
    const second = await sendTrack(first.receiver.track, { codec });
    await seeNumbers(second.receiver.track, 20);
    await picture(second.receiver.track, ({ width }) => width === 640);
    expect(await statsOf(first.a, 'outbound-rtp')).toMatchObject({ scalabilityMode, frameWidth: 640 });
    const outbound = await statsOf(second.a, 'outbound-rtp');
    expect(outbound).toMatchObject({ framesEncoded: 0 });
    expect(outbound.framesSent).toBeGreaterThanOrEqual(20);
  });

  test('Opus: sound arrives, and nothing is played in between', async () => {
    const { first, second } = await relay('audio', 'opus');
    await hearSound(second.receiver.track, 3);
    const before = await statsOf(first.b, 'inbound-rtp');
    await hearSound(second.receiver.track, 20);
    const after = await statsOf(first.b, 'inbound-rtp');
    expect(after.packetsReceived - before.packetsReceived).toBeGreaterThan(10);
    expect(after.totalSamplesReceived).toBe(before.totalSamplesReceived);
  });

  test('the peers at the end ask for keyframes, and the first sender makes them', async () => {
    const { first, second } = await relay('video', 'VP8');
    await seeNumbers(second.receiver.track, 3);
    const sink = new RTCEncodedVideoSink(second.receiver);
    const key = new Promise<void>((resolve) => {
      sink.onframe = ({ frame }: { frame: { type: string } }) => {
        if (frame.type === 'key') resolve();
      };
    });
    sink.requestKeyFrame();
    await key;
    expect((await statsOf(first.a, 'outbound-rtp')).keyFramesEncoded).toBeGreaterThanOrEqual(2);
    expect((await statsOf(second.a, 'outbound-rtp')).framesEncoded).toBe(0);
  });

  test('who looks at the pictures in between sees them as well', async () => {
    const { first, second } = await relay('video', 'VP8');
    await seeNumbers(second.receiver.track, 3);
    await Promise.all([seeNumbers(first.receiver.track, 5), seeNumbers(second.receiver.track, 5)]);
    expect((await statsOf(second.a, 'outbound-rtp')).framesEncoded).toBe(0);
  });
});

describe('it is coded anew', () => {
  test('for another codec', async () => {
    const { second } = await relay('video', 'VP8', 'VP9');
    await seeNumbers(second.receiver.track, 5);
    expect((await statsOf(second.a, 'outbound-rtp')).framesEncoded).toBeGreaterThanOrEqual(5);
  });

  test('in another size', async () => {
    const { second } = await relay('video', 'VP8');
    await picture(second.receiver.track, ({ width }) => width === 320);
    const parameters = second.sender.getParameters();
    parameters.encodings[0]!.scaleResolutionDownBy = 2;
    await second.sender.setParameters(parameters);
    const small = await picture(second.receiver.track, ({ width }) => width === 160);
    expect(small.height).toBe(120);
  });

  test('black while the track is disabled, and as it was afterwards', async () => {
    const { first, second } = await relay('video', 'VP8');
    await seeNumbers(second.receiver.track, 3);
    first.receiver.track.enabled = false;
    await picture(second.receiver.track, isBlack);
    first.receiver.track.enabled = true;
    await seeNumbers(second.receiver.track, 3);
    const { framesDecoded } = await statsOf(first.b, 'inbound-rtp');
    expect(framesDecoded).toBeGreaterThan(0);
  });
});
