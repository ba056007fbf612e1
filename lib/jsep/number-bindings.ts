/**
 * What numbers mean in a session: payload types and identifiers of header extensions. Once negotiated, a number never means
 * anything else in what we offer, whatever section it stands in, so that sections can always be bundled.
 */

/** What each number has meant, in any section and on either side. More than one meaning without BUNDLE, and from Firefox. */
export type NumberBindings = ReadonlyMap<number, ReadonlySet<string>>;

export interface Binding {
  readonly number: number;
  readonly meaning: string;
}

export function withBindings(bindings: NumberBindings, more: readonly Binding[]): NumberBindings {
  const added = more.filter(({ number, meaning }) => bindings.get(number)?.has(meaning) !== true);
  if (added.length === 0) return bindings;
  const result = new Map(bindings);
  for (const { number, meaning } of added) result.set(number, new Set([...(result.get(number) ?? []), meaning]));
  return result;
}

/** Gives numbers to the meanings of one description. */
export class NumberAllocation {
  readonly #bindings: NumberBindings;
  readonly #pool: () => readonly number[];
  readonly #numbers = new Map<string, number>();
  readonly #used = new Map<number, string>();

  /** @param pool gives numbers for what has none of its own, best first */
  constructor(bindings: NumberBindings, pool: () => readonly number[]) {
    this.#bindings = bindings;
    this.#pool = pool;
    for (const [number, meanings] of bindings) {
      const [meaning] = meanings;
      if (meanings.size === 1 && !this.#numbers.has(meaning!)) this.#numbers.set(meaning!, number);
    }
  }

  /**
   * @param own what the section has used for it until now
   * @returns null when all numbers are taken
   */
  take(meaning: string, own: number | undefined, preferred: number): number | null {
    const isOurs = (number: number | undefined): number is number =>
      number !== undefined && (this.#used.get(number) ?? meaning) === meaning;
    const known = this.#numbers.get(meaning);
    const found = isOurs(own) ? own : isOurs(known) ? known : this.#free(preferred);
    if (found === null) return null;
    this.#used.set(found, meaning);
    if (!this.#numbers.has(meaning)) this.#numbers.set(meaning, found);
    return found;
  }

  #free(preferred: number): number | null {
    const isFree = (number: number): boolean => !this.#used.has(number) && !this.#bindings.has(number);
    return isFree(preferred) ? preferred : (this.#pool().find(isFree) ?? null);
  }
}
