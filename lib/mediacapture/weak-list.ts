/** Up to so many references nobody looks for lost ones; then whenever there are twice as many as were left. */
const fewest = 16;

/**
 * Things that a list does not keep alive, oldest first. What is lost is forgotten while others are added: finalizers would keep
 * all that was added, closed or not, over collections of young objects (docs/performance.md).
 */
export class WeakList<Item extends object> {
  readonly #references = new Set<WeakRef<Item>>();
  #limit = fewest;

  /** @returns what takes it out again, and does not keep it alive either */
  add(item: Item): () => boolean {
    if (this.#references.size >= this.#limit) this.#forgetLost();
    const reference = new WeakRef(item);
    const references = this.#references;
    references.add(reference);
    return () => references.delete(reference);
  }

  /** Those alive: a snapshot. */
  get items(): Item[] {
    return [...this.#references].flatMap((reference) => reference.deref() ?? []);
  }

  #forgetLost(): void {
    for (const reference of this.#references) {
      if (!reference.deref()) this.#references.delete(reference);
    }
    this.#limit = Math.max(fewest, this.#references.size * 2);
  }
}
