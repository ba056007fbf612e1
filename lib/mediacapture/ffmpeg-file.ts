import type { ChildProcess } from 'node:child_process';
import { basename } from 'node:path';
import type { Readable } from 'node:stream';
import { nativeAddon } from '../binding/load';
import { type NativeAudioSource, NativeEventKind, type NativeVideoSource } from '../binding/native-addon';
import { createDOMException } from '../dom/dom-exception';
import { setImmediate, setTimeout } from '../dom/timers';
import { NativeLink } from '../transport/native-link';
import type { MediaTrackCapabilities, MediaTrackSettings } from '../webidl/generated/dictionaries';
import { pictureConfigurations } from './camera-configurations';
import { childProcess } from './child-process';
import { type Configuration, capabilitiesOf } from './configuration';
import { endTracksOf } from './end-tracks';
import { warnOfFile } from './file-source';
import { PieceReader } from './piece-reader';
import { PlaybackClock, engineTime } from './playback-clock';
import { type AudioStream, type ProbedFile, type VideoStream, programName, toRate } from './probe-file';
import type { NativeSource } from './running-source';
import type { TrackSource } from './track-source';

/** A source that is later than this goes on from now. */
const latest = 200_000;
const longestLine = 4096;
const longestComplaint = 2000;

/** What a player has of a source, which it does not hold: one whose tracks nobody has any more is collected. */
class Seat<Native extends NativeSource = NativeSource> {
  readonly #source: WeakRef<FfmpegSource<Native>>;
  readonly #player: FfmpegPlayer;

  constructor(source: FfmpegSource<Native>, player: FfmpegPlayer) {
    this.#source = new WeakRef(source);
    this.#player = player;
  }

  get source(): FfmpegSource<Native> | undefined {
    return this.#source.deref();
  }

  leave(): void {
    this.#player.close(this);
  }
}

/** Sources that nobody has stopped. */
const abandoned = new FinalizationRegistry<Seat>((seat) => {
  seat.leave();
});

/** One stream of a file that FFmpeg decodes. */
abstract class FfmpegSource<Native extends NativeSource> implements TrackSource {
  abstract readonly kind: 'audio' | 'video';
  readonly label: string;
  readonly isSelfRunning = true;
  readonly isFinite: boolean;
  protected readonly seat: Seat<Native>;
  #link: NativeLink<Native> | null;

  constructor(player: FfmpegPlayer, native: Native) {
    this.label = basename(player.path);
    this.isFinite = player.isFinite;
    const seat = new Seat(this, player);
    this.seat = seat;
    this.#link = new NativeLink(native, (event, number) => {
      if (event === NativeEventKind.SourceDemand) player.clock.hold(seat, number === 1);
    });
    player.open(seat);
    abandoned.register(this, seat, this);
  }

  native(): Native | null {
    return this.#link?.handle ?? null;
  }

  abstract capabilities(): MediaTrackCapabilities;
  abstract settings(): MediaTrackSettings;
  abstract configurations(): readonly Configuration[];

  stop(): void {
    abandoned.unregister(this);
    this.#link?.close();
    this.#link = null;
    this.seat.leave();
  }
}

export class FfmpegVideoSource extends FfmpegSource<NativeVideoSource> {
  readonly kind = 'video';
  readonly #stream: VideoStream;
  readonly #configurations: readonly Configuration[];

  constructor(player: FfmpegPlayer, stream: VideoStream) {
    super(player, new (nativeAddon().VideoSource)({ type: 'program', reportsDemand: true }));
    this.#stream = stream;
    this.#configurations = pictureConfigurations({ ...stream });
    player.playVideo(this.seat);
  }

  capabilities(): MediaTrackCapabilities {
    return capabilitiesOf(this.#configurations);
  }

  settings(): MediaTrackSettings {
    const { width, height, frameRate } = this.#stream;
    return { width, height, frameRate };
  }

  configurations(): readonly Configuration[] {
    return this.#configurations;
  }
}

export class FfmpegAudioSource extends FfmpegSource<NativeAudioSource> {
  readonly kind = 'audio';
  readonly #stream: AudioStream;

  constructor(player: FfmpegPlayer, stream: AudioStream) {
    super(player, new (nativeAddon().AudioSource)({ type: 'program', reportsDemand: true }));
    this.#stream = stream;
    player.playAudio(this.seat, stream);
  }

  capabilities(): MediaTrackCapabilities {
    return {};
  }

  settings(): MediaTrackSettings {
    return { ...this.#stream, sampleSize: 16 };
  }

  configurations(): readonly Configuration[] {
    return [{}];
  }
}

/**
 * FFmpeg, decoding a file into pipes, from which it is played in real time; the pipes hold it up while nobody takes
 * anything. Neither it nor the pipes keep the process running; sinks of a file that ends do (in-flight.ts).
 */
export class FfmpegPlayer {
  readonly path: string;
  readonly isFinite: boolean;
  readonly clock = new PlaybackClock();
  readonly #child: ChildProcess;
  readonly #seats = new Set<Seat>();
  #complaint = '';

  readonly #ended: ((source: TrackSource) => void) | undefined;

  /** @param ended is called when a source is at its end; otherwise its tracks end */
  constructor(path: string, { video, audio }: ProbedFile, loop: boolean, ended?: (source: TrackSource) => void) {
    this.#ended = ended;
    this.path = path;
    this.isFinite = !loop;
    const pictures = ['-map', '0:v:0', '-pix_fmt', 'yuv420p', '-f', 'yuv4mpegpipe', 'pipe:3'];
    const sound = ['-map', '0:a:0', '-f', 's16le'];
    const format = audio ? ['-ar', String(audio.sampleRate), '-ac', String(audio.channelCount), 'pipe:4'] : [];
    this.#child = childProcess().spawn(
      programName('ffmpeg'),
      [
        ...['-nostdin', '-v', 'error'],
        ...(loop ? ['-stream_loop', '-1'] : []),
        ...['-i', path],
        ...(video ? pictures : []),
        ...(audio ? [...sound, ...format] : []),
      ],
      { stdio: ['ignore', 'ignore', 'pipe', 'pipe', 'pipe'] },
    );
    this.#child.on('error', (error) => {
      if (this.#seats.size > 0) warnOfFile(path, error.message);
    });
    this.#child.unref();
    // Without a descriptor to spare there are no pipes; the error that says so is emitted later.
    const pipes = this.#child.stdio as ChildProcess['stdio'] | undefined;
    if (!pipes)
      throw createDOMException(`${path}: FFmpeg could not be started: too many open files`, 'NotReadableError');
    for (const pipe of pipes) (pipe as { unref?: () => void } | null)?.unref?.();
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#complaint = (this.#complaint + text).slice(-longestComplaint);
    });
    this.#child.on('exit', (code) => {
      if (code && this.#seats.size > 0) warnOfFile(path, this.#complaint.trim() || `exit code ${String(code)}`);
    });
  }

  open(seat: Seat): void {
    this.#seats.add(seat);
  }

  /** The last one ends FFmpeg. While a full pipe holds it up it would not hear a signal that it can handle. */
  close(seat: Seat): void {
    this.#seats.delete(seat);
    this.clock.hold(seat, false);
    if (this.#seats.size > 0) return;
    this.#child.kill('SIGKILL');
    // With what is in them, that nobody reads any more.
    for (const pipe of this.#child.stdio) pipe?.destroy();
  }

  playVideo(seat: Seat<NativeVideoSource>): void {
    const pipe = this.#pipe(3);
    void this.#play(seat, async () => {
      const header = await pipe.readLine(longestLine);
      if (header === null) return null;
      const value = (name: string) => new RegExp(` ${name}(\\S+)`).exec(header)?.[1] ?? '';
      const [width, height] = [Number(value('W')), Number(value('H'))];
      const period = 1e6 / toRate(value('F').replace(':', '/'));
      const size = width * height + 2 * Math.ceil(width / 2) * Math.ceil(height / 2);
      return {
        period: () => period,
        read: async () => ((await pipe.readLine(longestLine)) === null ? null : pipe.read(size)),
        push: (data, dueTime) => {
          seat.source?.native()?.push(data, width, height, 0, undefined, dueTime);
        },
      };
    });
  }

  playAudio(seat: Seat<NativeAudioSource>, { sampleRate, channelCount }: AudioStream): void {
    const pipe = this.#pipe(4);
    // Rates that 10 ms do not divide: blocks that make up a second in a second.
    const until = (block: number) => Math.floor((block * sampleRate) / 100);
    let block = 0;
    void this.#play(seat, () =>
      Promise.resolve({
        period: () => 10_000,
        read: () => {
          const frames = until(block + 1) - until(block);
          block += 1;
          return pipe.read(frames * channelCount * 2);
        },
        push: (data, dueTime) => {
          seat.source?.native()?.push(data, sampleRate, channelCount, false, undefined, dueTime);
        },
      }),
    );
  }

  #pipe(number: number): PieceReader {
    return new PieceReader(this.#child.stdio[number] as Readable);
  }

  /** Pieces one after the other, each at its time, until there is none or nobody wants them any more. */
  async #play(seat: Seat, open: () => Promise<Pieces | null>): Promise<void> {
    const pieces = await open();
    let position = 0;
    for (let data = await pieces?.read(); pieces && data; data = await pieces.read()) {
      await this.#waitUntil(position);
      if (!this.#seats.has(seat)) return;
      const late = engineTime() - this.clock.dueTime(position);
      if (late > latest) this.clock.delay(late);
      pieces.push(data, Math.round(this.clock.dueTime(position)));
      position += pieces.period();
    }
    await this.#waitUntil(position);
    await deliveries();
    const source = this.#seats.has(seat) && seat.source;
    if (!source) return;
    if (this.#ended) this.#ended(source);
    else endTracksOf(source);
  }

  async #waitUntil(position: number): Promise<void> {
    for (;;) {
      if (!this.clock.isRunning) {
        await new Promise<void>((resolve) => {
          this.clock.onStart(resolve);
        });
      }
      const rest = this.clock.dueTime(position) - engineTime();
      if (rest <= 0) return;
      await new Promise<void>((resolve) => {
        setTimeout(resolve, Math.ceil(rest / 1000)).unref();
      });
    }
  }
}

/** What sinks have got natively is dispatched by then: in the turn of the loop that may be under way, or in the next. */
async function deliveries(): Promise<void> {
  for (let turn = 0; turn < 2; turn += 1) {
    await new Promise<void>((resolve) => {
      setImmediate(resolve).unref();
    });
  }
}

interface Pieces {
  /** Microseconds that a piece lasts. */
  period(): number;
  read(): Promise<Buffer | null>;
  push(data: Buffer, dueTime: number): void;
}
