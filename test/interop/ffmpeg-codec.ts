/** Encoding and decoding by ffmpeg, for programs that take and give what is encoded already. */
import { spawn, spawnSync } from 'node:child_process';
import type { Picture } from '../support/test-card';

export const noFfmpeg =
  spawnSync('ffmpeg', ['-version']).status === 0 ? null : 'no ffmpeg on this machine (Debian: apt-get install ffmpeg)';

const quiet = ['-hide_banner', '-loglevel', 'error'];

/** How each codec is encoded, the form that comes out, and how that is cut into frames. */
const forms: Record<string, { encode: string[]; form: string; decodeAs: string[]; cut: (take: Take) => Cutter }> = {
  'video/vp8': ivf('libvpx', '-deadline', 'realtime', '-cpu-used', '8', '-lag-in-frames', '0'),
  'video/vp9': ivf('libvpx-vp9', '-deadline', 'realtime', '-cpu-used', '8', '-lag-in-frames', '0'),
  'video/av1': ivf('libaom-av1', '-usage', 'realtime', '-cpu-used', '8', '-lag-in-frames', '0'),
  'video/h264': {
    encode: ['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-profile:v', 'baseline', '-bsf:v', 'h264_metadata=aud=insert'], // prettier-ignore
    form: 'h264',
    decodeAs: ['-f', 'h264'],
    cut: cutUnits,
  },
  'audio/opus': {
    encode: ['-c:a', 'libopus', '-application', 'lowdelay', '-frame_duration', '20', '-page_duration', '20000'],
    form: 'ogg',
    decodeAs: ['-f', 'ogg'],
    cut: cutPages,
  },
  'audio/pcmu': telephone('pcm_mulaw', 'mulaw', 8000),
  'audio/pcma': telephone('pcm_alaw', 'alaw', 8000),
  'audio/g722': telephone('g722', 'g722', 16_000),
};

type Take = (frame: Buffer) => void;
type Cutter = (chunk: Buffer) => void;

function ivf(codec: string, ...options: string[]) {
  return { encode: ['-c:v', codec, ...options], form: 'ivf', decodeAs: ['-f', 'ivf'], cut: cutIvf };
}

function telephone(codec: string, form: string, rate: number) {
  return {
    encode: ['-c:a', codec, '-ar', String(rate), '-ac', '1'],
    form,
    decodeAs: form === 'g722' ? ['-f', form] : ['-f', form, '-ar', String(rate), '-ac', '1'],
    cut: (take: Take) => cutWith((all) => (all.length < 160 ? 0 : (take(all.subarray(0, 160)), 160))),
  };
}

/** `next` takes what it can of all that there is, and says how much that was. */
function cutWith(next: (all: Buffer) => number): Cutter {
  let all = Buffer.alloc(0);
  return (chunk) => {
    all = Buffer.concat([all, chunk]);
    for (let taken; (taken = next(all)) > 0;) all = all.subarray(taken);
  };
}

function cutIvf(take: Take): Cutter {
  let isInFrames = false;
  return cutWith((all) => {
    if (!isInFrames) {
      isInFrames = all.length >= 32;
      return isInFrames ? 32 : 0;
    }
    const length = all.length >= 12 ? 12 + all.readUInt32LE(0) : Infinity;
    if (all.length < length) return 0;
    take(all.subarray(12, length));
    return length;
  });
}

/** Access units, each of which begins with a delimiter. */
function cutUnits(take: Take): Cutter {
  const delimiter = Buffer.from([0, 0, 0, 1, 9]);
  return cutWith((all) => {
    const next = all.indexOf(delimiter, 1);
    if (next < 0) return 0;
    take(all.subarray(0, next));
    return next;
  });
}

/** Ogg pages of one packet each, without the two that describe the stream (RFC 3533 section 6). */
function cutPages(take: Take): Cutter {
  let pages = 0;
  return cutWith((all) => {
    if (all.length < 27) return 0;
    const segments = all[26]!;
    if (all.length < 27 + segments) return 0;
    const head = 27 + segments;
    const length = head + all.subarray(27, head).reduce((sum, one) => sum + one, 0);
    if (all.length < length) return 0;
    if (pages++ >= 2) take(all.subarray(head, length));
    return length;
  });
}

export interface FfmpegProcess {
  write(octets: Uint8Array): void;
  close(): void;
}

function run(args: string[], take: Cutter): FfmpegProcess {
  const child = spawn('ffmpeg', [...quiet, ...args], { stdio: ['pipe', 'pipe', 'ignore'] });
  child.stdin.on('error', () => {}); // it was closed
  child.stdout.on('data', take);
  return {
    write: (octets) => void (child.stdin.writable && child.stdin.write(octets)),
    close: () => void child.kill('SIGKILL'),
  };
}

export interface VideoShape {
  width: number;
  height: number;
  framesPerSecond: number;
}

/** Pictures in, encoded frames out; a key frame each second. */
export function encodeVideo(mimeType: string, shape: VideoShape, take: Take): FfmpegProcess {
  const { encode, form, cut } = forms[mimeType]!;
  const { width, height, framesPerSecond } = shape;
  const raw = ['-f', 'rawvideo', '-pix_fmt', 'yuv420p', '-s', `${width}x${height}`, '-r', String(framesPerSecond)];
  const end = ['-b:v', '800k', '-g', String(framesPerSecond), '-bf', '0', '-flush_packets', '1', '-f', form, 'pipe:1'];
  return run([...raw, '-i', 'pipe:0', ...encode, ...end], cut(take));
}

/** Sound of 16 bits and one channel at 48 kHz in, blocks of 20 ms out. */
export function encodeAudio(mimeType: string, take: Take): FfmpegProcess {
  const { encode, form, cut } = forms[mimeType]!;
  const raw = ['-f', 's16le', '-ar', '48000', '-ac', '1', '-i', 'pipe:0'];
  return run([...raw, ...encode, '-flush_packets', '1', '-f', form, 'pipe:1'], cut(take));
}

const low = ['-fflags', 'nobuffer', '-flags', 'low_delay', '-probesize', '32', '-analyzeduration', '0'];

export function decodeVideo(
  mimeType: string,
  { width, height }: VideoShape,
  take: (picture: Picture) => void,
): FfmpegProcess {
  const length = width * height + 2 * ((width + 1) >> 1) * ((height + 1) >> 1);
  const cut = cutWith((all) => {
    if (all.length < length) return 0;
    take({ width, height, data: new Uint8Array(all.subarray(0, length)) });
    return length;
  });
  const out = ['-s', `${width}x${height}`, '-pix_fmt', 'yuv420p', '-vsync', 'passthrough', '-f', 'rawvideo', 'pipe:1'];
  return run([...low, ...forms[mimeType]!.decodeAs, '-i', 'pipe:0', ...out], cut);
}

/** Of 48 kHz and one channel. */
export function decodeAudio(mimeType: string, take: (samples: Float32Array) => void): FfmpegProcess {
  const cut = cutWith((all) => {
    const frames = all.length >> 1;
    if (frames === 0) return 0;
    take(Float32Array.from({ length: frames }, (_, at) => all.readInt16LE(2 * at) / 32_768));
    return 2 * frames;
  });
  const out = ['-ar', '48000', '-ac', '1', '-f', 's16le', '-flush_packets', '1', 'pipe:1'];
  return run([...low, ...forms[mimeType]!.decodeAs, '-i', 'pipe:0', ...out], cut);
}
