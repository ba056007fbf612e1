import fc from 'fast-check';
import { AudioData } from '../../lib';

const init = { timestamp: -3, sampleRate: 8000, numberOfFrames: 3, numberOfChannels: 2 } as const;
const interleaved = () => new AudioData({ ...init, format: 's16', data: Int16Array.of(1, -1, 2, -2, 3, -3) } as never);
const planar = () =>
  new AudioData({ ...init, format: 's16-planar', data: Int16Array.of(1, 2, 3, -1, -2, -3) } as never);

describe('AudioData', () => {
  test('tells what it was made with', () => {
    expect(interleaved()).toMatchObject({ ...init, format: 's16', duration: 375 });
  });

  test.each([
    [{ numberOfFrames: 0 }],
    [{ numberOfChannels: 0 }],
    [{ sampleRate: 0 }],
    [{ sampleRate: -1 }],
    [{ format: 's24' }],
    [{ data: new Int16Array(5) }],
    [{ timestamp: undefined }],
    [{ data: undefined }],
  ])('refuses %j', (wrong) => {
    const good = { ...init, format: 's16', data: new Int16Array(6) };
    expect(() => new AudioData({ ...good, ...wrong } as never)).toThrow(TypeError);
  });

  test('planes, offsets and counts', () => {
    for (const data of [interleaved(), planar()]) {
      const all = new Int16Array(6);
      data.copyTo(all, { planeIndex: 0, format: 's16' } as never);
      expect([...all]).toEqual([1, -1, 2, -2, 3, -3]);
      const right = new Int16Array(2);
      const options = { planeIndex: 1, format: 's16-planar', frameOffset: 1 } as never;
      expect(data.allocationSize(options)).toBe(4);
      data.copyTo(right, options);
      expect([...right]).toEqual([-2, -3]);
      const one = new Int16Array(2);
      data.copyTo(one, { planeIndex: 0, format: 's16', frameOffset: 1, frameCount: 1 } as never);
      expect([...one]).toEqual([2, -2]);
      for (const wrong of [
        { planeIndex: 1, format: 's16' },
        { planeIndex: 2, format: 's16-planar' },
        { planeIndex: 0, frameOffset: 3 },
        { planeIndex: 0, frameOffset: 1, frameCount: 3 },
      ]) {
        expect(() => data.allocationSize(wrong as never)).toThrow(RangeError);
      }
      expect(() => {
        data.copyTo(new Int16Array(5), { planeIndex: 0, format: 's16' } as never);
      }).toThrow(RangeError);
    }
  });

  test('full scale and silence are the same in every format', () => {
    const values = { u8: [0, 128, 255], s16: [-32768, 0, 32767], s32: [-(2 ** 31), 0, 2 ** 31 - 1], f32: [-1, 0, 1] };
    const arrays = { u8: Uint8Array, s16: Int16Array, s32: Int32Array, f32: Float32Array };
    for (const from of ['u8', 's16', 's32', 'f32'] as const) {
      for (const to of ['u8', 's16', 's32', 'f32'] as const) {
        const data = new AudioData({
          ...init,
          numberOfChannels: 1,
          format: from,
          data: arrays[from].from(values[from]),
        } as never);
        const result = new arrays[to](3);
        data.copyTo(result, { planeIndex: 0, format: to } as never);
        const [low, middle, high] = result;
        expect([low, middle]).toEqual(values[to].slice(0, 2));
        // What has fewer bits does not reach the very top.
        const step = { u8: 1 / 128, s16: 1 / 32768, s32: 2 ** -31, f32: 0 }[from];
        const top = values[to][2]!;
        expect(high! / top).toBeGreaterThanOrEqual(1 - step - 1 / 127 / (to === 'u8' ? 1 : 100));
        expect(high).toBeLessThanOrEqual(top);
      }
    }
  });

  test('property: 16 bits survive the way through any larger format', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -32768, max: 32767 }), { minLength: 1, maxLength: 64 }),
        fc.constantFrom('s32', 'f32', 's32-planar', 'f32-planar'),
        (samples, format) => {
          const one = { ...init, numberOfChannels: 1, numberOfFrames: samples.length };
          const first = new AudioData({ ...one, format: 's16', data: Int16Array.from(samples) } as never);
          const between = new Uint8Array(first.allocationSize({ planeIndex: 0, format } as never));
          first.copyTo(between, { planeIndex: 0, format } as never);
          const second = new AudioData({ ...one, format, data: between } as never);
          const back = new Int16Array(samples.length);
          second.copyTo(back, { planeIndex: 0, format: 's16' } as never);
          expect([...back]).toEqual(samples);
        },
      ),
    );
  });

  test('data is copied or taken; a clone lives by itself', () => {
    const samples = Int16Array.of(1, -1, 2, -2, 3, -3);
    const taken = new AudioData({ ...init, format: 's16', data: samples, transfer: [samples.buffer] } as never);
    expect(samples.length).toBe(0);
    const clone = taken.clone();
    taken.close();
    taken.close();
    expect(taken).toMatchObject({ format: null, sampleRate: 0, numberOfFrames: 0, numberOfChannels: 0, timestamp: -3 });
    const closed = expect.objectContaining({ name: 'InvalidStateError' });
    expect(() => taken.clone()).toThrow(closed);
    expect(() => taken.allocationSize({ planeIndex: 0 } as never)).toThrow(closed);
    expect(() => {
      taken.copyTo(new Int16Array(6), { planeIndex: 0 } as never);
    }).toThrow(closed);
    const target = new Uint8Array(13);
    clone.copyTo(target.subarray(1), { planeIndex: 0 } as never);
    expect([...new Int16Array(target.slice(1).buffer)]).toEqual([1, -1, 2, -2, 3, -3]);
  });

  test('of a buffer that is transferred the samples are those of the view, wherever it begins', () => {
    for (const offset of [0, 2, 4, 6]) {
      const buffer = new ArrayBuffer(20);
      const view = new Int16Array(buffer, offset, 6);
      view.set([1, -1, 2, -2, 3, -3]);
      const data = new AudioData({ ...init, format: 's16', data: view, transfer: [buffer] } as never);
      expect(buffer.byteLength).toBe(0);
      const samples = new Int16Array(6);
      data.copyTo(samples, { planeIndex: 0 } as never);
      expect([...samples]).toEqual([1, -1, 2, -2, 3, -3]);
    }
  });
});
