import { getUserMedia, nonstandard } from '../../lib';
import { liveNativeObjects } from '../../lib/binding/event-door';

const { RTCVideoSource, RTCVideoSink, i420ToRgba, rgbaToI420 } = nonstandard;

const lengthOf = (width: number, height: number) => width * height + 2 * Math.ceil(width / 2) * Math.ceil(height / 2);

function noise(width: number, height: number) {
  const data = new Uint8Array(lengthOf(width, height));
  for (let index = 0; index < data.length; index += 1) data[index] = (index * 2654435761) >>> 24;
  return { width, height, data };
}

type Sink = InstanceType<typeof RTCVideoSink>;
const nextFrame = (sink: Sink) =>
  new Promise<any>((resolve) => {
    sink.onframe = resolve;
  });

afterEach(() => {
  expect(liveNativeObjects()).toMatchObject({ holders: 0 });
});

describe('RTCVideoSource', () => {
  test('tells how it was made', () => {
    expect(new RTCVideoSource()).toMatchObject({ isScreencast: false, needsDenoising: null });
    expect(new RTCVideoSource({ needsDenoising: true })).toMatchObject({ isScreencast: false, needsDenoising: true });
    expect(new RTCVideoSource({ needsDenoising: false }).needsDenoising).toBe(false);
    expect(new RTCVideoSource({ isScreencast: true })).toMatchObject({ isScreencast: true, needsDenoising: null });
  });

  test('a sink of its track gets the very frame', async () => {
    const source = new RTCVideoSource();
    const track = source.createTrack();
    const sink = new RTCVideoSink(track);
    expect(sink.stopped).toBe(false);
    const input = noise(160, 120);
    const received = nextFrame(sink);
    expect(source.onFrame(input)).toBeUndefined();
    expect(await received).toEqual({ type: 'frame', frame: { ...input, rotation: 0 } });
    expect(track.getSettings()).toMatchObject({ width: 160, height: 120 });
    sink.stop();
    expect(sink.stopped).toBe(true);
    track.stop();
  });

  test('its track is constrained as that of a camera, whatever size comes', async () => {
    const source = new RTCVideoSource();
    const track = source.createTrack();
    const sink = new RTCVideoSink(track);
    const sizeOf = async (width: number, height: number) => {
      const received = nextFrame(sink);
      source.onFrame(noise(width, height));
      const { frame } = await received;
      return [frame.width, frame.height];
    };
    expect(await sizeOf(160, 120)).toEqual([160, 120]);
    // It is so already; and what comes later is not held to it.
    for (const constraints of [{ width: { max: 640 } }, { width: { exact: 160 } }, { frameRate: { max: 60 } }])
      await track.applyConstraints(constraints);
    expect(track.getConstraints()).toEqual({ frameRate: { max: 60 } });
    expect(await sizeOf(320, 240)).toEqual([320, 240]);
    expect(track.getSettings()).toMatchObject({ width: 320, height: 240 });
    await track.applyConstraints({ width: { ideal: 80 } });
    expect(await sizeOf(320, 240)).toEqual([80, 60]);
    expect(track.getSettings()).toMatchObject({ width: 80, height: 60, resizeMode: 'crop-and-scale' });
    await expect(track.applyConstraints({ width: { exact: 640 } })).rejects.toMatchObject({ constraint: 'width' });
    expect(await sizeOf(320, 240)).toEqual([80, 60]);
    await track.applyConstraints();
    expect(await sizeOf(320, 240)).toEqual([320, 240]);
    sink.stop();
    track.stop();
  });

  test('odd sizes, changing sizes, rotation, every kind of buffer', async () => {
    const source = new RTCVideoSource();
    const track = source.createTrack();
    const sink = new RTCVideoSink(track);
    for (const [width, height] of [
      [5, 5],
      [1, 1],
      [640, 360],
      [33, 18],
    ] as const) {
      const input = noise(width, height);
      const around = new Uint8Array(input.data.length + 10);
      around.set(input.data, 7);
      const forms = [
        input.data,
        input.data.buffer,
        new Uint8ClampedArray(input.data),
        Buffer.from(input.data),
        around.subarray(7, 7 + input.data.length),
        new DataView(around.buffer, 7, input.data.length),
      ];
      for (const [index, data] of forms.entries()) {
        const received = nextFrame(sink);
        source.onFrame({ width, height, data, rotation: (index % 4) * 90 });
        expect((await received).frame).toEqual({ ...input, rotation: (index % 4) * 90 });
      }
    }
    sink.stop();
    track.stop();
  });

  test('says what is wrong with a frame', () => {
    const source = new RTCVideoSource();
    const errors = [
      [undefined, 'Expected an object'],
      [{ height: 2, data: new Uint8Array(6) }, 'Expected a number'],
      [{ width: 2, height: 2 }, 'Expected an ArrayBuffer'],
      [{ width: 2, height: 2, data: [1, 2, 3, 4, 5, 6] }, 'Expected an ArrayBuffer'],
      [{ width: 5, height: 5, data: new Uint8Array(42) }, 'Expected a .byteLength of 43, not 42'],
      [{ width: 640, height: 480, data: new Uint8Array(1) }, 'Expected a .byteLength of 460800, not 1'],
      [{ ...noise(2, 2), rotation: 45 }, 'Expected a .rotation of 0, 90, 180 or 270, not 45'],
    ] as const;
    for (const [frame, message] of errors)
      expect(() => {
        source.onFrame(frame);
      }).toThrow(new TypeError(message));
  });

  test('clones, stopped tracks and disabled ones', async () => {
    const source = new RTCVideoSource();
    const track = source.createTrack();
    const clone = track.clone();
    const [first, second] = [new RTCVideoSink(track), new RTCVideoSink(clone)];
    track.enabled = false;
    const frames = Promise.all([nextFrame(first), nextFrame(second)]);
    source.onFrame(noise(16, 16));
    const [black, colourful] = await frames;
    expect(new Set(black.frame.data.subarray(0, 256)).size).toBe(1);
    expect(black.frame.data[0]).toBeLessThanOrEqual(16);
    expect(black.frame.data[256]).toBe(128);
    expect(colourful.frame.data).toEqual(noise(16, 16).data);
    track.stop();
    const third = nextFrame(second);
    first.onframe = () => {
      throw new Error('a frame of a stopped track');
    };
    source.onFrame(noise(8, 8));
    expect((await third).frame.width).toBe(8);
    clone.stop();
    source.onFrame(noise(8, 8));
    const again = source.createTrack();
    const sink = new RTCVideoSink(again);
    const received = nextFrame(sink);
    source.onFrame(noise(4, 4));
    expect((await received).frame.width).toBe(4);
    again.stop();
  });

  test('a busy program loses the oldest frames, not the newest', async () => {
    const source = new RTCVideoSource();
    const track = source.createTrack();
    const sink = new RTCVideoSink(track);
    const widths: number[] = [];
    const last = new Promise<void>((resolve) => {
      sink.addEventListener('frame', (event: any) => {
        widths.push(event.frame.width);
        if (event.frame.width === 100) resolve();
      });
    });
    for (let width = 1; width <= 100; width += 1) source.onFrame(noise(width, 2));
    await last;
    expect(widths.length).toBeLessThanOrEqual(10);
    expect(widths).toEqual([...widths].sort((a, b) => a - b));
    track.stop();
  });
});

describe('RTCVideoSink', () => {
  test('wants a track of video', async () => {
    const stream = await getUserMedia({ audio: true });
    const [track] = stream.getAudioTracks();
    const wrong = new TypeError('Expected a video MediaStreamTrack');
    for (const value of [track, undefined, {}, null]) expect(() => new RTCVideoSink(value)).toThrow(wrong);
    track!.stop();
  });

  test('listeners of every form, each once; what one throws does not keep it from the others', async () => {
    const source = new RTCVideoSource();
    const track = source.createTrack();
    const sink = new RTCVideoSink(track);
    expect(sink).toBeInstanceOf(EventTarget);
    const calls: string[] = [];
    const object = { handleEvent: () => calls.push('object') };
    const removed = () => calls.push('removed');
    sink.addEventListener('frame', removed);
    sink.addEventListener('frame', object);
    sink.addEventListener('frame', object);
    sink.addEventListener('frame', () => calls.push('once'), { once: true });
    sink.removeEventListener('frame', removed);
    for (let round = 0; round < 2; round += 1) {
      const received = nextFrame(sink);
      source.onFrame(noise(2, 2));
      await received;
    }
    await new Promise(setImmediate);
    expect(calls).toEqual(['object', 'once', 'object']);
    sink.onframe = null;
    track.stop();
  });

  test('listeners that a signal takes away, or another listener', async () => {
    const source = new RTCVideoSource();
    const track = source.createTrack();
    const sink = new RTCVideoSink(track);
    const calls: string[] = [];
    const listen = (name: string, options?: object, then?: () => void) => {
      const listener = () => {
        calls.push(name);
        then?.();
      };
      sink.addEventListener('frame', listener, options);
      return listener;
    };
    const show = async () => {
      calls.length = 0;
      const received = nextFrame(sink);
      source.onFrame(noise(2, 2));
      await received;
      await new Promise(setImmediate);
      return calls.join();
    };
    const [one, two] = [new AbortController(), new AbortController()];
    listen('aborted before', { signal: AbortSignal.abort() });
    listen('first', { signal: one.signal });
    listen('aborting', { once: true, signal: one.signal }, () => two.abort());
    listen('aborted', { signal: two.signal });
    listen('removing', {}, () => sink.removeEventListener('frame', removed));
    const removed = listen('removed');
    listen('last');
    expect(await show()).toBe('first,aborting,removing,last');
    expect(await show()).toBe('first,removing,last');
    one.abort();
    expect(await show()).toBe('removing,last');
    for (const signal of [null, {}, 'signal']) expect(() => listen('wrong', { signal })).toThrow(TypeError);
    sink.stop();
    track.stop();
  });
});

describe('i420ToRgba(), rgbaToI420()', () => {
  const yuv = (width: number, height: number, [y, u, v]: readonly number[]) => {
    const data = new Uint8Array(lengthOf(width, height));
    const chroma = Math.ceil(width / 2) * Math.ceil(height / 2);
    data.fill(y!, 0, width * height).fill(u!, width * height, width * height + chroma);
    data.fill(v!, width * height + chroma);
    return { width, height, data };
  };
  const rgba = (width: number, height: number, colour: readonly number[]) => {
    const data = new Uint8ClampedArray(width * height * 4);
    for (let index = 0; index < data.length; index += 1) data[index] = colour[index % 4]!;
    return { width, height, data };
  };

  test.each([
    [
      [0, 128, 128],
      [0, 0, 0, 255],
    ],
    [
      [255, 128, 128],
      [255, 255, 255, 255],
    ],
    [
      [173, 143, 31],
      [28, 255, 213, 255],
    ],
  ])('YUV %j is RGBA %j', (from, to) => {
    for (const [width, height] of [
      [160, 120],
      [5, 5],
      [1, 3],
    ] as const) {
      const target = rgba(width, height, [1, 2, 3, 4]);
      expect(i420ToRgba(yuv(width, height, from), target)).toBeUndefined();
      expect(target).toEqual(rgba(width, height, to));
    }
  });

  test.each([
    [
      [0, 0, 0, 255],
      [16, 128, 128],
    ],
    [
      [255, 255, 255, 255],
      [235, 128, 128],
    ],
    [
      [28, 255, 213, 255],
      [173, 143, 31],
    ],
  ])('RGBA %j is YUV %j', (from, to) => {
    for (const [width, height] of [
      [160, 120],
      [5, 5],
      [1, 3],
    ] as const) {
      const target = yuv(width, height, [9, 9, 9]);
      expect(rgbaToI420(rgba(width, height, from), target)).toBeUndefined();
      expect(target).toEqual(yuv(width, height, to));
    }
  });

  test('views write into their own window', () => {
    const whole = new Uint8Array(4 * 4 * 4 + 8).fill(7);
    i420ToRgba(yuv(4, 4, [255, 128, 128]), { width: 4, height: 4, data: whole.subarray(4, 68) });
    expect([...whole.subarray(0, 5)]).toEqual([7, 7, 7, 7, 255]);
    expect([...whole.subarray(67)]).toEqual([255, 7, 7, 7, 7]);
  });

  test('says what is wrong', () => {
    const good = { i420: yuv(4, 4, [0, 0, 0]), rgba: rgba(4, 4, [0, 0, 0, 0]) };
    expect(() => {
      i420ToRgba(good.i420, rgba(2, 2, [0, 0, 0, 0]));
    }).toThrow(new TypeError('Dimensions must match'));
    expect(() => {
      rgbaToI420(good.rgba, yuv(2, 2, [0, 0, 0]));
    }).toThrow(new TypeError('Dimensions must match'));
    expect(() => {
      i420ToRgba(good.i420, { ...good.rgba, data: new Uint8Array(63) });
    }).toThrow(new TypeError('Expected a .byteLength of 64, not 63'));
    expect(() => {
      rgbaToI420(good.rgba, { ...good.i420, data: new Uint8Array(25) });
    }).toThrow(new TypeError('Expected a .byteLength of 24, not 25'));
  });
});
