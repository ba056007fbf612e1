/** Far more than one sender or receiver has at a time. */
const mostStreams = 32;

/**
 * Something of each stream, by its SSRC: of those that were set last, as a peer can begin any number of streams, and need not
 * end one.
 */
export class LatestStreams<Value> {
  readonly #values = new Map<number, Value>();

  get(ssrc: number): Value | undefined {
    return this.#values.get(ssrc);
  }

  set(ssrc: number, value: Value): void {
    this.#values.delete(ssrc);
    this.#values.set(ssrc, value);
    if (this.#values.size > mostStreams) this.#values.delete(this.#values.keys().next().value as number);
  }

  delete(ssrc: number): void {
    this.#values.delete(ssrc);
  }

  clear(): void {
    this.#values.clear();
  }
}
