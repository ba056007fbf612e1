import { getUserMedia, mediaDevices, nonstandard } from '../../lib';
import { liveNativeObjects } from '../../lib/binding/event-door';

const { RTCAudioSink, RTCVideoSink, readFrameNumber } = nonstandard;

/** Waits until the sink has got something that fits. */
function until(track: MediaStreamTrackLike, fits: (item: any) => boolean): Promise<any> {
  const sink: any = track.kind === 'video' ? new RTCVideoSink(track) : new RTCAudioSink(track);
  return new Promise((resolve) => {
    const receive = (event: any) => {
      const item = event.frame ?? event;
      if (!fits(item)) return;
      sink.stop();
      resolve(item);
    };
    sink.onframe = receive;
    sink.ondata = receive;
  });
}
interface MediaStreamTrackLike {
  readonly kind: 'audio' | 'video';
}

async function collect(track: MediaStreamTrackLike, count: number): Promise<any[]> {
  const items: any[] = [];
  await until(track, (item) => items.push(item) === count);
  return items;
}

const any = () => true;

afterEach(() => {
  expect(liveNativeObjects()).toEqual({ handles: 0, sinks: 0, holders: 0, requests: 0 });
});

describe('fake cameras', () => {
  test('number their pictures, which are of the size that was asked for', async () => {
    const stream = await getUserMedia({ video: { width: 1280, height: 720 } });
    const [track] = stream.getVideoTracks();
    const frames = await collect(track!, 10);
    const numbers = frames.map(readFrameNumber);
    expect(numbers).toEqual(numbers.map((_, index) => numbers[0]! + index));
    expect(frames.every(({ width, height }) => width === 1280 && height === 720)).toBe(true);
    expect(track!.getSettings()).toMatchObject({ width: 1280, height: 720, frameRate: 30 });
    track!.stop();
  });

  test('have the frame rate that was asked for', async () => {
    const stream = await getUserMedia({ video: { width: 320, height: 240, frameRate: { exact: 15 } } });
    const [track] = stream.getVideoTracks();
    const begun = performance.now();
    await collect(track!, 16);
    // Fifteen periods and the way to the first picture.
    expect(performance.now() - begun).toBeGreaterThan(950);
    track!.stop();
  });

  test('sizes that no mode has are cropped and scaled, and still numbered', async () => {
    const stream = await getUserMedia({ video: { width: { exact: 200 }, height: { exact: 123 } } });
    const [track] = stream.getVideoTracks();
    const frame = await until(track!, any);
    expect([frame.width, frame.height]).toEqual([200, 123]);
    expect(readFrameNumber(frame)).not.toBeNull();
    track!.stop();
  });

  test('applyConstraints() changes what flows, for that track alone', async () => {
    const stream = await getUserMedia({ video: true });
    const track = stream.getVideoTracks()[0]!;
    const clone = track.clone();
    await until(track, ({ width }) => width === 640);
    await track.applyConstraints({ width: 320, height: 180 });
    await until(track, ({ width, height }) => width === 320 && height === 180);
    const other = await until(clone, any);
    expect([other.width, other.height]).toEqual([640, 480]);
    await clone.applyConstraints({ width: 1920, height: 1080 });
    await until(clone, ({ width, height }) => width === 1920 && height === 1080);
    const small = await until(track, any);
    expect([small.width, small.height]).toEqual([320, 180]);
    clone.stop();
    await until(track, any);
    track.stop();
  });

  test('two of them look different', async () => {
    const pictures = [];
    for (const deviceId of ['fake-camera', 'fake-rear-camera']) {
      const stream = await getUserMedia({ video: { deviceId: { exact: deviceId } } });
      const [track] = stream.getVideoTracks();
      pictures.push((await until(track!, any)).data.subarray(0, 640));
      track!.stop();
    }
    expect(pictures[0]).not.toEqual(pictures[1]);
  });

  test('display surfaces are captured as they are', async () => {
    const stream = await mediaDevices.getDisplayMedia({ video: { displaySurface: 'browser' }, audio: true });
    const [video] = stream.getVideoTracks();
    const [audio] = stream.getAudioTracks();
    const [frame, block] = await Promise.all([until(video!, any), until(audio!, any)]);
    expect([frame.width, frame.height]).toEqual([1024, 768]);
    expect(block.sampleRate).toBe(48_000);
    for (const track of stream.getTracks()) track.stop();
  });

  test('a stopped track gives nothing more', async () => {
    const stream = await getUserMedia({ video: true });
    const [track] = stream.getVideoTracks();
    const sink = new RTCVideoSink(track);
    await new Promise((resolve) => {
      sink.onframe = resolve;
    });
    const clone = track!.clone();
    track!.stop();
    sink.onframe = () => {
      throw new Error('a frame of a stopped track');
    };
    await collect(clone, 4);
    clone.stop();
  });
});

describe('fake microphones', () => {
  test('have the rate and the channels that were asked for, ten milliseconds at a time', async () => {
    const stream = await getUserMedia({ audio: { channelCount: 2, deviceId: 'fake-microphone' } });
    const [track] = stream.getAudioTracks();
    const blocks = await collect(track!, 5);
    for (const block of blocks) {
      expect(block).toMatchObject({ sampleRate: 48_000, channelCount: 2, numberOfFrames: 480 });
      expect(block.samples).toHaveLength(960);
      expect(Math.max(...block.samples)).toBeGreaterThan(300);
    }
    track!.stop();
  });

  test('the headset has its own', async () => {
    const stream = await getUserMedia({ audio: { deviceId: 'fake-headset-microphone' } });
    const [track] = stream.getAudioTracks();
    expect(await until(track!, any)).toMatchObject({ sampleRate: 16_000, channelCount: 1, numberOfFrames: 160 });
    track!.stop();
  });
});
