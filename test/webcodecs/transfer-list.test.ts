const { structuredClone } = globalThis;

afterEach(() => {
  globalThis.structuredClone = structuredClone;
});

test('what is transferred is taken where the global has no structuredClone(), as in windows of jsdom', () => {
  delete (globalThis as { structuredClone?: unknown }).structuredClone;
  jest.isolateModules(() => {
    const { AudioData, VideoFrame } = require('../../lib') as typeof import('../../lib');
    const samples = Int16Array.of(1, -1);
    const sound = new AudioData({
      format: 's16',
      sampleRate: 8000,
      numberOfFrames: 2,
      numberOfChannels: 1,
      timestamp: 0,
      data: samples,
      transfer: [samples.buffer],
    } as never);
    const heard = new Int16Array(2);
    sound.copyTo(heard, { planeIndex: 0 } as never);
    expect([...heard]).toEqual([1, -1]);
    const pixel = Uint8Array.of(1, 2, 3, 4);
    const init = { format: 'RGBX', codedWidth: 1, codedHeight: 1, timestamp: 0, transfer: [pixel.buffer] };
    expect(new VideoFrame(pixel, init as never)).toMatchObject({ codedWidth: 1, codedHeight: 1 });
  });
});
