import { open } from 'node:fs/promises';
import { createDOMException } from '../dom/dom-exception';
import { FfmpegAudioSource, FfmpegPlayer, FfmpegVideoSource, probeFile } from './ffmpeg-file';
import { FileSource } from './file-source';
import { MediaStream } from './MediaStream';
import { createTrack } from './MediaStreamTrack';
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

/** The sources of what is in a file: pictures, sound, or both. */
export async function openFileSources(path: string, loop: boolean): Promise<TrackSource[]> {
  const kind = await nativeKindOf(path);
  let refusal = 'it is neither WAV, Y4M nor IVF';
  if (kind) {
    try {
      return [new FileSource(path, { kind, loop })];
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
  const player = new FfmpegPlayer(path, probed, loop);
  return [
    ...(probed.audio ? [new FfmpegAudioSource(player, probed.audio)] : []),
    ...(probed.video ? [new FfmpegVideoSource(player, probed.video)] : []),
  ];
}

/**
 * A stream with the tracks of a file, played in real time from when somebody takes them (docs/nonstandard.md). Rejects with
 * the file system's error, a NotSupportedError or a NotReadableError.
 */
export async function openFile(path: string, { loop = false }: OpenFileOptions = {}): Promise<MediaStream> {
  const sources = await openFileSources(String(path), Boolean(loop));
  return new MediaStream(sources.map((source) => createTrack({ kind: source.kind, label: source.label, source })));
}
