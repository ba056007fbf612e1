import type { DOMExceptionName } from '../../dom/dom-exception';

/** An exception on its way through a thread boundary. */
export interface Refusal {
  readonly name: DOMExceptionName | 'TypeError';
  readonly message: string;
}

/** @param timestamp RTP, of the key frame that ended the waiting */
export type Settle = (refusal: Refusal | null, timestamp?: number) => void;

/** [[pendingKeyFrameTasks]]; layers are named by their rid, '' without one. */
export class KeyFrameTasks {
  #tasks: { readonly layers: Set<string>; readonly settle: Settle }[] = [];

  add(layers: readonly string[], settle: Settle): void {
    // Those that others wait for, too, the draft takes out of the task, which then never ends.
    this.#tasks.push({ layers: new Set(layers), settle });
  }

  /** A key frame of that layer comes: tasks that have waited for the last of theirs are done. */
  keyFrame(layer: string, timestamp: number): void {
    const done = this.#tasks.filter(({ layers }) => layers.delete(layer) && layers.size === 0);
    this.#tasks = this.#tasks.filter((task) => !done.includes(task));
    for (const { settle } of done) settle(null, timestamp);
  }

  /** Their promises stay as they are, as in the draft: no key frame of theirs will come. */
  forget(): void {
    this.#tasks = [];
  }
}
