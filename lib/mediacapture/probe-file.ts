import { createDOMException } from '../dom/dom-exception';
import { childProcess } from './child-process';

/** Pictures in a file, upright. */
export interface VideoStream {
  readonly width: number;
  readonly height: number;
  readonly frameRate: number;
}

/** Sound in a file. */
export interface AudioStream {
  readonly sampleRate: number;
  readonly channelCount: number;
}

/** What FFmpeg has found in a file. */
export interface ProbedFile {
  readonly video: VideoStream | null;
  readonly audio: AudioStream | null;
}

interface ProbedStream {
  codec_type?: string;
  width?: number;
  height?: number;
  avg_frame_rate?: string;
  r_frame_rate?: string;
  sample_rate?: string;
  channels?: number;
  disposition?: { attached_pic?: number };
  /** Of the display matrix: degrees. */
  side_data_list?: { rotation?: number }[];
}

/** Where FFmpeg is. */
export function programName(name: 'ffmpeg' | 'ffprobe'): string {
  const folder = process.env['PEERWIRE_FFMPEG_DIR'];
  return folder ? `${folder}/${name}` : name;
}

/** "30000/1001"; 0 when it is none. */
export function toRate(ratio = ''): number {
  const [above = 0, below = 0] = ratio.split('/').map(Number);
  return above > 0 && below > 0 ? above / below : 0;
}

/** FFmpeg turns pictures of the right angles upright, as we play them; those of other angles keep their size. */
function uprightSize({ width = 0, height = 0, side_data_list: sideData = [] }: ProbedStream) {
  const rotation = sideData.find((each) => each.rotation !== undefined)?.rotation ?? 0;
  const isOnItsSide = Math.abs(Math.round(rotation)) % 180 === 90;
  return isOnItsSide ? { width: height, height: width } : { width, height };
}

function toProbedFile(streams: readonly ProbedStream[]): ProbedFile {
  const video = streams.find((each) => each.codec_type === 'video' && each.disposition?.attached_pic !== 1);
  const audio = streams.find((each) => each.codec_type === 'audio');
  const rate = toRate(video?.avg_frame_rate) || toRate(video?.r_frame_rate) || 30;
  return {
    video: video && { ...uprightSize(video), frameRate: Math.min(rate, 120) },
    audio: audio && {
      sampleRate: Math.min(Math.max(Number(audio.sample_rate ?? 48_000), 8000), 192_000),
      channelCount: Math.min(Math.max(audio.channels ?? 1, 1), 8),
    },
  } as unknown as ProbedFile;
}

/**
 * Asks FFmpeg what is in a file.
 * @returns null when FFmpeg is not installed
 */
export function probeFile(path: string): Promise<ProbedFile | null> {
  const options = ['-v', 'error', '-show_streams', '-of', 'json', '--', path];
  return new Promise((resolve, reject) => {
    childProcess().execFile(programName('ffprobe'), options, (error, output, complaint) => {
      if (error && (error as NodeJS.ErrnoException).code === 'ENOENT') {
        resolve(null);
        return;
      }
      if (error) {
        // FFmpeg's complaints begin with the path.
        const text = complaint.trim() || error.message;
        reject(createDOMException(text.startsWith(path) ? text : `${path}: ${text}`, 'NotReadableError'));
        return;
      }
      try {
        const { streams = [] } = JSON.parse(output) as { streams?: ProbedStream[] };
        resolve(toProbedFile(streams));
      } catch {
        reject(createDOMException(`${path}: what ffprobe tells of it cannot be read.`, 'NotReadableError'));
      }
    });
  });
}
