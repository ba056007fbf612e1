import {
  AudioData,
  MediaStreamTrackGenerator,
  MediaStreamTrackHandle,
  MediaStreamTrackProcessor,
  VideoFrame,
  VideoTrackGenerator,
  getUserMedia,
  nonstandard,
} from '../../lib';
import { liveNativeObjects } from '../../lib/binding/event-door';

const frame = (timestamp: number, width = 4, height = 2, init: object = {}) =>
  new VideoFrame(new Uint8Array(width * height * 4).fill(timestamp), {
    format: 'RGBX',
    codedWidth: width,
    codedHeight: height,
    timestamp,
    ...init,
  });
const sound = (timestamp: number, numberOfFrames = 100) =>
  new AudioData({
    format: 'f32-planar',
    sampleRate: 30_000,
    numberOfChannels: 2,
    numberOfFrames,
    timestamp,
    data: Float32Array.from({ length: 2 * numberOfFrames }, (_, index) => (index < numberOfFrames ? 0.5 : -0.25)),
    transfer: [],
  });

const typeError = expect.objectContaining({ name: 'TypeError' });

afterEach(() => {
  expect(liveNativeObjects()).toEqual({ handles: 0, sinks: 0, holders: 0, requests: 0 });
});

describe('VideoTrackGenerator and MediaStreamTrackProcessor', () => {
  test('a frame goes through as it is, and is closed', async () => {
    const generator = new VideoTrackGenerator();
    const { track } = generator;
    expect(track).toMatchObject({ kind: 'video', readyState: 'live', muted: false });
    const processor = new MediaStreamTrackProcessor({ track } as never);
    const reader = processor.readable.getReader();
    const written = frame(7, 640, 360);
    await generator.writable.getWriter().write(written);
    expect(written.format).toBeNull();
    const { value, done } = await reader.read();
    expect(done).toBe(false);
    expect(value).toBeInstanceOf(VideoFrame);
    expect(value).toMatchObject({
      timestamp: 7,
      format: 'I420',
      displayWidth: 640,
      displayHeight: 360,
      duration: null,
    });
    expect((value as VideoFrame).metadata().captureTime).toBeCloseTo(performance.now(), -3);
    expect(track.getSettings()).toMatchObject({ width: 640, height: 360 });
    expect(processor).toMatchObject({ totalFrames: 1, discardedFrames: 0 });
    track.stop();
    expect(await reader.read()).toEqual({ value: undefined, done: true });
  });

  test('rotation, mirroring and the visible part', async () => {
    const generator = new VideoTrackGenerator();
    const processor = new MediaStreamTrackProcessor({ track: generator.track, maxBufferSize: 4 } as never);
    const reader = processor.readable.getReader();
    const writer = generator.writable.getWriter();
    const luma = Uint8Array.from([10, 20, 30, 40, 50, 60, 70, 80, 1, 2, 3, 4]);
    const init = { format: 'I420', codedWidth: 4, codedHeight: 2, timestamp: 0 } as const;
    const read = async () => {
      const { value } = await reader.read();
      const data = new Uint8Array((value as VideoFrame).allocationSize());
      await (value as VideoFrame).copyTo(data);
      return [(value as VideoFrame).rotation, [...data]];
    };
    await writer.write(new VideoFrame(luma, { ...init, rotation: 90 }));
    expect(await read()).toEqual([90, [...luma]]);
    await writer.write(new VideoFrame(luma, { ...init, rotation: 90, flip: true }));
    expect(await read()).toEqual([270, [40, 30, 20, 10, 80, 70, 60, 50, 2, 1, 4, 3]]);
    await writer.write(
      new VideoFrame(new VideoFrame(luma, init), { visibleRect: { x: 2, y: 0, width: 2, height: 2 } }),
    );
    expect(await read()).toEqual([0, [30, 40, 70, 80, 2, 4]]);
    generator.track.stop();
  });

  test('only the newest frame waits, unless more may', async () => {
    for (const [maxBufferSize, expected] of [
      [undefined, [5]],
      [3, [3, 4, 5]],
    ] as const) {
      const generator = new VideoTrackGenerator();
      const processor = new MediaStreamTrackProcessor({ track: generator.track, maxBufferSize } as never);
      const writer = generator.writable.getWriter();
      for (let timestamp = 1; timestamp <= 5; timestamp += 1) await writer.write(frame(timestamp));
      const reader = processor.readable.getReader();
      const seen: number[] = [];
      for (const _ of expected) seen.push(((await reader.read()).value as VideoFrame).timestamp);
      expect(seen).toEqual(expected);
      expect(processor).toMatchObject({ totalFrames: 5, discardedFrames: 5 - expected.length });
      generator.track.stop();
      expect(processor).toMatchObject({ totalFrames: 5, discardedFrames: 5 - expected.length });
    }
  });

  test('reads that wait are answered in turn', async () => {
    const generator = new VideoTrackGenerator();
    const reader = new MediaStreamTrackProcessor({ track: generator.track } as never).readable.getReader();
    const reads = [reader.read(), reader.read(), reader.read()];
    const writer = generator.writable.getWriter();
    for (const [index, read] of reads.entries()) {
      await writer.write(frame(index));
      expect((await read).value).toMatchObject({ timestamp: index });
    }
    generator.track.stop();
  });

  test('cancelling the stream ends the sink, and not the track', async () => {
    const generator = new VideoTrackGenerator();
    const processor = new MediaStreamTrackProcessor({ track: generator.track } as never);
    await processor.readable.cancel();
    await generator.writable.getWriter().write(frame(1));
    expect(processor.totalFrames).toBe(0);
    expect(generator.track.readyState).toBe('live');
    generator.track.stop();
  });

  test('what is muted takes frames and sends none, and its tracks say so', async () => {
    const generator = new VideoTrackGenerator();
    const { track, writable } = generator;
    const clone = track.clone();
    const processor = new MediaStreamTrackProcessor({ track, maxBufferSize: 10 } as never);
    const writer = writable.getWriter();
    const muted = new Promise((resolve) => {
      clone.onmute = resolve;
    });
    generator.muted = true;
    expect(track.muted).toBe(false);
    const lost = frame(1);
    await writer.write(lost);
    expect(lost.format).toBeNull();
    await muted;
    expect([generator.muted, track.muted]).toEqual([true, true]);
    const unmuted = new Promise((resolve) => {
      track.onunmute = resolve;
    });
    generator.muted = false;
    await writer.write(frame(2));
    await unmuted;
    const { value } = await processor.readable.getReader().read();
    expect(value).toMatchObject({ timestamp: 2 });
    track.stop();
    clone.stop();
  });

  test('the stream ends with the last track', async () => {
    const generator = new VideoTrackGenerator();
    const writer = generator.writable.getWriter();
    const clone = generator.track.clone();
    generator.track.stop();
    await writer.write(frame(1));
    clone.stop();
    await writer.closed;
    const late = frame(2);
    await expect(writer.write(late)).rejects.toEqual(typeError);
    expect(late.codedWidth).toBe(4);
  });

  test('the tracks end with the stream', async () => {
    for (const end of ['close', 'abort'] as const) {
      const generator = new VideoTrackGenerator();
      const ended = new Promise((resolve) => {
        generator.track.onended = resolve;
      });
      const processor = new MediaStreamTrackProcessor({ track: generator.track } as never);
      const read = processor.readable.getReader().read();
      await generator.writable.getWriter()[end]();
      await ended;
      expect(generator.track.readyState).toBe('ended');
      expect((await read).done).toBe(true);
    }
  });

  test('a pipe through a processor and a generator', async () => {
    const stream = await getUserMedia({ video: { width: 160, height: 120, frameRate: 30 } });
    const [camera] = stream.getVideoTracks();
    const generator = new VideoTrackGenerator();
    const processor = new MediaStreamTrackProcessor({ track: camera } as never);
    const piped = processor.readable.pipeTo(generator.writable);
    const sink = new nonstandard.RTCVideoSink(generator.track);
    const numbers: (number | null)[] = [];
    await new Promise<void>((resolve) => {
      sink.onframe = ({ frame: picture }) => {
        if (numbers.push(nonstandard.readFrameNumber(picture)) === 5) resolve();
      };
    });
    expect(numbers).not.toContain(null);
    expect(numbers).toEqual([...numbers].sort((a, b) => a! - b!));
    camera!.stop();
    await piped;
    generator.track.stop();
  });

  test('the track that feeds a pipe is stopped: the pipe is told', async () => {
    const stream = await getUserMedia({ video: true });
    const [camera] = stream.getVideoTracks();
    const generator = new VideoTrackGenerator();
    const piped = new MediaStreamTrackProcessor({ track: camera } as never).readable.pipeTo(generator.writable);
    generator.track.stop();
    await expect(piped).rejects.toEqual(typeError);
    camera!.stop();
  });

  test('what is no frame is refused', async () => {
    for (const chunk of ['potato', undefined, {}, sound(1)]) {
      const generator = new VideoTrackGenerator();
      await expect(generator.writable.getWriter().write(chunk)).rejects.toEqual(typeError);
      generator.track.stop();
    }
    const generator = new VideoTrackGenerator();
    const closed = frame(1);
    closed.close();
    await expect(generator.writable.getWriter().write(closed)).rejects.toEqual(typeError);
    generator.track.stop();
  });

  test('an ended track gives an ended stream', async () => {
    const generator = new VideoTrackGenerator();
    generator.track.stop();
    const { readable } = new MediaStreamTrackProcessor({ track: generator.track } as never);
    expect(await readable.getReader().read()).toEqual({ value: undefined, done: true });
  });

  test('handles and tracks by themselves are understood; nothing else is', async () => {
    const generator = new VideoTrackGenerator();
    const handle = new MediaStreamTrackHandle(generator.track);
    for (const init of [{ track: handle }, generator.track, generator]) {
      const { readable } = new MediaStreamTrackProcessor(init as never);
      const read = readable.getReader().read();
      const writer = generator.writable.getWriter();
      await writer.write(frame(3));
      writer.releaseLock();
      expect((await read).value).toMatchObject({ timestamp: 3 });
    }
    for (const wrong of [undefined, {}, { track: {} }]) {
      expect(() => new MediaStreamTrackProcessor(wrong as never)).toThrow(TypeError);
    }
    generator.track.stop();
  });
});

describe('MediaStreamTrackGenerator', () => {
  test('is a track, of pictures or of sound', () => {
    const video = new MediaStreamTrackGenerator({ kind: 'video' });
    const audio = new MediaStreamTrackGenerator('audio');
    expect([video.kind, audio.kind]).toEqual(['video', 'audio']);
    expect(video).toMatchObject({ readyState: 'live', enabled: true });
    for (const wrong of [undefined, {}, { kind: 'text' }, 'text']) {
      expect(() => new MediaStreamTrackGenerator(wrong as never)).toThrow(TypeError);
    }
    video.stop();
    audio.stop();
  });

  test('sound goes through, whatever its rate and the length of its pieces', async () => {
    const generator = new MediaStreamTrackGenerator('audio');
    const processor = new MediaStreamTrackProcessor({ track: generator } as never);
    const writer = generator.writable.getWriter();
    const written = sound(11, 3000);
    await writer.write(written);
    expect(written.format).toBeNull();
    const { value } = await processor.readable.getReader().read();
    expect(value).toBeInstanceOf(AudioData);
    expect(value).toMatchObject({
      format: 'f32-planar',
      sampleRate: 30_000,
      numberOfChannels: 2,
      numberOfFrames: 3000,
    });
    expect(value!.timestamp).toBe(11);
    const plane = new Float32Array(3000);
    for (const [planeIndex, level] of [0.5, -0.25].entries()) {
      (value as AudioData).copyTo(plane, { planeIndex } as never);
      expect(new Set(plane)).toEqual(new Set([level]));
    }
    await expect(writer.write(frame(1))).rejects.toEqual(typeError);
    generator.stop();
  });

  test('stop() closes its stream', async () => {
    const generator = new MediaStreamTrackGenerator('video');
    const writer = generator.writable.getWriter();
    generator.stop();
    await writer.closed;
    expect(generator.readyState).toBe('ended');
  });

  test('a processor of a microphone', async () => {
    const stream = await getUserMedia({ audio: true });
    const [track] = stream.getAudioTracks();
    const reader = new MediaStreamTrackProcessor({ track } as never).readable.getReader();
    const first = (await reader.read()).value!;
    const second = (await reader.read()).value!;
    expect(first).toMatchObject({ format: 'f32-planar', sampleRate: 48_000, numberOfFrames: 480, numberOfChannels: 1 });
    expect(second.timestamp - first.timestamp).toBe(10_000);
    track!.stop();
    await reader.closed;
  });
});
