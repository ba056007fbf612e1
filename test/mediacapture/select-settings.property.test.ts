import fc from 'fast-check';
import { cameraConfigurations } from '../../lib/mediacapture/camera-configurations';
import { selectSettings } from '../../lib/mediacapture/select-settings';
import type { MediaTrackConstraintSet, MediaTrackConstraints } from '../../lib/webidl/generated/dictionaries';

/** A camera so small that every settings dictionary of it can be listed. */
const modes = [
  { width: 8, height: 6, frameRates: [30, 15] },
  { width: 12, height: 5, frameRates: [20] },
];
const configurations = cameraConfigurations({ facingMode: { values: ['user'] } }, modes);
/** The rates that constraints speak of, and the native ones; decimation gives all those below. */
const rates = [5, 10, 15, 20, 25, 30];

type Settings = Readonly<Record<string, number | string>>;

function* everySettingsDictionary(): Generator<Settings> {
  for (const { width, height, frameRates } of modes) {
    const native = { facingMode: 'user', width, height, aspectRatio: Number((width / height).toFixed(10)) };
    for (const frameRate of frameRates) yield { ...native, resizeMode: 'none', frameRate };
    for (let w = 1; w <= width; w += 1) {
      for (let h = 1; h <= height; h += 1) {
        for (const frameRate of rates.filter((rate) => rate <= Math.max(...frameRates))) {
          yield {
            ...native,
            resizeMode: 'crop-and-scale',
            width: w,
            height: h,
            aspectRatio: Number((w / h).toFixed(10)),
            frameRate,
          };
        }
      }
    }
  }
}
const all = [...everySettingsDictionary()];

/** https://w3c.github.io/mediacapture-main/#dfn-fitness-distance, word by word. */
function fitnessDistance(settings: Settings, set: MediaTrackConstraintSet, bare: 'ideal' | 'exact'): number {
  let sum = 0;
  for (const [name, value] of Object.entries(set)) {
    const constraint = (typeof value === 'object' ? value : { [bare]: value as unknown }) as {
      exact?: number | string;
      ideal?: number | string;
      min?: number;
      max?: number;
    };
    const actual = settings[name]!;
    if (constraint.exact !== undefined && constraint.exact !== actual) return Infinity;
    if (constraint.min !== undefined && Number(actual) < constraint.min) return Infinity;
    if (constraint.max !== undefined && Number(actual) > constraint.max) return Infinity;
    const { ideal } = constraint;
    if (ideal === undefined || ideal === actual) continue;
    if (typeof ideal === 'string' || typeof actual === 'string') sum += 1;
    else sum += Math.abs(actual - ideal) / Math.max(Math.abs(actual), Math.abs(ideal));
  }
  return sum;
}

/** https://w3c.github.io/mediacapture-main/#dfn-selectsettings, over every settings dictionary. */
function selectByTheLetter({ advanced = [], ...basic }: MediaTrackConstraints): { best: number; left: Settings[] } {
  let left = all.filter((settings) => fitnessDistance(settings, basic, 'ideal') < Infinity);
  for (const set of advanced) {
    const kept = left.filter((settings) => fitnessDistance(settings, set, 'exact') < Infinity);
    if (kept.length > 0) left = kept;
  }
  return { best: Math.min(...left.map((settings) => fitnessDistance(settings, basic, 'ideal'))), left };
}

const numeric = (values: fc.Arbitrary<number>) =>
  fc.oneof(values, fc.record({ exact: values, ideal: values, min: values, max: values }, { requiredKeys: [] }));
const text = (...values: string[]) =>
  fc.oneof(
    fc.constantFrom(...values),
    fc.record({ exact: fc.constantFrom(...values), ideal: fc.constantFrom(...values) }, { requiredKeys: [] }),
  );
const constraintSet = fc.record(
  {
    width: numeric(fc.integer({ min: 0, max: 14 })),
    height: numeric(fc.integer({ min: 0, max: 8 })),
    frameRate: numeric(fc.constantFrom(...rates, 40)),
    resizeMode: text('none', 'crop-and-scale', 'other'),
    facingMode: text('user', 'left'),
  },
  { requiredKeys: [] },
);
/** Required ratios are met to the nearest pixel, which the letter does not say: only ideal ones are compared. */
const constraints = fc
  .tuple(
    constraintSet,
    fc.option(fc.double({ min: 0.2, max: 6, noNaN: true })),
    fc.array(constraintSet, { maxLength: 3 }),
  )
  .map(([basic, ratio, advanced]): MediaTrackConstraints => ({
    ...basic,
    ...(ratio !== null && { aspectRatio: { ideal: ratio } }),
    advanced,
  }));

/** Thirty times as many find nothing more, and take half a minute. */
const RUNS = 600;

describe('SelectSettings over ranges', () => {
  it('finds what the specification finds over every settings dictionary', () => {
    fc.assert(
      fc.property(constraints, (given) => {
        const { best, left } = selectByTheLetter(given);
        const selection = selectSettings(configurations, given, 'video');
        expect('settings' in selection).toBe(left.length > 0);
        if (!('settings' in selection)) return;
        expect(selection.fitnessDistance).toBeCloseTo(best, 8);
        const { width, height, frameRate, resizeMode } = selection.settings;
        expect(left).toContainEqual(expect.objectContaining({ width, height, frameRate, resizeMode }));
      }),
      { numRuns: RUNS },
    );
  });
});
