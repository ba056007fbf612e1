import type { MediaTrackCapabilities } from '../webidl/generated/dictionaries';
import { type PropertyName, type PropertyValue, constrainableProperties } from './constrainable-properties';
import type { Constraint } from './constraint';

/** The values that a property can take: some, the one that is taken without constraints first … */
interface Choice {
  readonly values: readonly PropertyValue[];
}

/** … or all numbers between two. */
interface Range {
  readonly min: number;
  readonly max: number;
  /** Taken without constraints, as near as they let it be. */
  readonly preferred: number;
  readonly integer?: boolean;
}

export type Domain = Choice | Range;

/**
 * One way to run a source: what each of its properties can be. It stands for all the settings dictionaries with values
 * out of these domains, except that aspectRatio is width by height (picture-shape.ts).
 */
export type Configuration = Readonly<Partial<Record<PropertyName, Domain>>>;

export function isChoice(domain: Domain): domain is Choice {
  return 'values' in domain;
}

/** The smallest and the largest number of a domain. */
export function boundsOf(domain: Domain): { min: number; max: number } {
  if (!isChoice(domain)) return domain;
  const numbers = domain.values.map(Number);
  return { min: Math.min(...numbers), max: Math.max(...numbers) };
}

/** The part of a domain that satisfies what a constraint requires; null when nothing of it does. */
export function narrow(domain: Domain, { exact, min, max }: Constraint): Domain | null {
  if (isChoice(domain)) {
    const values = domain.values.filter(
      (value) => (exact?.includes(value) ?? true) && !(Number(value) < min) && !(Number(value) > max),
    );
    return values.length > 0 ? { ...domain, values } : null;
  }
  const round = domain.integer ? { up: Math.ceil, down: Math.floor } : { up: Number, down: Number };
  const wanted = exact?.map(Number) ?? [];
  const low = round.up(Math.max(domain.min, min, ...wanted));
  const high = round.down(Math.min(domain.max, max, ...wanted));
  return low <= high ? { ...domain, min: low, max: high } : null;
}

/** https://w3c.github.io/mediacapture-main/#media-track-capabilities of a source that can be run in these ways. */
export function capabilitiesOf(configurations: readonly Configuration[]): MediaTrackCapabilities {
  const result: Record<string, unknown> = {};
  for (const name of Object.keys(configurations[0] ?? {}) as PropertyName[]) {
    const domains = configurations.flatMap((each) => each[name] ?? []);
    const { capability } = constrainableProperties[name];
    if (capability === 'range') {
      const bounds = domains.map(boundsOf);
      const min = Math.min(...bounds.map((each) => each.min));
      const max = Math.max(...bounds.map((each) => each.max));
      // Every frame rate down to none at all can be had by leaving out frames.
      result[name] = { max, min: name === 'frameRate' ? Math.floor(min) : min };
    } else if (capability !== null) {
      const values = [...new Set(domains.flatMap((domain) => (isChoice(domain) ? domain.values : [])))];
      result[name] = capability === 'single' ? values[0] : values;
    }
  }
  return result;
}
