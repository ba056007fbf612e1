/**
 * What either side does with media that flows; as the steps of media-steps.ts, each of these functions runs here, or as
 * text in a page, and uses nothing but its arguments.
 */
import type { SoundMeter, VideoMeter } from '../support/media-meters';
import type { TestCard } from '../support/test-card';
import type { Description, StepContext } from './media-steps';

export interface Flow {
  card: TestCard;
  /** Meters of the tracks that came, by kind, in order. */
  video: VideoMeter[];
  audio: SoundMeter[];
  newVideoMeter(card: TestCard): VideoMeter;
  newSoundMeter(): SoundMeter;
  close: (() => void)[];
  /** Ends the camera and the microphone. */
  endStudio?: () => void;
}

/** First of all: from now on, what comes is measured. */
export function watchFlow(pc: any, context: StepContext, codes: { card: string; video: string; audio: string }): void {
  const make = (code: string) => (0, eval)(`(${code})`);
  const card = make(codes.card)();
  const flow: Flow = {
    card,
    video: [],
    audio: [],
    newVideoMeter: make(codes.video),
    newSoundMeter: make(codes.audio),
    close: [],
  };
  context.flow = flow;
  pc.addEventListener('track', async ({ track, streams }: any) => {
    if (track.kind === 'video') {
      const meter = flow.newVideoMeter(card);
      flow.video.push(meter);
      flow.close.push(
        await context.media.watchVideo(card, track, streams[0] ?? null, (picture: any, time: number) =>
          meter.push(picture, time),
        ),
      );
    } else {
      const meter = flow.newSoundMeter();
      flow.audio.push(meter);
      flow.close.push(
        await context.media.watchAudio(track, streams[0] ?? null, (samples: Float32Array, rate: number, time: number) =>
          meter.push(samples, rate, time),
        ),
      );
    }
  });
}

/** Test cards and tones go out; with `audio` or `video` false, only the other. */
export async function sendFlow(
  pc: any,
  context: StepContext,
  settings: { audio?: boolean; video?: boolean; hertz?: number; width?: number; height?: number },
): Promise<string> {
  const { stream, close } = await context.media.openStudio(context.flow.card, settings);
  context.flow.endStudio = close;
  for (const track of stream.getTracks()) pc.addTrack(track, stream);
  return stream.id;
}

export function endFlow(_: unknown, context: StepContext): void {
  context.flow?.endStudio?.();
  for (const close of context.flow?.close.splice(0) ?? []) close();
}

/**
 * This codec, and the means to send it again; the transceiver of the kind is made if it is not there.
 * @param fmtp a pattern for what is said of the format
 */
export function onlyCodec(pc: any, context: StepContext, mimeType: string, fmtp: string, direction: string): void {
  const kind = mimeType.split('/')[0] as 'audio' | 'video';
  const wanted = context
    .codecs(kind)
    .filter(
      (codec: any) =>
        (codec.mimeType.toLowerCase() === mimeType.toLowerCase() && new RegExp(fmtp).test(codec.sdpFmtpLine ?? '')) ||
        codec.mimeType === 'video/rtx',
    );
  const found = pc.getTransceivers().find((one: any) => one.receiver.track.kind === kind);
  (found ?? pc.addTransceiver(kind, { direction })).setCodecPreferences(wanted);
}

export const codecNames = (_: unknown, context: StepContext): string[] => [
  ...new Set([...context.codecs('audio'), ...context.codecs('video')].map(({ mimeType }) => mimeType.toLowerCase())),
];

/** The same as {@link import('./media-steps').makeDescription}, with every candidate in it. */
export async function describeAll(pc: any): Promise<Description> {
  await pc.setLocalDescription();
  if (pc.iceGatheringState !== 'complete') {
    await new Promise<void>((done) => {
      const look = () => pc.iceGatheringState === 'complete' && done();
      pc.addEventListener('icegatheringstatechange', look);
    });
  }
  const { type, sdp } = pc.localDescription;
  return { type, sdp };
}

export interface VideoWish {
  /** So many in a row: read, in order, near enough to what was sent, in its colours. */
  frames: number;
  psnr?: number;
  timeoutMs?: number;
  /** Which of the tracks that came; the last one. */
  index?: number;
  /** Only pictures of this width. */
  width?: number;
}

export interface VideoReport {
  psnr: number;
  frames: number;
  width: number;
  height: number;
  framesPerSecond: number;
  /** From the first picture seen to the first of the good ones. */
  settledMs: number;
}

/** Resolves when the pictures are as wished. */
export async function seeVideo(pc: any, context: StepContext, wish: VideoWish): Promise<VideoReport> {
  const { frames: count, psnr = 30, timeoutMs = 10_000, index = -1, width } = wish;
  const flow = context.flow as Flow;
  const end = performance.now() + timeoutMs;
  while (!flow.video.at(index)) {
    if (performance.now() > end) throw new Error(`no video track came (${pc.connectionState})`);
    await new Promise((done) => setTimeout(done, 10));
  }
  const meter = flow.video.at(index)!;
  const run = () => {
    const last = meter.frames.slice(-count);
    const isGood = last.every(
      (frame, at) =>
        frame.number !== null &&
        frame.psnr >= psnr &&
        frame.hasColours &&
        (width === undefined || frame.width === width) &&
        (at === 0 || frame.number > last[at - 1]!.number!),
    );
    // Half of the pictures may be lost on a machine that does other things, not more.
    const isDense = () => last.at(-1)!.number! - last[0]!.number! <= 2 * count;
    return last.length === count && isGood && isDense() ? last : null;
  };
  if (!(await meter.until(() => run() !== null, end - performance.now()))) {
    const tail = meter.frames
      .slice(-12)
      .map(
        (one) =>
          `${one.number} ${one.psnr.toFixed(1)} dB ${one.width}x${one.height}${one.hasColours ? '' : ' wrong colours'}`,
      );
    throw new Error(`of ${meter.frames.length} pictures in ${timeoutMs} ms the last were: ${tail.join(', ')}`);
  }
  const last = run()!;
  return {
    psnr: Math.min(...last.map((one) => one.psnr)),
    frames: meter.frames.length,
    width: last[0]!.width,
    height: last[0]!.height,
    framesPerSecond: (1000 * (count - 1)) / (last.at(-1)!.time - last[0]!.time),
    settledMs: last[0]!.time - meter.frames[0]!.time,
  };
}

export interface SoundWish {
  /** So long without a break; the beep at the head of each second is heard, too. */
  seconds: number;
  hertz: number;
  timeoutMs?: number;
  index?: number;
}

export interface SoundReport {
  purity: number;
  level: number;
  seconds: number;
  settledMs: number;
}

/** Resolves when nothing but the tone, and the beep at each second, has been heard for so long. */
export async function hearSound(pc: any, context: StepContext, wish: SoundWish): Promise<SoundReport> {
  const { seconds, hertz, timeoutMs = 10_000, index = -1 } = wish;
  const flow = context.flow as Flow;
  const end = performance.now() + timeoutMs;
  while (!flow.audio.at(index)) {
    if (performance.now() > end) throw new Error(`no audio track came (${pc.connectionState})`);
    await new Promise((done) => setTimeout(done, 10));
  }
  const meter = flow.audio.at(index)!;
  // Where sound is stretched or shortened to fit, a wave does not go on as it began.
  const isTone = (sound: { hertz: number; purity: number }) =>
    Math.abs(sound.hertz - hertz) <= 10 && sound.purity > 0.6;
  const run = () => {
    const last = meter.sounds.slice(-Math.round(seconds * 10));
    const beeps = last.filter(({ isBeep }) => isBeep).length;
    // A beep lies in two tenths at most, and there is one in each second.
    const isGood = last.every((sound) => sound.isBeep || isTone(sound));
    const hasBeeps = seconds < 1.5 || (beeps >= Math.floor(seconds) && beeps <= 2 * Math.ceil(seconds) + 1);
    const tones = last.filter(({ isBeep }) => !isBeep);
    const isPure = tones.reduce((sum, { purity }) => sum + purity, 0) / tones.length > 0.8;
    return last.length === Math.round(seconds * 10) && isGood && hasBeeps && isPure ? last : null;
  };
  if (!(await meter.until(() => run() !== null, end - performance.now()))) {
    const tail = meter.sounds
      .slice(-15)
      .map((one) => `${one.hertz} Hz ${one.purity.toFixed(2)} ${one.level.toFixed(3)}${one.isBeep ? ' beep' : ''}`);
    throw new Error(`of ${meter.sounds.length / 10} s of sound in ${timeoutMs} ms the last was: ${tail.join(', ')}`);
  }
  const last = run()!;
  const tones = last.filter(({ isBeep }) => !isBeep);
  return {
    purity: Math.min(...tones.map((one) => one.purity)),
    level: tones.reduce((sum, one) => sum + one.level, 0) / tones.length,
    seconds: meter.sounds.length / 10,
    settledMs: last[0]!.time - meter.sounds[0]!.time,
  };
}

/**
 * By how much flashes come after beeps in a page that is connected with itself, in milliseconds: what a page hears and
 * sees is late by what it takes to listen and look, and not by the same for both.
 */
export async function ownDelay(pc: any, context: StepContext): Promise<number> {
  const { card, newVideoMeter, newSoundMeter } = context.flow as Flow;
  const [pictures, sounds] = [newVideoMeter(card), newSoundMeter()];
  const [from, to]: any[] = [new pc.constructor(), new pc.constructor()];
  from.onicecandidate = ({ candidate }: any) => to.addIceCandidate(candidate);
  to.onicecandidate = ({ candidate }: any) => from.addIceCandidate(candidate);
  const { stream, close } = await context.media.openStudio(card, {});
  const ends = [close, () => from.close(), () => to.close()];
  to.ontrack = async ({ track, streams }: any) => {
    const { watchVideo, watchAudio } = context.media;
    ends.push(
      track.kind === 'video'
        ? await watchVideo(card, track, streams[0], (picture: any, time: number) => pictures.push(picture, time))
        : await watchAudio(track, streams[0], (samples: Float32Array, rate: number, time: number) =>
            sounds.push(samples, rate, time),
          ),
    );
  };
  for (const track of stream.getTracks()) from.addTrack(track, stream);
  await from.setLocalDescription();
  await to.setRemoteDescription(from.localDescription);
  await to.setLocalDescription();
  await from.setRemoteDescription(to.localDescription);
  const differences = () =>
    pictures.flashes().flatMap((flash) => {
      const beep = sounds.beeps.find((one) => Math.abs(one - flash) < 450);
      return beep === undefined ? [] : [flash - beep];
    });
  await pictures.until(() => differences().length >= 5, 10_000);
  for (const end of ends) end();
  const sorted = differences()
    .slice(-3)
    .sort((one, other) => one - other);
  if (sorted.length === 0) throw new Error('no flash and beep of its own');
  return sorted[sorted.length >> 1]!;
}

/** By how much flashes came after their beeps, in milliseconds, once the last `count` are within `withinMs`. */
export async function lipSync(
  _: unknown,
  context: StepContext,
  {
    count = 3,
    withinMs = 45,
    timeoutMs = 25_000,
    ownMs = 0,
  }: { count?: number; withinMs?: number; timeoutMs?: number; ownMs?: number } = {},
): Promise<number[]> {
  const { video, audio } = context.flow as Flow;
  const [pictures, sounds] = [video[0], audio[0]];
  if (!pictures || !sounds) throw new Error('no audio and video');
  const differences = () =>
    pictures.flashes().flatMap((flash) => {
      const beep = sounds.beeps.find((one) => Math.abs(one - flash) < 450);
      return beep === undefined ? [] : [Math.round(flash - beep - ownMs)];
    });
  const isGood = () => {
    const last = differences().slice(-count);
    return last.length === count && last.every((one) => Math.abs(one) <= withinMs);
  };
  if (!(await pictures.until(isGood, timeoutMs))) {
    throw new Error(
      `flashes come this much after beeps: ${differences().join(', ')} ms (${pictures.flashes().length} flashes, ${sounds.beeps.length} beeps)`,
    );
  }
  return differences();
}

export interface FlowStats {
  codec: string;
  bytes: number;
  packets: number;
  frames?: number;
}

/** What goes out or comes in, of one kind. */
export async function flowStats(
  pc: any,
  _: StepContext,
  direction: 'inbound-rtp' | 'outbound-rtp',
  kind: 'audio' | 'video',
): Promise<FlowStats | null> {
  const rows = [...(await pc.getStats()).values()];
  const row = rows.find((one) => one.type === direction && one.kind === kind);
  if (!row) return null;
  const codec = rows.find(({ id }) => id === row.codecId);
  const isInbound = direction === 'inbound-rtp';
  return {
    codec: codec?.mimeType?.toLowerCase() ?? '',
    bytes: isInbound ? row.bytesReceived : row.bytesSent,
    packets: isInbound ? row.packetsReceived : row.packetsSent,
    ...(kind === 'video' && { frames: isInbound ? row.framesDecoded : row.framesEncoded }),
  };
}

/** Three layers of one video go out. */
export async function sendLayers(pc: any, context: StepContext, rids: string[]): Promise<void> {
  const { stream, close } = await context.media.openStudio(context.flow.card, {
    audio: false,
    width: 640,
    height: 480,
  });
  context.flow.close.push(close);
  // Little enough for the first estimate of a network.
  const sendEncodings = rids.map((rid, index) => ({
    rid,
    scaleResolutionDownBy: 2 ** (rids.length - 1 - index),
    maxBitrate: 60_000 * 2 ** index,
  }));
  pc.addTransceiver(stream.getVideoTracks()[0], { direction: 'sendonly', streams: [stream], sendEncodings });
}

/** A picture of 960 x 540 goes out in spatial layers. */
export async function sendSpatialLayers(pc: any, context: StepContext, scalabilityMode: string): Promise<void> {
  const { stream, close } = await context.media.openStudio(context.flow.card, {
    audio: false,
    width: 960,
    height: 540,
  });
  context.flow.close.push(close);
  const sendEncodings = [{ scalabilityMode }];
  pc.addTransceiver(stream.getVideoTracks()[0], { direction: 'sendonly', streams: [stream], sendEncodings });
}

/** Ours only: how many spatial layers the next picture has that comes. */
export async function layersReceived(pc: any, context: StepContext): Promise<number> {
  const { receiver } = pc.getTransceivers().find((one: any) => one.receiver.track.kind === 'video');
  return context.media.layersReceived(receiver);
}

/** Another card, of another size, in place of the one that is sent. */
export async function replaceVideo(
  pc: any,
  context: StepContext,
  settings: { width: number; height: number },
): Promise<void> {
  const { stream, close } = await context.media.openStudio(context.flow.card, { ...settings, audio: false });
  const sender = pc.getSenders().find(({ track }: any) => track?.kind === 'video');
  await sender.replaceTrack(stream.getVideoTracks()[0]);
  context.flow.endStudio();
  context.flow.endStudio = close;
}

/** Rows of getStats() of one type, when all of `members` are in so many of them. */
export async function statsWith(
  pc: any,
  _: StepContext,
  type: string,
  members: string[],
  count: number,
  timeoutMs = 10_000,
): Promise<any[]> {
  const end = performance.now() + timeoutMs;
  for (;;) {
    const rows = [...(await pc.getStats()).values()].filter((row: any) => row.type === type);
    const whole = rows.filter((row) => members.every((member) => row[member] !== undefined));
    if (whole.length >= count) return whole;
    if (performance.now() > end) throw new Error(`${type}: ${JSON.stringify(rows)}`);
    await new Promise((done) => setTimeout(done, 50));
  }
}

/** Seconds to the sender and back, as who only receives has measured them; the mean. */
export async function receiverRoundTrip(pc: any, _: StepContext, kind: string): Promise<number> {
  const end = performance.now() + 20_000; // Chromium measures with its reports: of sound each five seconds
  for (;;) {
    const rows = [...(await pc.getStats()).values()].filter((row: any) => row.type === 'remote-outbound-rtp');
    const row = rows.find((one) => one.kind === kind && one.roundTripTimeMeasurements > 0);
    if (row) return row.totalRoundTripTime / row.roundTripTimeMeasurements;
    if (performance.now() > end) throw new Error(`no round trip: ${JSON.stringify(rows)}`);
    await new Promise((done) => setTimeout(done, 50));
  }
}
