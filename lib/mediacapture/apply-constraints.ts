import type { MediaTrackConstraints } from '../webidl/generated/dictionaries';
import type { TrackSlots } from './MediaStreamTrack';
import { shapeNativeTrack } from './native-track';
import { selectSettings } from './select-settings';

/**
 * Constrains the track whose internal slots these are: https://w3c.github.io/mediacapture-main/#dfn-applyconstraints-algorithm
 * @returns the name of the constraint that failed ('' when none by itself is to blame); undefined when all went well
 */
export function applyConstraints(slots: TrackSlots, constraints: MediaTrackConstraints): string | undefined {
  // 1. Let successfulSettings be the result of running the SelectSettings algorithm with newConstraints. A source of which
  // nothing is known but its media has no property that a constraint could require.
  const selection = selectSettings(slots.source.configurations?.() ?? [{}], constraints, slots.source.kind);
  // 2. If successfulSettings is undefined, return the constraint that failed.
  if ('failedConstraint' in selection) return selection.failedConstraint;
  // 3. Apply newConstraints, and apply successfulSettings as the current settings.
  slots.constraints = constraints;
  slots.settings = selection.settings;
  if (slots.native) shapeNativeTrack(slots.native, selection.settings);
  slots.source.adapt?.();
  // 4. Return undefined.
  return undefined;
}
