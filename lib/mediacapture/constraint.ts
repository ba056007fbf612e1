import type { MediaTrackConstraintSet } from '../webidl/generated/dictionaries';
import {
  type PropertyName,
  type PropertyValue,
  constrainableProperties,
  propertyNames,
} from './constrainable-properties';

/** A constraint, whichever way it was written. Without a requirement, exact is null, min and max are infinite. */
export interface Constraint {
  readonly exact: readonly PropertyValue[] | null;
  readonly min: number;
  readonly max: number;
  readonly ideal: readonly PropertyValue[] | null;
}

interface ConstraintDictionary {
  exact?: PropertyValue | PropertyValue[];
  ideal?: PropertyValue | PropertyValue[];
  min?: number;
  max?: number;
}

/** A list of values; an empty one is the same as no constraint. */
function listed(value: PropertyValue | PropertyValue[] | undefined): readonly PropertyValue[] | null {
  if (Array.isArray(value)) return value.length > 0 ? value : null;
  return value === undefined ? null : [value];
}

export type ConstraintValue = NonNullable<MediaTrackConstraintSet[keyof MediaTrackConstraintSet]>;

export function readConstraint(value: ConstraintValue, bareValuesAre: 'ideal' | 'exact'): Constraint {
  const isDictionary = typeof value === 'object' && !Array.isArray(value);
  const { exact, ideal, min, max }: ConstraintDictionary = isDictionary ? value : { [bareValuesAre]: value };
  return { exact: listed(exact), ideal: listed(ideal), min: min ?? -Infinity, max: max ?? Infinity };
}

export function isRequired({ exact, min, max }: Constraint): boolean {
  return exact !== null || min !== -Infinity || max !== Infinity;
}

/** The members of a constraint set, those that single out devices and modes first. */
export function readConstraintSet(
  set: MediaTrackConstraintSet,
  bareValuesAre: 'ideal' | 'exact',
): [PropertyName, Constraint][] {
  return propertyNames.flatMap((name) => {
    const value = set[name];
    return value === undefined ? [] : [[name, readConstraint(value, bareValuesAre)]];
  });
}

/**
 * The terms of https://w3c.github.io/mediacapture-main/#dfn-fitness-distance that are not infinite: how far a setting is from
 * what would be ideal.
 */
export function idealDistance(
  name: PropertyName,
  { ideal }: Constraint,
  actual: PropertyValue | undefined,
  kind: 'audio' | 'video',
): number {
  const { kinds, advisory } = constrainableProperties[name];
  // 3. The constraint does not apply for this type of object. 5. The settings dictionary has no such member. 6. No ideal.
  if (!kinds.includes(kind) || advisory) return 0;
  if (actual === undefined) return 1;
  if (ideal === null || ideal.includes(actual)) return 0;
  // 7. Positive numeric constraints. 8. String, enum and boolean constraints.
  const [wanted] = ideal;
  if (typeof actual !== 'number' || typeof wanted !== 'number') return 1;
  return Math.abs(actual - wanted) / Math.max(Math.abs(actual), Math.abs(wanted));
}
