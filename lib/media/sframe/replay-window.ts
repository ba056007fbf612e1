/**
 * Which counters of a key were seen (https://www.rfc-editor.org/rfc/rfc3711#section-3.3.2, as RFC 9605 section 9.3
 * suggests): the latest, and those shortly before it. What is older than the window counts as seen.
 */
export class ReplayWindow {
  static readonly size = 1024n;

  #latest = -1n;
  /** Bit n: latest - n was seen. */
  #seen = 0n;

  has(counter: bigint): boolean {
    if (counter > this.#latest) return false;
    const age = this.#latest - counter;
    return age >= ReplayWindow.size || ((this.#seen >> age) & 1n) === 1n;
  }

  add(counter: bigint): void {
    if (counter <= this.#latest) {
      this.#seen |= 1n << (this.#latest - counter);
      return;
    }
    const step = counter - this.#latest;
    this.#seen = step >= ReplayWindow.size ? 1n : BigInt.asUintN(Number(ReplayWindow.size), this.#seen << step) | 1n;
    this.#latest = counter;
  }
}
