import { VideoFrame } from '../../lib';

type Init = ConstructorParameters<typeof VideoFrame>[1] & Record<string, unknown>;

const bytes = (length: number) => Uint8Array.from({ length }, (_, index) => index + 1);
const i420 = (init: Init = {}) =>
  new VideoFrame(bytes(12), { format: 'I420', timestamp: 5, codedWidth: 4, codedHeight: 2, ...init });
const rgba = (data: number[], codedWidth: number, codedHeight: number, init: Init = {}) =>
  new VideoFrame(Uint8Array.from(data), { format: 'RGBA', timestamp: 0, codedWidth, codedHeight, ...init });

async function copy(frame: VideoFrame, options?: object): Promise<number[]> {
  const target = new Uint8Array(frame.allocationSize(options as never));
  await frame.copyTo(target, options as never);
  return [...target];
}

/** Octets of each format for a picture of 4 by 2. */
const sizes = {
  I420: 12,
  I420P10: 24,
  I420A: 20,
  I422: 16,
  I422AP12: 48,
  I444: 24,
  I444A: 32,
  NV12: 12,
  RGBA: 32,
  BGRX: 32,
} as const;

describe('new VideoFrame(canvas, init)', () => {
  /** As much of a canvas as packages for Node.js have: 2 by 1 pixels, red and half transparent blue. */
  const canvas = (change: object = {}) => {
    const pixels = Uint8ClampedArray.from([255, 0, 0, 255, 0, 0, 255, 128]);
    const getImageData = (...rect: number[]) => ({
      data: rect.join() === '0,0,2,1' ? pixels : new Uint8ClampedArray(),
    });
    return { width: 2, height: 1, pixels, getContext: (kind: string) => kind === '2d' && { getImageData }, ...change };
  };
  const make = (source: object, init?: object) => new VideoFrame(source as never, init as never);

  test('is what the canvas shows then', async () => {
    const source = canvas();
    const frame = make(source, { timestamp: 7, duration: 3, metadata: { rtpTimestamp: 1 } });
    source.pixels.fill(9);
    expect(await copy(frame)).toEqual([255, 0, 0, 255, 0, 0, 255, 128]);
    const { format, timestamp, duration, codedWidth, codedHeight, displayWidth, colorSpace } = frame;
    expect([format, timestamp, duration, codedWidth, codedHeight, displayWidth]).toEqual(['RGBA', 7, 3, 2, 1, 2]);
    expect(colorSpace.toJSON()).toMatchObject({ matrix: 'rgb', fullRange: true });
    expect(frame.metadata()).toEqual({ rtpTimestamp: 1 });
  });

  test('shows of it what init says', async () => {
    const visibleRect = { x: 1, y: 0, width: 1, height: 1 };
    const frame = make(canvas(), { timestamp: 0, alpha: 'discard', visibleRect, rotation: 90 });
    expect([frame.format, frame.codedWidth, frame.displayWidth, frame.rotation]).toEqual(['RGBX', 2, 1, 90]);
    expect(await copy(frame, { format: 'RGBA' })).toEqual([0, 0, 255, 255]);
    expect(() => make(canvas(), { timestamp: 0, visibleRect: { ...visibleRect, width: 2 } })).toThrow(TypeError);
    expect(() => make(canvas(), { timestamp: 0, displayWidth: 1 })).toThrow(TypeError);
  });

  test('needs a timestamp, pixels, and a way to read them', () => {
    const unusable = expect.objectContaining({ name: 'InvalidStateError' }) as Error;
    expect(() => make(canvas())).toThrow(TypeError);
    expect(() => make(canvas({ width: 0 }), { timestamp: 0 })).toThrow(unusable);
    expect(() => make(canvas({ height: NaN }), { timestamp: 0 })).toThrow(unusable);
    expect(() => make(canvas({ getContext: () => null }), { timestamp: 0 })).toThrow(unusable);
    expect(() => make(canvas({ height: 2 }), { timestamp: 0 })).toThrow(TypeError);
    expect(() => make({ width: 2, height: 1 }, { timestamp: 0 })).toThrow(TypeError);
  });
});

describe('new VideoFrame(data, init)', () => {
  test.each(Object.entries(sizes))('%s takes %d octets, and gives them back', async (format, size) => {
    const init = { format, timestamp: 1, codedWidth: 4, codedHeight: 2 } as never;
    expect(() => new VideoFrame(bytes(size - 1), init)).toThrow(TypeError);
    const frame = new VideoFrame(bytes(size), init);
    expect(frame.allocationSize()).toBe(size);
    expect(await copy(frame)).toEqual([...bytes(size)]);
  });

  test('odd sizes round the chroma planes up', async () => {
    const frame = new VideoFrame(bytes(17), { format: 'I420', timestamp: 0, codedWidth: 3, codedHeight: 3 });
    expect(await copy(frame)).toEqual([...bytes(17)]);
  });

  test('a layout tells where the planes are', async () => {
    const data = new Uint8Array(30).fill(99);
    data.set([1, 2, 3, 4], 9);
    data.set([5, 6, 7, 8], 14);
    data.set([9, 10], 1);
    data.set([11, 12], 5);
    const layout = [
      { offset: 9, stride: 5 },
      { offset: 1, stride: 3 },
      { offset: 5, stride: 3 },
    ];
    const frame = new VideoFrame(data, { format: 'I420', timestamp: 0, codedWidth: 4, codedHeight: 2, layout });
    expect(await copy(frame)).toEqual([...bytes(12)]);
    expect(() => i420({ layout: layout.slice(1) })).toThrow(TypeError);
    expect(() => i420({ layout: [{ offset: 0, stride: 3 }, ...layout.slice(1)] })).toThrow(TypeError);
  });

  test('the data is copied, or taken when it is transferred', async () => {
    const data = bytes(12);
    const init = { format: 'I420', timestamp: 0, codedWidth: 4, codedHeight: 2 } as const;
    const copied = new VideoFrame(data, init);
    const taken = new VideoFrame(data, { ...init, transfer: [data.buffer] });
    expect(data.length).toBe(0);
    expect(await copy(copied)).toEqual([...bytes(12)]);
    expect(await copy(taken)).toEqual([...bytes(12)]);
    expect(() => new VideoFrame(bytes(12), { ...init, transfer: [data.buffer] })).toThrow(
      expect.objectContaining({ name: 'DataCloneError' }),
    );
    const twice = new ArrayBuffer(1);
    expect(() => new VideoFrame(bytes(12), { ...init, transfer: [twice, twice] })).toThrow(
      expect.objectContaining({ name: 'DataCloneError' }),
    );
    expect(twice.byteLength).toBe(1);
  });

  test('memory may be shared', async () => {
    const shared = new Uint8Array(new SharedArrayBuffer(12));
    shared.set(bytes(12));
    const frame = new VideoFrame(shared, { format: 'I420', timestamp: 0, codedWidth: 4, codedHeight: 2 });
    const target = new SharedArrayBuffer(12);
    await frame.copyTo(target);
    expect([...new Uint8Array(target)]).toEqual([...bytes(12)]);
  });

  test('tells what it was made with', () => {
    const frame = i420({ duration: 40, displayWidth: 8, displayHeight: 2, metadata: { rtpTimestamp: 7, other: 1 } });
    expect(frame).toMatchObject({ format: 'I420', codedWidth: 4, codedHeight: 2, timestamp: 5, duration: 40 });
    expect(frame).toMatchObject({ displayWidth: 8, displayHeight: 2, rotation: 0, flip: false });
    expect(frame.metadata()).toEqual({ rtpTimestamp: 7 });
    expect(frame.codedRect!.toJSON()).toEqual({
      x: 0,
      y: 0,
      width: 4,
      height: 2,
      top: 0,
      right: 4,
      bottom: 2,
      left: 0,
    });
    expect(() => frame.codedRect!.toJSON.call({} as DOMRectReadOnly)).toThrow(TypeError);
    expect(frame.colorSpace.toJSON()).toEqual({
      primaries: 'bt709',
      transfer: 'bt709',
      matrix: 'bt709',
      fullRange: false,
    });
    expect(rgba(Array(4).fill(0), 1, 1).colorSpace.matrix).toBe('rgb');
    expect(i420().duration).toBeNull();
    expect(i420({ rotation: 90 })).toMatchObject({ rotation: 90, displayWidth: 2, displayHeight: 4 });
    expect(i420({ rotation: -315, flip: true })).toMatchObject({ rotation: 90, flip: true });
  });

  test.each([
    [{ codedWidth: 0 }, 'no width'],
    [{ displayWidth: 3 }, 'half a display size'],
    [{ displayWidth: 0, displayHeight: 1 }, 'an empty display size'],
    [{ visibleRect: { x: 0, y: 0, width: 5, height: 2 } }, 'a rectangle beyond the frame'],
    [{ visibleRect: { x: 0, y: 0, width: 0, height: 2 } }, 'an empty rectangle'],
    [{ visibleRect: { x: 1, y: 0, width: 2, height: 2 } }, 'a rectangle between samples'],
    [{ visibleRect: { x: 0, y: 0, width: Infinity, height: 2 } }, 'an infinite rectangle'],
    [{ timestamp: undefined }, 'no timestamp'],
    [{ format: 'ABCD' }, 'an unknown format'],
  ])('refuses %j: %s', (init) => {
    expect(() => i420(init as Init)).toThrow(TypeError);
  });
});

describe('new VideoFrame(frame, init)', () => {
  test('keeps what is not said, and shows a part', async () => {
    const frame = i420({ duration: 3, metadata: { rtpTimestamp: 1 } });
    const part = new VideoFrame(frame, { visibleRect: { x: 2, y: 0, width: 2, height: 2 }, timestamp: 9 });
    expect(part).toMatchObject({ timestamp: 9, duration: 3, codedWidth: 4, displayWidth: 2, displayHeight: 2 });
    expect(part.metadata()).toEqual({ rtpTimestamp: 1 });
    expect(await copy(part)).toEqual([3, 4, 7, 8, 10, 12]);
    frame.close();
    expect(await copy(part)).toEqual([3, 4, 7, 8, 10, 12]);
  });

  test('alpha can be left out', async () => {
    const frame = rgba([1, 2, 3, 4], 1, 1);
    const opaque = new VideoFrame(frame, { alpha: 'discard' });
    expect(opaque.format).toBe('RGBX');
    const planar = new VideoFrame(bytes(20), { format: 'I420A', timestamp: 0, codedWidth: 4, codedHeight: 2 });
    const without = new VideoFrame(planar, { alpha: 'discard' });
    expect(without.format).toBe('I420');
    expect(await copy(without)).toEqual([...bytes(12)]);
  });

  test('nothing else is an image here', () => {
    for (const value of [{}, 'image', null, undefined]) expect(() => new VideoFrame(value as never)).toThrow(TypeError);
  });
});

describe('copyTo()', () => {
  test('a rectangle, a layout, and what it tells of them', async () => {
    const frame = i420();
    const target = new Uint8Array(20);
    const layout = [
      { offset: 9, stride: 5 },
      { offset: 1, stride: 3 },
      { offset: 5, stride: 3 },
    ];
    expect(frame.allocationSize({ layout })).toBe(19);
    expect(await frame.copyTo(target, { layout })).toEqual(layout);
    expect([...target]).toEqual([0, 9, 10, 0, 0, 11, 12, 0, 0, 1, 2, 3, 4, 0, 5, 6, 7, 8, 0, 0]);
    expect(await copy(frame, { rect: { x: 2, y: 0, width: 2, height: 2 } })).toEqual([3, 4, 7, 8, 10, 12]);
    await expect(frame.copyTo(new Uint8Array(11))).rejects.toThrow(TypeError);
    await expect(
      frame.copyTo(target, {
        layout: [
          { offset: 0, stride: 4 },
          { offset: 6, stride: 2 },
          { offset: 10, stride: 2 },
        ],
      }),
    ).rejects.toThrow(TypeError);
  });

  test('octets change their places with the format', async () => {
    const frame = rgba([1, 2, 3, 4, 5, 6, 7, 8], 2, 1);
    expect(await copy(frame, { format: 'BGRA' })).toEqual([3, 2, 1, 4, 7, 6, 5, 8]);
    expect(await copy(frame, { format: 'RGBX' })).toEqual([1, 2, 3, 255, 5, 6, 7, 255]);
    expect(await copy(frame, { format: 'BGRX', rect: { x: 1, y: 0, width: 1, height: 1 } })).toEqual([7, 6, 5, 255]);
    for (const format of ['I420', 'NV12']) {
      expect(() => frame.allocationSize({ format: format as never })).toThrow(
        expect.objectContaining({ name: 'NotSupportedError' }),
      );
    }
  });

  /** Pure red, by the definitions of BT.601, BT.709 and BT.2020. */
  test.each([
    ['smpte170m', false, [81, 90, 240]],
    ['smpte170m', true, [76, 85, 255]],
    ['bt709', false, [63, 102, 240]],
    ['bt709', true, [54, 99, 255]],
    ['bt2020-ncl', false, [74, 97, 240]],
  ] as const)('matrix %s, full range %s', async (matrix, fullRange, [y, u, v]) => {
    for (const format of ['I420', 'NV12', 'I444', 'I422'] as const) {
      const chroma = { I420: [u, v], NV12: [u, v], I422: [u, u, v, v], I444: [u, u, u, u, v, v, v, v] }[format];
      const data = Uint8Array.from([y, y, y, y, ...chroma]);
      const frame = new VideoFrame(data, {
        format,
        timestamp: 0,
        codedWidth: 2,
        codedHeight: 2,
        colorSpace: { matrix, fullRange },
      });
      const [red, green, blue, alpha] = await copy(frame, { format: 'RGBA' });
      expect([red! > 248, green! < 9, blue! < 9, alpha]).toEqual([true, true, true, 255]);
    }
  });

  test('Display P3 has a wider red than sRGB', async () => {
    const frame = rgba([255, 0, 0, 7, 255, 255, 255, 8], 2, 1);
    expect(await copy(frame, { format: 'RGBA', colorSpace: 'display-p3' })).toEqual([234, 51, 35, 7, 255, 255, 255, 8]);
  });

  test('alpha of planar formats', async () => {
    const data = Uint8Array.from([235, 235, 235, 235, 128, 128, 1, 2, 3, 4]);
    const frame = new VideoFrame(data, { format: 'I420A', timestamp: 0, codedWidth: 2, codedHeight: 2 });
    const pixels = await copy(frame, { format: 'RGBA' });
    expect([3, 7, 11, 15].map((index) => pixels[index])).toEqual([1, 2, 3, 4]);
    expect(pixels.slice(0, 3)).toEqual([255, 255, 255]);
  });
});

describe('close() and clone()', () => {
  test('a clone lives by itself', async () => {
    const frame = i420({ duration: 1 });
    const clone = frame.clone();
    frame.close();
    frame.close();
    expect(frame).toMatchObject({ format: null, codedWidth: 0, codedRect: null, visibleRect: null, displayWidth: 0 });
    expect(frame).toMatchObject({ timestamp: 5, duration: 1, rotation: 0, flip: false });
    expect(frame.colorSpace.toJSON()).toEqual({ primaries: null, transfer: null, matrix: null, fullRange: null });
    const closed = expect.objectContaining({ name: 'InvalidStateError' });
    expect(() => frame.clone()).toThrow(closed);
    expect(() => frame.metadata()).toThrow(closed);
    expect(() => frame.allocationSize()).toThrow(closed);
    expect(() => new VideoFrame(frame)).toThrow(closed);
    await expect(frame.copyTo(new Uint8Array(12))).rejects.toEqual(closed);
    expect(await copy(clone)).toEqual([...bytes(12)]);
  });
});
