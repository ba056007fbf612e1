/** What has been read of texts lately: the same ones come again, in other sections and in the next description. */

/** Of a longer text nothing is kept: what peers say has no bound that memory should follow. */
const LONGEST_TEXT = 16 * 1024;

export class RecentReadings<Value> {
  readonly #readings = new Map<string, Value>();
  readonly #capacity: number;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** @param read gives plain data: what is kept is a copy, whose strings are no parts of the description and do not keep it */
  read(text: string, read: () => Value): Value {
    const known = this.#readings.get(text);
    if (known !== undefined) return known;
    if (text.length > LONGEST_TEXT) return read();
    const value = JSON.parse(JSON.stringify(read())) as Value;
    this.#readings.set(text, value);
    if (this.#readings.size > this.#capacity) this.#readings.delete(this.#readings.keys().next().value as string);
    return value;
  }
}
