import { randomUUID } from 'node:crypto';
import { accessSync, constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { createDOMException } from '../dom/dom-exception';
import { type InputDevice, deviceRegistry } from './device-registry';
import { FfmpegAudioSource, FfmpegPlayer, FfmpegVideoSource } from './ffmpeg-file';
import { FileSource } from './file-source';
import { MediaStream } from './MediaStream';
import { createTrack } from './MediaStreamTrack';
import { type ProbedFile, probeFile } from './probe-file';
import type { RunningSource } from './running-source';
import type { TrackSource } from './track-source';

export interface OpenFileOptions {
  /** Whether it begins anew at its end, for ever. Otherwise its tracks end then. */
  readonly loop?: boolean;
}

/** What native code plays by itself, by the first octets of the file. */
async function nativeKindOf(path: string): Promise<'audio' | 'video' | null> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(12), 0, 12, 0);
    const text = buffer.toString('latin1', 0, bytesRead);
    if (/^(?:RIFF|RF64)....WAVE/s.test(text)) return 'audio';
    return text.startsWith('DKIF') || text.startsWith('YUV4MPEG2') ? 'video' : null;
  } finally {
    await file.close();
  }
}

/** As functions of node:fs take it: `new URL('clip.wav', import.meta.url)`, too. */
function toPath(path: string | URL): string {
  // Not instanceof: a test environment has a URL of its own.
  const { href, protocol } = path as Partial<URL>;
  return href !== undefined && protocol === 'file:' ? fileURLToPath(href) : String(path);
}

/** How a file is played. */
type Player =
  { readonly by: 'native'; readonly kind: 'audio' | 'video' } | { readonly by: 'ffmpeg'; readonly probed: ProbedFile };

/** Finds out how a file can be played. */
async function findPlayer(path: string): Promise<Player> {
  const kind = await nativeKindOf(path);
  let refusal = 'it is neither WAV, Y4M nor IVF';
  if (kind) {
    try {
      new FileSource(path, { kind, loop: false }).stop();
      return { by: 'native', kind };
    } catch (error) {
      refusal = (error as Error).message;
    }
  }
  const probed = await probeFile(path);
  if (!probed) {
    throw createDOMException(`${path}: ${refusal}; for other files FFmpeg has to be installed.`, 'NotSupportedError');
  }
  if (!probed.video && !probed.audio) {
    throw createDOMException(`${path}: there is neither a picture nor sound in it.`, 'NotReadableError');
  }
  return { by: 'ffmpeg', probed };
}

/** The sources of what is in a file: pictures, sound, or both. */
function createSources(path: string, player: Player, loop: boolean): TrackSource[] {
  if (player.by === 'native') return [new FileSource(path, { kind: player.kind, loop })];
  const { audio, video } = player.probed;
  const ffmpeg = new FfmpegPlayer(path, player.probed, loop);
  return [
    ...(audio ? [new FfmpegAudioSource(ffmpeg, audio)] : []),
    ...(video ? [new FfmpegVideoSource(ffmpeg, video)] : []),
  ];
}

/**
 * A stream with the tracks of a file, played in real time from when somebody takes them (docs/nonstandard.md). Rejects with
 * the file system's error, a NotSupportedError or a NotReadableError.
 */
export async function openFile(path: string | URL, { loop = false }: OpenFileOptions = {}): Promise<MediaStream> {
  const name = toPath(path);
  const sources = createSources(name, await findPlayer(name), Boolean(loop));
  return new MediaStream(sources.map((source) => createTrack({ kind: source.kind, label: source.label, source })));
}

export interface FileDeviceOptions {
  /** As enumerateDevices() tells it; otherwise the name of the file. */
  readonly label?: string;
}

/** @throws Error when the file cannot be played any more */
function tryOutFile(path: string, player: Player): void {
  if (player.by === 'native') new FileSource(path, { kind: player.kind, loop: true }).stop();
  else accessSync(path, constants.R_OK);
}

/** One kind of what is in the file, played over and over from its begin each time the device is opened. */
function runFile(path: string, player: Player, kind: 'audio' | 'video', ended: () => void): RunningSource {
  const running = (source: TrackSource): RunningSource => {
    const native = source.native?.();
    if (!native) throw new Error(`${path} has been closed`);
    return {
      native,
      // The file is what it is; tracks make of it what they want.
      configure: () => undefined,
      stop: () => {
        source.stop();
      },
    };
  };
  if (player.by === 'native') return running(new FileSource(path, { kind, loop: true, ended }));
  const { audio, video } = player.probed;
  if (kind === 'video' && video) {
    return running(new FfmpegVideoSource(new FfmpegPlayer(path, { video, audio: null }, true, ended), video));
  }
  if (kind === 'audio' && audio) {
    return running(new FfmpegAudioSource(new FfmpegPlayer(path, { video: null, audio }, true, ended), audio));
  }
  throw new Error(`${path} has no ${kind}`);
}

/**
 * Connects a file as a camera, a microphone or both, which getUserMedia() can open from then on.
 * @returns what disconnects it; tracks of it end then
 */
export async function connectFile(path: string | URL, { label }: FileDeviceOptions = {}): Promise<() => void> {
  const name = toPath(path);
  const player = await findPlayer(name);
  const groupId = randomUUID();
  // Opened once, for what is in it.
  const devices = createSources(name, player, true).map((source): InputDevice => {
    const { kind } = source;
    const deviceId = randomUUID();
    const fixed = { deviceId: { values: [deviceId] }, groupId: { values: [groupId] } };
    const { sampleRate = 48_000, channelCount = 1 } = source.settings();
    const sound = {
      sampleRate: { values: [sampleRate] },
      sampleSize: { values: [16] },
      channelCount: { values: [channelCount] },
    };
    const ways = kind === 'video' ? (source.configurations?.() ?? []) : [sound];
    source.stop();
    return {
      kind: `${kind}input`,
      deviceId,
      groupId,
      label: label === undefined ? source.label : String(label),
      configurations: ways.map((each) => ({ ...fixed, ...each })),
      tryOut: () => {
        tryOutFile(name, player);
      },
      run: (_settings, ended) => runFile(name, player, kind, ended),
    };
  });
  for (const device of devices) deviceRegistry.connect(device);
  return () => {
    for (const device of devices) deviceRegistry.disconnect(device);
  };
}
