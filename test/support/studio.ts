/** A camera and a microphone of a program: test cards and sounds in real time, of one clock. */
import { testCard, type Picture } from './test-card';

/** The sound of a studio: a tone, and a beep of 1 kHz in the first tenth of each second, when the card flashes. */
export interface Sound {
  samples: Int16Array;
  sampleRate: number;
  channels: number;
}

export interface StudioSettings {
  width?: number;
  height?: number;
  framesPerSecond?: number;
  /** A multiple of 10. */
  hertz?: number;
  sampleRate?: number;
  channels?: number;
}

/** `time`: milliseconds since the studio began. */
export interface StudioTakers {
  picture?(picture: Picture, time: number, number: number): void;
  sound?(sound: Sound, time: number): void;
}

export const flashMs = 100;

/** Every hundredth of a second of the sound, `index` being which one. */
export function soundOf(index: number, { hertz = 440, sampleRate = 48_000, channels = 1 }: StudioSettings = {}): Sound {
  const frames = sampleRate / 100;
  const samples = new Int16Array(frames * channels);
  for (let at = 0; at < frames; at++) {
    const time = (index * frames + at) / sampleRate;
    const beep = time % 1 < flashMs / 1000 ? 0.4 * Math.sin(2 * Math.PI * 1000 * time) : 0;
    for (let channel = 0; channel < channels; channel++) {
      // A fifth higher with each channel.
      const tone = 0.15 * Math.sin(2 * Math.PI * hertz * 1.5 ** channel * time);
      samples[at * channels + channel] = Math.round(32_767 * (beep + tone));
    }
  }
  return { samples, sampleRate, channels };
}

export class Studio {
  readonly takers: StudioTakers[] = [];
  readonly settings: Required<StudioSettings>;
  readonly #card = testCard();
  readonly #start = performance.now();
  readonly #timer: NodeJS.Timeout;
  #sounds = 0;
  #pictures = 0;

  constructor(settings: StudioSettings = {}) {
    this.settings = {
      width: 320,
      height: 240,
      framesPerSecond: 25,
      hertz: 440,
      sampleRate: 48_000,
      channels: 1,
      ...settings,
    };
    this.#timer = setInterval(() => this.#work(), 5);
  }

  #work(): void {
    const elapsed = performance.now() - this.#start;
    for (; (this.#sounds + 1) * 10 <= elapsed; this.#sounds++) {
      if (!this.takers.some(({ sound }) => sound)) continue;
      const sound = soundOf(this.#sounds, this.settings);
      for (const taker of this.takers) taker.sound?.(sound, this.#sounds * 10);
    }
    const interval = 1000 / this.settings.framesPerSecond;
    // Who comes late leaves pictures out, as cameras do.
    const due = Math.floor(elapsed / interval);
    if (due < this.#pictures) return;
    this.#pictures = due + 1;
    if (!this.takers.some(({ picture }) => picture)) return;
    const time = due * interval;
    const { width, height } = this.settings;
    const picture = this.#card.draw(width, height, due, time % 1000 < flashMs);
    for (const taker of this.takers) taker.picture?.(picture, time, due);
  }

  close(): void {
    clearInterval(this.#timer);
  }
}
