import type {
  MediaTrackConstraintSet,
  MediaTrackConstraints,
  MediaTrackSettings,
} from '../webidl/generated/dictionaries';
import { type Configuration, type Domain, isChoice, narrow } from './configuration';
import { type PropertyName, type PropertyValue, constrainableProperties } from './constrainable-properties';
import { type Constraint, idealDistance, isRequired, readConstraintSet } from './constraint';
import { aspectRatioOf, bestShape, distortion, hasShape } from './picture-shape';

type Kind = 'audio' | 'video';
type ReadSet = readonly [PropertyName, Constraint][];

/** What came of it: settings, or the name of a constraint that cannot be met ('' when none by itself is to blame). */
export type Selection =
  | { readonly settings: MediaTrackSettings; readonly fitnessDistance: number }
  | { readonly failedConstraint: PropertyName | '' };

/** Longer strings are no identifiers of ours; browsers refuse them too. */
const longestString = 500;

/** The part of a configuration that satisfies all constraints of a set; null when nothing of it does. */
function narrowBySet(configuration: Configuration, set: ReadSet): Configuration | null {
  const result: Partial<Record<PropertyName, Domain>> = { ...configuration };
  for (const [name, constraint] of set) {
    if (!isRequired(constraint) || constrainableProperties[name].advisory) continue;
    const domain = result[name];
    const narrower = domain && narrow(domain, constraint);
    if (!narrower) return null;
    result[name] = narrower;
  }
  return hasShape(result) ? result : null;
}

function narrowAll(configurations: readonly Configuration[], set: ReadSet): Configuration[] {
  return configurations.flatMap((configuration) => narrowBySet(configuration, set) ?? []);
}

/** "Any required constraint whose fitness distance was infinity for all settings dictionaries", or ''. */
function findFailedConstraint(configurations: readonly Configuration[], basic: ReadSet): PropertyName | '' {
  const required = basic.filter(([, constraint]) => isRequired(constraint));
  const impossible = required.find((each) => narrowAll(configurations, [each]).length === 0);
  if (impossible) return impossible[0];
  // Each can be met by itself, so they contradict one another. The one that is too much tells more than ''.
  const tooMuch = required.find((_, index) => narrowAll(configurations, required.slice(0, index + 1)).length === 0);
  return tooMuch ? tooMuch[0] : '';
}

function tooLongString(basic: ReadSet): PropertyName | undefined {
  const isTooLong = (value: PropertyValue) => typeof value === 'string' && value.length > longestString;
  return basic.find(([, { exact, ideal }]) => [...(exact ?? []), ...(ideal ?? [])].some(isTooLong))?.[0];
}

function preferredOf(domain: Domain | undefined): number {
  if (!domain) return 0;
  return isChoice(domain) ? Number(domain.values[0]) : domain.preferred;
}

/** The value of a domain that is nearest to the ideal one, or else the preferred one. */
function pickValue(domain: Domain, ideal: readonly PropertyValue[] | null): PropertyValue | undefined {
  if (!isChoice(domain)) {
    const wanted = typeof ideal?.[0] === 'number' ? ideal[0] : domain.preferred;
    return Math.min(Math.max(wanted, domain.min), domain.max);
  }
  const [wanted] = ideal ?? [];
  if (typeof wanted !== 'number') return domain.values.find((value) => ideal?.includes(value)) ?? domain.values[0];
  const far = (value: PropertyValue) => Math.abs(Number(value) - wanted);
  return domain.values.reduce((best, value) => (far(value) < far(best) ? value : best));
}

interface Candidate {
  readonly settings: MediaTrackSettings;
  /** Fitness distance, whether the picture is scaled, and how much: compared in this order. */
  readonly costs: readonly [number, number, number];
}

/** The settings dictionary with the smallest fitness distance among those that a configuration stands for. */
function bestSettings(configuration: Configuration, native: Configuration, basic: ReadSet, kind: Kind): Candidate {
  const constraints = new Map(basic);
  const ideal = (name: PropertyName) => constraints.get(name)?.ideal?.map(Number)[0];
  const settings: Partial<Record<PropertyName, PropertyValue | undefined>> = {};
  for (const [name, domain] of Object.entries(configuration) as [PropertyName, Domain][]) {
    settings[name] = pickValue(domain, constraints.get(name)?.ideal ?? null);
  }
  const nativeShape = { width: preferredOf(native.width), height: preferredOf(native.height) };
  const idealShape = { width: ideal('width'), height: ideal('height'), aspectRatio: ideal('aspectRatio') };
  const shape = bestShape(configuration, nativeShape, idealShape);
  if (shape) Object.assign(settings, shape, { aspectRatio: aspectRatioOf(shape) });
  const distances = basic.map(([name, constraint]) => idealDistance(name, constraint, settings[name], kind));
  return {
    settings: settings as MediaTrackSettings,
    costs: [
      distances.reduce((sum, each) => sum + each, 0),
      settings.resizeMode === 'crop-and-scale' ? 1 : 0,
      shape ? distortion(shape, nativeShape) : 0,
    ],
  };
}

/** Whether the first candidate is better; of equals, the earlier one stays. */
function isBetter({ costs }: Candidate, other: Candidate): boolean {
  const difference = costs.findIndex((cost, index) => cost !== other.costs[index]);
  return difference >= 0 && (costs[difference] ?? 0) < (other.costs[difference] ?? 0);
}

/**
 * https://w3c.github.io/mediacapture-main/#dfn-selectsettings, over ranges of values instead of over every settings
 * dictionary: "any implementation that has the same result as the algorithm above is an allowed implementation".
 * `configurations` are in the order of preference.
 */
export function selectSettings(
  configurations: readonly Configuration[],
  constraints: MediaTrackConstraints,
  kind: Kind,
): Selection {
  // 3. For every possible settings dictionary compute its fitness distance, treating bare values as ideal values. Let
  // candidates be the set of settings dictionaries for which the fitness distance is finite.
  const basic = readConstraintSet(constraints, 'ideal');
  const tooLong = tooLongString(basic);
  if (tooLong) return { failedConstraint: tooLong };
  let candidates = configurations.flatMap((native) => {
    const configuration = narrowBySet(native, basic);
    return configuration ? [{ native, configuration }] : [];
  });
  // 4. If candidates is empty, return undefined.
  if (candidates.length === 0) return { failedConstraint: findFailedConstraint(configurations, basic) };
  // 5. Iterate over the 'advanced' ConstraintSets: keep what satisfies one, ignore it when nothing does.
  for (const set of constraints.advanced ?? []) {
    const required = readConstraintSet(set, 'exact');
    const kept = candidates.flatMap(({ native, configuration: before }) => {
      const configuration = narrowBySet(before, required);
      return configuration ? [{ native, configuration }] : [];
    });
    if (kept.length > 0) candidates = kept;
  }
  // 6. Select one settings dictionary with the smallest fitness distance, as calculated in step 3.
  const { settings, costs } = candidates
    .map(({ native, configuration }) => bestSettings(configuration, native, basic, kind))
    .reduce((best, each) => (isBetter(each, best) ? each : best));
  return { settings, fitnessDistance: costs[0] };
}

/** The constraints that tracks of a kind have; a required one of the others is passed over, not failed. */
export function constraintsForKind(constraints: MediaTrackConstraints, kind: Kind): MediaTrackConstraints {
  const strip = (set: MediaTrackConstraintSet): MediaTrackConstraintSet =>
    Object.fromEntries(
      Object.entries(set).filter(
        ([name]) => name !== 'advanced' && constrainableProperties[name as PropertyName].kinds.includes(kind),
      ),
    );
  return { ...strip(constraints), ...(constraints.advanced && { advanced: constraints.advanced.map(strip) }) };
}

/** The first required constraint of the basic set that may not choose a device, if there is one. */
export function forbiddenRequirement(constraints: MediaTrackConstraints): PropertyName | undefined {
  return readConstraintSet(constraints, 'ideal').find(
    ([name, constraint]) => isRequired(constraint) && !constrainableProperties[name].selects,
  )?.[0];
}
