/** Microseconds by the engine's monotonic clock. */
export function engineTime(): number {
  return Number(process.hrtime.bigint() / 1000n);
}

/** The time within a file that several tracks play together: it stands still while nobody takes any of them. */
export class PlaybackClock {
  readonly #holders = new Set<object>();
  readonly #listeners: (() => void)[] = [];
  /** Engine's time at which the file began, or would have begun. */
  #origin: number | null = null;
  #position = 0;

  get isRunning(): boolean {
    return this.#origin !== null;
  }

  /** Calls the function once, when the clock starts. */
  onStart(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /** Somebody takes what `holder` plays, or nobody does any more. */
  hold(holder: object, wanted: boolean): void {
    if (wanted) this.#holders.add(holder);
    else this.#holders.delete(holder);
    if (this.#holders.size > 0 && this.#origin === null) {
      this.#origin = engineTime() - this.#position;
      for (const listener of this.#listeners.splice(0)) listener();
    } else if (this.#holders.size === 0 && this.#origin !== null) {
      this.#position = engineTime() - this.#origin;
      this.#origin = null;
    }
  }

  /** When what is at `position` microseconds in the file is due. */
  dueTime(position: number): number {
    return (this.#origin ?? engineTime()) + position;
  }

  /** What comes now is late by so much, because nothing could be had sooner: the file goes on from here. */
  delay(microseconds: number): void {
    if (this.#origin !== null) this.#origin += microseconds;
  }
}
