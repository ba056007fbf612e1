import { queueTask } from '../dom/queue-task';

/**
 * What comes for a channel before its `open` is fired, in order. Afterwards each is a task of its own, so that what an
 * `open` listener awaits comes in between; and so is what comes before the last of them has run: it is queued at once, and
 * the loop runs all that has been queued before it asks for more, so that a flood is behind no longer than its program.
 */
export class HeldDeliveries {
  #waiting: (() => void)[] | null = [];
  #queued = 0;
  readonly #onEnd: () => void;

  /** @param onEnd nothing is held any more; called before the last delivery runs */
  constructor(onEnd: () => void) {
    this.#onEnd = onEnd;
  }

  push(deliver: () => void): void {
    if (this.#waiting) this.#waiting.push(deliver);
    else this.#queue(deliver);
  }

  /** `open` has been fired, or never will be. */
  release(): void {
    const waiting = this.#waiting ?? [];
    this.#waiting = null;
    if (waiting.length === 0) this.#onEnd();
    for (const deliver of waiting) this.#queue(deliver);
  }

  #queue(deliver: () => void): void {
    this.#queued++;
    queueTask(() => {
      if (--this.#queued === 0) this.#onEnd();
      deliver();
    });
  }
}
