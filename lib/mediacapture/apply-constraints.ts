import type { MediaTrackConstraints, MediaTrackSettings } from '../webidl/generated/dictionaries';
import { type Configuration, isChoice } from './configuration';
import type { PropertyName, PropertyValue } from './constrainable-properties';
import type { TrackSlots } from './MediaStreamTrack';
import { shapeNativeTrack } from './native-track';
import { selectSettings } from './select-settings';

/** Width and height go together, and the ratio with them. */
const shape: readonly string[] = ['width', 'height', 'aspectRatio'];

/** Of the settings that were chosen, those that the source does not have by itself. */
function changedSettings(chosen: MediaTrackSettings, own: Configuration): MediaTrackSettings {
  const entries = Object.entries(chosen) as [PropertyName, PropertyValue][];
  const changed = entries.flatMap(([name, value]) => {
    const domain = own[name];
    return domain && isChoice(domain) && domain.values.includes(value) ? [] : name;
  });
  const isShaped = changed.includes('width') || changed.includes('height');
  return Object.fromEntries(entries.filter(([name]) => (shape.includes(name) ? isShaped : changed.includes(name))));
}

/**
 * Constrains the track whose internal slots these are: https://w3c.github.io/mediacapture-main/#dfn-applyconstraints-algorithm
 * @returns the name of the constraint that failed ('' when none by itself is to blame); undefined when all went well
 */
export function applyConstraints(slots: TrackSlots, constraints: MediaTrackConstraints): string | undefined {
  const { source } = slots;
  // 1. Let successfulSettings be the result of running the SelectSettings algorithm with newConstraints. A source of which
  // nothing is known but its media has no property that a constraint could require.
  const configurations = source.configurations?.() ?? [{}];
  const selection = selectSettings(configurations, constraints, source.kind);
  // 2. If successfulSettings is undefined, return the constraint that failed.
  if ('failedConstraint' in selection) return selection.failedConstraint;
  // 3. Apply newConstraints, and apply successfulSettings as the current settings.
  slots.constraints = constraints;
  const { settings } = selection;
  slots.settings = source.isVariable ? changedSettings(settings, configurations[0] ?? {}) : settings;
  if (slots.native) shapeNativeTrack(slots.native, slots.settings);
  source.adapt?.();
  // 4. Return undefined.
  return undefined;
}
