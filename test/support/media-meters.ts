/**
 * What arrived, frame by frame and block by block, and promises for what is to arrive. Each of these functions uses
 * nothing outside of itself: a page gets it as text.
 */
import type { Picture, SeenPicture, TestCard } from './test-card';

/** One picture and when it was shown, in milliseconds of any one clock. */
export interface SeenFrame extends SeenPicture {
  time: number;
  width: number;
  height: number;
}

export interface VideoMeter {
  readonly frames: SeenFrame[];
  push(picture: Picture, time: number): void;
  /** When flashes began. */
  flashes(): number[];
  /** Resolves as soon as `isEnough` holds, with whether it ever did. */
  until(isEnough: () => boolean, timeoutMs: number): Promise<boolean>;
}

export function videoMeter(card: TestCard): VideoMeter {
  const frames: SeenFrame[] = [];
  const waiting = new Set<() => void>();
  return {
    frames,
    push(picture, time) {
      frames.push({ ...card.look(picture), time, width: picture.width, height: picture.height });
      for (const look of waiting) look();
    },
    flashes: () =>
      frames.flatMap((frame, index) => {
        const before = frames[index - 1];
        return frame.isFlash && before && !before.isFlash && frame.time - before.time < 120 ? [frame.time] : [];
      }),
    until: (isEnough, timeoutMs) =>
      new Promise((resolve) => {
        const done = (was: boolean) => {
          clearTimeout(timer);
          waiting.delete(look);
          resolve(was);
        };
        const look = () => {
          if (isEnough()) done(true);
        };
        const timer = setTimeout(() => done(isEnough()), timeoutMs);
        waiting.add(look);
        look();
      }),
  };
}

/** A tenth of a second of sound. */
export interface SeenSound {
  time: number;
  /** The strongest frequency, within 10 Hz. */
  hertz: number;
  /** Which part of the power is at that frequency, and at those within 20 Hz. */
  purity: number;
  /** Root of the mean square, full scale being 1. */
  level: number;
  isBeep: boolean;
}

export interface SoundMeter {
  readonly sounds: SeenSound[];
  /** When beeps began. */
  readonly beeps: number[];
  /** @param samples of one channel, full scale being 1 @param time when the first of them sounds, or later */
  push(samples: Float32Array, sampleRate: number, time: number): void;
  until(isEnough: () => boolean, timeoutMs: number): Promise<boolean>;
}

export function soundMeter(): SoundMeter {
  const beepHertz = 1000;
  /** A third of what is sent: codecs let sounds rise slowly. */
  const beepLevel = 0.1;
  const sounds: SeenSound[] = [];
  const beeps: number[] = [];
  const waiting = new Set<() => void>();
  let rate = 0;
  /** What has not made a full piece yet, and when its first sample sounds. */
  let short = { samples: [] as number[], time: 0 };
  let long = { samples: [] as number[], time: 0, isBeep: false };
  let lastLoud = -Infinity;
  /** Of all that came, in milliseconds, and when its first sample sounded at the earliest that any piece lets think. */
  let played = 0;
  let origin = Infinity;

  /** The amplitude at one frequency (Goertzel's algorithm). */
  function amplitude(samples: ArrayLike<number>, hertz: number, sampleRate = rate): number {
    const turn = 2 * Math.cos((2 * Math.PI * hertz) / sampleRate);
    let one = 0;
    let two = 0;
    for (let at = 0; at < samples.length; at++) {
      const next = samples[at]! + turn * one - two;
      two = one;
      one = next;
    }
    return (2 * Math.sqrt(Math.max(0, one * one + two * two - turn * one * two))) / samples.length;
  }

  function lookForBeep({ samples, time }: { samples: number[]; time: number }): void {
    if (amplitude(samples, beepHertz) < beepLevel) return;
    if (time - lastLoud > 300) beeps.push(time);
    lastLoud = time;
    long.isBeep = true;
  }

  function analyse({ samples, time, isBeep }: { samples: number[]; time: number; isBeep: boolean }): SeenSound {
    const power = samples.reduce((sum, one) => sum + one * one, 0) / samples.length;
    // The tones are low: 8 kHz is enough to find them, and quicker.
    const step = Math.max(1, Math.floor(rate / 8000));
    const fewer: number[] = [];
    for (let at = 0; at + step <= samples.length; at += step) {
      let sum = 0;
      for (let index = at; index < at + step; index++) sum += samples[index]!;
      fewer.push(sum / step);
    }
    let [best, hertz] = [0, 0];
    for (let candidate = 100; candidate < 3000; candidate += 10) {
      const found = amplitude(fewer, candidate, rate / step);
      if (found > best) [best, hertz] = [found, candidate];
    }
    return { time, hertz, purity: power > 0 ? (best * best) / 2 / power : 0, level: Math.sqrt(power), isBeep };
  }

  return {
    sounds,
    beeps,
    push(samples, sampleRate, time) {
      if (sampleRate !== rate) {
        rate = sampleRate;
        short = { samples: [], time };
        long = { samples: [], time, isBeep: false };
      }
      // Sound is even, and those who hand it over may be late: what comes soonest tells when all of it sounds.
      origin = time - played - origin > 1000 ? time - played : Math.min(origin, time - played);
      const begin = origin + played;
      played += (samples.length * 1000) / rate;
      for (let at = 0; at < samples.length; at++) {
        const now = begin + (at * 1000) / rate;
        if (short.samples.length === 0) short.time = now;
        if (long.samples.length === 0) long.time = now;
        short.samples.push(samples[at]!);
        long.samples.push(samples[at]!);
        if (short.samples.length >= rate / 250) {
          lookForBeep(short);
          short.samples = [];
        }
        if (long.samples.length >= rate / 10) {
          sounds.push(analyse(long));
          long = { samples: [], time: 0, isBeep: false };
        }
      }
      for (const look of waiting) look();
    },
    until: (isEnough, timeoutMs) =>
      new Promise((resolve) => {
        const done = (was: boolean) => {
          clearTimeout(timer);
          waiting.delete(look);
          resolve(was);
        };
        const look = () => {
          if (isEnough()) done(true);
        };
        const timer = setTimeout(() => done(isEnough()), timeoutMs);
        waiting.add(look);
        look();
      }),
  };
}
