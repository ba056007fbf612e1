import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { getUserMedia, mediaDevices, nonstandard } from '../../lib';
import { liveNativeObjects } from '../../lib/binding/event-door';

const { RTCAudioSink, RTCVideoSink, connectFile, openFile, readFrameNumber } = nonstandard;

const folder = mkdtempSync(path.join(tmpdir(), 'peerwire-files-'));
const at = (name: string) => path.join(folder, name);

afterAll(() => {
  rmSync(folder, { recursive: true });
});
afterEach(() => {
  expect(liveNativeObjects()).toEqual({ handles: 0, sinks: 0, holders: 0, requests: 0 });
});

function wav(sampleRate: number, samples: Int16Array): Buffer {
  const header = Buffer.alloc(44);
  header.write('RIFF', 0);
  header.writeUInt32LE(36 + samples.byteLength, 4);
  header.write('WAVEfmt ', 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(sampleRate, 24);
  header.writeUInt32LE(sampleRate * 2, 28);
  header.writeUInt16LE(2, 32);
  header.writeUInt16LE(16, 34);
  header.write('data', 36);
  header.writeUInt32LE(samples.byteLength, 40);
  return Buffer.concat([header, Buffer.from(samples.buffer)]);
}

/** Pictures of a fake camera, 320 by 240. */
async function record(count: number): Promise<{ pictures: Buffer[]; first: number }> {
  const stream = await getUserMedia({ video: { width: 320, height: 240, frameRate: 30 } });
  const [track] = stream.getVideoTracks();
  const sink = new RTCVideoSink(track);
  const pictures: Buffer[] = [];
  let first = -1;
  await new Promise<void>((resolve) => {
    sink.onframe = ({ frame }) => {
      if (pictures.length === 0) first = readFrameNumber(frame)!;
      if (pictures.push(Buffer.from(frame.data)) === count) resolve();
    };
  });
  track!.stop();
  return { pictures, first };
}

function y4m(pictures: Buffer[], rate = '30:1'): Buffer {
  const header = Buffer.from(`YUV4MPEG2 W320 H240 F${rate} Ip A1:1 C420jpeg\n`);
  return Buffer.concat([header, ...pictures.flatMap((each) => [Buffer.from('FRAME\n'), each])]);
}

/** Everything up to the end of the track. */
async function collect(track: any): Promise<any[]> {
  const items: any[] = [];
  const sink: any = track.kind === 'video' ? new RTCVideoSink(track) : new RTCAudioSink(track);
  const receive = (event: any) => items.push(event.frame ?? event);
  sink.onframe = receive;
  sink.ondata = receive;
  await new Promise((resolve) => {
    track.onended = resolve;
  });
  return items;
}

describe('openFile()', () => {
  test('plays a WAV file in real time, and ends', async () => {
    const samples = Int16Array.from({ length: 4500 }, (_, index) => index);
    writeFileSync(at('ramp.wav'), wav(16_000, samples));
    const stream = await openFile(pathToFileURL(at('ramp.wav')));
    const [track] = stream.getAudioTracks();
    expect(stream.getTracks()).toHaveLength(1);
    expect(track!.label).toBe('ramp.wav');
    expect(track!.getSettings()).toMatchObject({ sampleRate: 16_000, channelCount: 1 });
    const begun = performance.now();
    const blocks = await collect(track);
    // 281 ms of sound: the last block is filled up, and is sent 280 ms after the first.
    expect(performance.now() - begun).toBeGreaterThan(270);
    expect(track!.readyState).toBe('ended');
    expect(blocks.every((each) => each.sampleRate === 16_000 && each.numberOfFrames === 160)).toBe(true);
    expect(blocks.flatMap((each) => [...each.samples]).slice(0, 4500)).toEqual([...samples]);
    expect(blocks).toHaveLength(29);
  });

  test('plays a Y4M file, scaled if that is asked for, over and over', async () => {
    const { pictures, first } = await record(4);
    writeFileSync(at('four.y4m'), y4m(pictures, '50:1'));
    const stream = await openFile(at('four.y4m'), { loop: true });
    const [track] = stream.getVideoTracks();
    expect(track!.getSettings()).toMatchObject({ width: 320, height: 240, frameRate: 50 });
    await track!.applyConstraints({ width: 160, height: 120 });
    const sink = new RTCVideoSink(track);
    const numbers: number[] = [];
    await new Promise<void>((resolve) => {
      sink.onframe = ({ frame }) => {
        expect([frame.width, frame.height]).toEqual([160, 120]);
        if (numbers.push(readFrameNumber(frame)! - first) === 10) resolve();
      };
    });
    expect(numbers).toEqual([0, 1, 2, 3, 0, 1, 2, 3, 0, 1]);
    track!.stop();
  });

  test('says what is wrong', async () => {
    await expect(openFile(at('nothing'))).rejects.toThrow(expect.objectContaining({ code: 'ENOENT' }));
    writeFileSync(at('text.txt'), 'neither picture nor sound');
    process.env['PEERWIRE_FFMPEG_DIR'] = folder;
    try {
      await expect(openFile(at('text.txt'))).rejects.toThrow(
        expect.objectContaining({ name: 'NotSupportedError', message: expect.stringContaining('FFmpeg') }),
      );
      writeFileSync(at('ffprobe'), '#!/bin/sh\necho no JSON\n', { mode: 0o755 });
      await expect(openFile(at('text.txt'))).rejects.toThrow(expect.objectContaining({ name: 'NotReadableError' }));
    } finally {
      rmSync(at('ffprobe'), { force: true });
      delete process.env['PEERWIRE_FFMPEG_DIR'];
    }
  });

  test('a file that is damaged half way ends, with a warning', async () => {
    const { pictures } = await record(2);
    writeFileSync(at('damaged.y4m'), Buffer.concat([y4m(pictures), Buffer.from('JUNK\n')]));
    const stream = await openFile(at('damaged.y4m'));
    const warn = jest.spyOn(process, 'emitWarning').mockReturnValue();
    expect(await collect(stream.getVideoTracks()[0])).toHaveLength(2);
    expect(warn.mock.calls.map(([text]) => String(text))).toEqual([expect.stringContaining('damaged.y4m')]);
    warn.mockRestore();
  });

  test('a file can be a camera', async () => {
    const { pictures, first } = await record(3);
    writeFileSync(at('camera.y4m'), y4m(pictures));
    const changed = new Promise((resolve) => {
      mediaDevices.addEventListener('devicechange', resolve, { once: true });
    });
    const disconnect = await connectFile(at('camera.y4m'), { label: 'Recorded Camera' });
    await changed;
    const device = (await mediaDevices.enumerateDevices()).find((each) => each.label === 'Recorded Camera');
    expect(device).toMatchObject({ kind: 'videoinput' });
    const stream = await getUserMedia({ video: { deviceId: { exact: device!.deviceId }, width: { exact: 200 } } });
    const [track] = stream.getVideoTracks();
    expect(track!.label).toBe('Recorded Camera');
    const sink = new RTCVideoSink(track);
    const frame = await new Promise<any>((resolve) => {
      sink.onframe = (event) => {
        resolve(event.frame);
      };
    });
    expect(frame.width).toBe(200);
    expect(track!.getSettings()).toMatchObject({
      width: 200,
      deviceId: device!.deviceId,
      resizeMode: 'crop-and-scale',
    });
    expect(first).toBeGreaterThanOrEqual(0);
    const ended = new Promise((resolve) => {
      track!.onended = resolve;
    });
    disconnect();
    await ended;
    const left = await mediaDevices.enumerateDevices();
    expect(left.map((each) => each.label)).not.toContain('Recorded Camera');
  });

  async function expectUnreadableOnceGone(file: string): Promise<void> {
    const disconnect = await connectFile(file, { label: 'Gone Camera' });
    const device = (await mediaDevices.enumerateDevices()).find(
      ({ label, kind }) => label === 'Gone Camera' && kind === 'videoinput',
    );
    rmSync(file);
    await expect(getUserMedia({ video: { deviceId: { exact: device!.deviceId } } })).rejects.toThrow(
      expect.objectContaining({ name: 'NotReadableError', message: expect.stringContaining('Gone Camera') }),
    );
    disconnect();
  }

  test('a camera whose file has gone cannot be read', async () => {
    const { pictures } = await record(1);
    writeFileSync(at('gone.y4m'), y4m(pictures));
    await expectUnreadableOnceGone(at('gone.y4m'));
  });

  const hasFfmpeg = spawnSync('ffmpeg', ['-version']).status === 0;
  if (!hasFfmpeg) console.log('skipped: files that need FFmpeg, which is not installed');

  (hasFfmpeg ? describe : describe.skip)('through FFmpeg', () => {
    beforeAll(async () => {
      const { pictures } = await record(20);
      writeFileSync(at('source.y4m'), y4m(pictures));
      const tone = Int16Array.from(
        { length: 32_000 },
        (_, index) => 8000 * Math.sin((2 * Math.PI * 500 * index) / 48_000),
      );
      writeFileSync(at('source.wav'), wav(48_000, tone));
      const inputs = ['-i', at('source.y4m'), '-i', at('source.wav')];
      execFileSync('ffmpeg', ['-v', 'error', ...inputs, '-c:v', 'mpeg4', '-q:v', '2', '-c:a', 'aac', at('both.mp4')]);
      execFileSync('ffmpeg', ['-v', 'error', '-i', at('source.y4m'), '-c:v', 'libvpx', '-b:v', '2M', at('vp8.ivf')]);
    });

    test('IVF is decoded by ourselves', async () => {
      process.env['PEERWIRE_FFMPEG_DIR'] = folder;
      try {
        const stream = await openFile(at('vp8.ivf'));
        const frames = await collect(stream.getVideoTracks()[0]);
        const numbers = frames.map(readFrameNumber);
        expect(numbers).toEqual(numbers.map((_, index) => numbers[0]! + index));
        expect(frames).toHaveLength(20);
      } finally {
        delete process.env['PEERWIRE_FFMPEG_DIR'];
      }
    });

    test('pictures and sound of one file, together and in real time', async () => {
      const stream = await openFile(at('both.mp4'));
      const [video] = stream.getVideoTracks();
      const [audio] = stream.getAudioTracks();
      expect(video!.getSettings()).toMatchObject({ width: 320, height: 240, frameRate: 30 });
      expect(audio!.getSettings()).toMatchObject({ sampleRate: 48_000, channelCount: 1 });
      const begun = performance.now();
      const [frames, blocks] = await Promise.all([collect(video), collect(audio)]);
      expect(performance.now() - begun).toBeGreaterThan(600);
      const numbers = frames.map(readFrameNumber);
      expect(numbers).toEqual(numbers.map((_, index) => numbers[0]! + index));
      expect(frames).toHaveLength(20);
      expect(blocks.length).toBeGreaterThanOrEqual(66);
      expect(Math.max(...blocks.flatMap((each) => [...each.samples]))).toBeGreaterThan(6000);
    });

    test('the last picture comes before the end, however busy the program was meanwhile', async () => {
      const stream = await openFile(at('both.mp4'));
      const [video] = stream.getVideoTracks();
      const numbers: number[] = [];
      const sink = new RTCVideoSink(video);
      sink.onframe = ({ frame }) => {
        // The last picture and the end are both due after it.
        const until = performance.now() + 150;
        if (numbers.push(readFrameNumber(frame)!) === 19) while (performance.now() < until);
      };
      await new Promise((resolve) => {
        video!.onended = resolve;
      });
      expect(numbers).toHaveLength(20);
      sink.stop();
      stream.getTracks().forEach((track: any) => track.stop());
    });

    test('over and over, until it is stopped', async () => {
      const stream = await openFile(at('both.mp4'), { loop: true });
      const [video] = stream.getVideoTracks();
      const sink = new RTCVideoSink(video);
      const numbers: number[] = [];
      await new Promise<void>((resolve) => {
        sink.onframe = ({ frame }) => {
          if (numbers.push(readFrameNumber(frame)!) === 30) resolve();
        };
      });
      // Its sound is a little longer than its pictures: the last one may stay for another period.
      const again = numbers.indexOf(numbers[0]!, 1);
      expect([20, 21, 22]).toContain(again);
      expect(numbers.slice(again)).toEqual(numbers.slice(0, 30 - again));
      for (const track of stream.getTracks()) track.stop();
    });

    test('pictures of a telephone that was held upright', async () => {
      const file = readFileSync(at('both.mp4'));
      // The matrix of the first track's header: clockwise by 90 degrees.
      const matrix = file.indexOf('tkhd') + 44;
      for (const [index, value] of [0, 0x10000, 0, -0x10000, 0].entries()) file.writeInt32BE(value, matrix + index * 4);
      writeFileSync(at('upright.mp4'), file);
      const sizeSeen = (track: any) =>
        new Promise((resolve) => {
          const sink = new RTCVideoSink(track);
          sink.onframe = ({ frame: { width, height } }) => {
            sink.stop();
            resolve({ width, height });
          };
        });
      const upright = { width: 240, height: 320 };
      const opened = await openFile(at('upright.mp4'));
      const disconnect = await connectFile(at('upright.mp4'), { label: 'Telephone' });
      const devices = await mediaDevices.enumerateDevices();
      const { deviceId } = devices.find((each) => each.label === 'Telephone' && each.kind === 'videoinput')!;
      const captured = await getUserMedia({ video: { deviceId: { exact: deviceId } } });
      for (const stream of [opened, captured]) {
        const [track] = stream.getVideoTracks();
        expect(track!.getSettings()).toMatchObject(upright);
        expect(await sizeSeen(track)).toEqual(upright);
        for (const each of stream.getTracks()) each.stop();
      }
      disconnect();
    });

    test('a camera whose file has gone cannot be read', async () => {
      copyFileSync(at('both.mp4'), at('gone.mp4'));
      await expectUnreadableOnceGone(at('gone.mp4'));
    });

    test('what FFmpeg cannot read is refused', async () => {
      writeFileSync(at('text.txt'), 'neither picture nor sound');
      const error = await openFile(at('text.txt')).catch((reason: unknown) => reason as DOMException);
      expect(error).toMatchObject({ name: 'NotReadableError' });
      expect((error as DOMException).message.split('text.txt')).toHaveLength(2);
    });
  });
});
