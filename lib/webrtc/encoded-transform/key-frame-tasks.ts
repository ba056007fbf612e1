import type { DOMExceptionName } from '../../dom/dom-exception';

/** An exception on its way through a thread boundary. */
export interface Refusal {
  readonly name: DOMExceptionName | 'TypeError';
  readonly message: string;
}

export type Settle = (refusal: Refusal | null) => void;

/** [[pendingKeyFrameTasks]]; layers are named by their rid, '' without one. */
export class KeyFrameTasks {
  #tasks: { readonly layers: Set<string>; readonly settle: Settle }[] = [];

  /** @returns the layers that nobody waits for yet */
  add(layers: readonly string[], settle: Settle): string[] {
    const fresh = layers.filter((layer) => !this.#tasks.some((task) => task.layers.has(layer)));
    // Of layers that others wait for, too, the draft takes none into the task, which then never ends.
    this.#tasks.push({ layers: new Set(layers), settle });
    return fresh;
  }

  /** A key frame of that layer comes: tasks that have waited for the last of theirs are done. */
  keyFrame(layer: string): void {
    const done = this.#tasks.filter(({ layers }) => layers.delete(layer) && layers.size === 0);
    this.#tasks = this.#tasks.filter((task) => !done.includes(task));
    for (const { settle } of done) settle(null);
  }

  /** Their promises stay as they are, as in the draft: no key frame of theirs will come. */
  forget(): void {
    this.#tasks = [];
  }
}
