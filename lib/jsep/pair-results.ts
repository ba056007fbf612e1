/**
 * What was worked out of two things that stay as they are, and that many sections have in common: it is worked out once for
 * all of them, and forgotten with either.
 */
export class PairResults<First extends object, Second extends object, Result> {
  readonly #results = new WeakMap<First, WeakMap<Second, Result>>();

  get(first: First, second: Second, make: () => Result): Result {
    let ofFirst = this.#results.get(first);
    if (ofFirst === undefined) this.#results.set(first, (ofFirst = new WeakMap()));
    let result = ofFirst.get(second);
    if (result === undefined) ofFirst.set(second, (result = make()));
    return result;
  }
}
