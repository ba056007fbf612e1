import { getUserMedia, nonstandard } from '../../lib';

const { RTCAudioSource, RTCAudioSink } = nonstandard;

type Sink = InstanceType<typeof RTCAudioSink>;
const nextData = (sink: Sink) =>
  new Promise<any>((resolve) => {
    sink.ondata = resolve;
  });

function ramp(length: number, first = 0): Int16Array {
  return Int16Array.from({ length }, (_, index) => first + index);
}

describe('RTCAudioSource and RTCAudioSink', () => {
  test.each([
    [8000, 1],
    [16_000, 1],
    [44_100, 2],
    [48_000, 2],
    [48_000, 8],
    [11_025, 1],
  ])('10 ms at %d Hz, %d channels arrive as they were given', async (sampleRate, channelCount) => {
    const source = new RTCAudioSource();
    const track = source.createTrack();
    const sink = new RTCAudioSink(track);
    const numberOfFrames = Math.floor(sampleRate / 100);
    const samples = ramp(numberOfFrames * channelCount, -32_768);
    const data = { samples, sampleRate, bitsPerSample: 16, channelCount, numberOfFrames };
    const received = nextData(sink);
    expect(source.onData(data)).toBeUndefined();
    const event = await received;
    expect(event).toEqual({ ...data, type: 'data' });
    expect(Object.keys(event).sort()).toEqual([...Object.keys(data), 'type'].sort());
    expect(Object.getPrototypeOf(event)).toBe(Object.prototype);
    expect(track.getSettings()).toMatchObject({ sampleRate, channelCount });
    // It can be constrained to what it is, and to nothing else.
    await track.applyConstraints({ sampleRate: { exact: sampleRate }, channelCount: { max: channelCount } });
    await expect(track.applyConstraints({ sampleRate: { exact: 1 } })).rejects.toMatchObject({
      constraint: 'sampleRate',
    });
    track.stop();
    sink.stop();
    expect(sink.stopped).toBe(true);
  });

  test('views, whole buffers, defaults', async () => {
    const source = new RTCAudioSource();
    const track = source.createTrack();
    const sink = new RTCAudioSink(track);
    const whole = ramp(200);
    for (const samples of [
      whole.subarray(60, 140),
      new Int16Array(whole.slice(60, 140)).buffer,
      Buffer.from(whole.buffer, 120, 160),
      new DataView(whole.buffer, 120, 160),
    ]) {
      const received = nextData(sink);
      source.onData({ samples, sampleRate: 8000 });
      expect((await received).samples).toEqual(whole.slice(60, 140));
    }
    track.stop();
  });

  test('pieces of any length come out in blocks of 10 ms, whole and in order', async () => {
    const source = new RTCAudioSource();
    const track = source.createTrack();
    const sink = new RTCAudioSink(track);
    const blocks: any[] = [];
    const all = new Promise<void>((resolve) => {
      sink.ondata = (event) => {
        blocks.push(event);
        if (blocks.length === 12) resolve();
      };
    });
    // 1,385 samples at 24 kHz, twice: 11.54 blocks.
    source.onData({ samples: ramp(1385), sampleRate: 24_000 });
    source.onData({ samples: ramp(1385, 1385), sampleRate: 24_000 });
    expect(source.bufferedDuration).toBeGreaterThan(80);
    const begun = performance.now();
    await all;
    expect(performance.now() - begun).toBeGreaterThan(80);
    expect(blocks.map((each) => each.numberOfFrames)).toEqual(Array(12).fill(240));
    const samples = blocks.flatMap((each) => [...each.samples]);
    expect(samples.slice(0, 2770)).toEqual([...ramp(2770)]);
    expect(new Set(samples.slice(2770))).toEqual(new Set([0]));
    expect(source.bufferedDuration).toBe(0);
    track.stop();
  });

  test('says what is wrong with the data', () => {
    const source = new RTCAudioSource();
    const good = { samples: new Int16Array(80), sampleRate: 8000 };
    const errors = [
      [undefined, 'Expected an object'],
      [{ sampleRate: 8000 }, 'Expected an ArrayBuffer'],
      [{ samples: [1, 2], sampleRate: 8000 }, 'Expected an ArrayBuffer'],
      [{ ...good, samples: new Float32Array(80) }, 'Expected .samples of 16 bits, not a Float32Array'],
      [{ samples: new Int16Array(80) }, 'Expected a number'],
      [{ ...good, bitsPerSample: 8 }, 'Expected a .bitsPerSample of 16, not 8'],
      [{ ...good, samples: new Uint8Array(159) }, 'Expected a .byteLength of 160, not 159'],
      [{ ...good, samples: new Int16Array(0) }, 'Expected a .byteLength of 160, not 0'],
      [{ ...good, samples: new Int16Array(81), channelCount: 2 }, 'Expected a .byteLength of 320, not 162'],
      [{ ...good, numberOfFrames: 79 }, 'Expected a .numberOfFrames of 80, not 79'],
      [{ ...good, sampleRate: 65_536 }, 'Expected a number from 8000 to 65535, not 65536'],
      [{ ...good, channelCount: 0 }, 'Expected a number from 1 to 8, not 0'],
    ] as const;
    for (const [data, message] of errors)
      expect(() => {
        source.onData(data);
      }).toThrow(new TypeError(message));
  });

  test('a sink converts to what is wanted', async () => {
    const source = new RTCAudioSource();
    const track = source.createTrack();
    const sink = new RTCAudioSink(track, { sampleRate: 16_000, channelCount: 1 });
    const asItComes = new RTCAudioSink(track, {});
    const samples: number[] = [];
    const enough = new Promise<void>((resolve) => {
      sink.ondata = ({ sampleRate, channelCount, numberOfFrames, samples: block }) => {
        expect({ sampleRate, channelCount, numberOfFrames, length: block.length }).toEqual({
          sampleRate: 16_000,
          channelCount: 1,
          numberOfFrames: 160,
          length: 160,
        });
        samples.push(...block);
        if (samples.length === 1600) resolve();
      };
    });
    const tone = (at: number, rate: number) => 8000 * Math.sin((2 * Math.PI * 500 * at) / rate);
    const stereo = (begin: number) => Int16Array.from({ length: 960 }, (_, at) => tone(begin + (at >> 1), 48_000));
    const unconverted = nextData(asItComes);
    for (let begin = 0; begin < 6000; begin += 480) {
      source.onData({ samples: stereo(begin), sampleRate: 48_000, channelCount: 2 });
    }
    expect(await unconverted).toMatchObject({ sampleRate: 48_000, channelCount: 2, numberOfFrames: 480 });
    await enough;
    // Beyond the filter's first samples.
    for (let at = 100; at < 1600; at++) expect(Math.abs(samples[at]! - tone(at, 16_000))).toBeLessThan(40);
    track.stop();
    for (const init of [null, { sampleRate: 100 }, { channelCount: 9 }, { sampleRate: '16000' }]) {
      expect(() => new RTCAudioSink(track, init as never)).toThrow(TypeError);
    }
  });

  test('who is interrupted drops what waits', async () => {
    const source = new RTCAudioSource();
    const track = source.createTrack();
    const sink = new RTCAudioSink(track);
    source.onData({ samples: ramp(8000 * 100), sampleRate: 8000 });
    source.clear();
    expect(source.bufferedDuration).toBe(0);
    const samples: number[] = [];
    const answered = new Promise<void>((resolve) => {
      sink.ondata = (event) => {
        samples.push(...event.samples);
        if (samples.at(-1) === -9) resolve();
      };
    });
    source.onData({ samples: new Int16Array(400).fill(-9), sampleRate: 8000 });
    await answered;
    // What was due at once came through.
    expect(samples.filter((sample) => sample >= 0).length).toBeLessThanOrEqual(160);
    track.stop();
  });

  test('sound of another format waits for what waits', async () => {
    const source = new RTCAudioSource();
    const track = source.createTrack();
    const sink = new RTCAudioSink(track);
    const events: { rate: number; time: number }[] = [];
    const last = new Promise<void>((resolve) => {
      sink.ondata = ({ sampleRate: rate }) => {
        events.push({ rate, time: performance.now() });
        if (rate === 16_000) resolve();
      };
    });
    source.onData({ samples: ramp(8000 / 5), sampleRate: 8000 });
    source.onData({ samples: ramp(320), sampleRate: 16_000 });
    expect(source.bufferedDuration).toBeGreaterThan(150);
    await last;
    expect(events.map(({ rate }) => rate)).toEqual([...Array<number>(20).fill(8000), 16_000]);
    expect(events.at(-1)!.time - events[0]!.time).toBeGreaterThan(180);
    track.stop();
  });

  test('whoever is too fast is told', () => {
    const source = new RTCAudioSource();
    const minute = { samples: new Int16Array(8000 * 59), sampleRate: 8000 };
    source.onData(minute);
    source.onData(minute);
    expect(() => {
      source.onData(minute);
    }).toThrow(RangeError);
  });

  test('a disabled track is silent, in the same rhythm', async () => {
    const source = new RTCAudioSource();
    const track = source.createTrack();
    const sink = new RTCAudioSink(track);
    track.enabled = false;
    const silent = nextData(sink);
    source.onData({ samples: ramp(80, 1), sampleRate: 8000 });
    expect((await silent).samples).toEqual(new Int16Array(80));
    track.enabled = true;
    const loud = nextData(sink);
    source.onData({ samples: ramp(80, 1), sampleRate: 8000 });
    expect((await loud).samples).toEqual(ramp(80, 1));
    track.stop();
  });

  test('wants a track of sound', async () => {
    const stream = await getUserMedia({ video: true });
    const [track] = stream.getVideoTracks();
    for (const value of [track, undefined, {}]) {
      expect(() => new RTCAudioSink(value)).toThrow(new TypeError('Expected an audio MediaStreamTrack'));
    }
    track!.stop();
  });

  test('a sink of a fake microphone is stopped', async () => {
    const stream = await getUserMedia({ audio: true });
    const track = stream.getAudioTracks()[0]!;
    const sink = new RTCAudioSink(track);
    expect(sink.stopped).toBe(false);
    expect(await nextData(sink)).toMatchObject({ sampleRate: 48_000, channelCount: 1, numberOfFrames: 480 });
    sink.stop();
    expect(sink.stopped).toBe(true);
    track.stop();
  });
});
