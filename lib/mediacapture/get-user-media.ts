import { createDOMException } from '../dom/dom-exception';
import * as webidl from '../webidl';
import type { MediaStreamConstraints, MediaTrackConstraints } from '../webidl/generated/dictionaries';
import { applyConstraints } from './apply-constraints';
import type { DeviceRegistry, InputDevice } from './device-registry';
import { DeviceSource } from './device-source';
import { inParallel } from './in-parallel';
import { MediaStream } from './MediaStream';
import { type MediaStreamTrack, createTrack, trackSlotsOf } from './MediaStreamTrack';
import { overconstrained } from './OverconstrainedError';
import { constraintsForKind, forbiddenRequirement, selectSettings } from './select-settings';

export type MediaKind = 'audio' | 'video';

const context = webidl.operationContext('getUserMedia', 'MediaDevices');

interface Chosen {
  readonly device: InputDevice;
  readonly constraints: MediaTrackConstraints;
}

/** Steps 10.3 of the algorithm for one kind, and the choice that a user would make: the best match. */
function choose(devices: readonly InputDevice[], kind: MediaKind, wanted: boolean | MediaTrackConstraints): Chosen {
  // 1. If there is no candidate at all: NotFound Failure.
  if (devices.length === 0) {
    throw createDOMException(`There is no ${kind === 'audio' ? 'microphone' : 'camera'}.`, 'NotFoundError');
  }
  // 2. – 3. true means no constraint; those for the other kind of track are removed.
  const constraints = typeof wanted === 'object' ? constraintsForKind(wanted, kind) : {};
  // 4. A required constraint that may not choose a device: TypeError.
  const forbidden = forbiddenRequirement(constraints);
  if (forbidden) throw new TypeError(`${context}: '${forbidden}' cannot be required when a device is chosen.`);
  // 5. – 6. Run SelectSettings; when no candidate is left: Constraint Failure. All devices at once, so that 'advanced' sets
  // bear on which one is chosen.
  const selection = selectSettings(
    devices.flatMap((device) => device.configurations),
    constraints,
    kind,
  );
  if ('failedConstraint' in selection) throw overconstrained(selection.failedConstraint);
  // 7. – 8. A program needs no permission.
  const { deviceId } = selection.settings;
  const device = devices.find((each) => each.deviceId === deviceId);
  if (!device) throw createDOMException('The device is gone.', 'NotReadableError');
  // "If a hardware error such as an OS/program/webpage lock prevents access": NotReadable Failure. It starts with the first
  // frame that somebody takes.
  try {
    device.tryOut?.();
  } catch (error) {
    throw createDOMException(`${device.label}: ${(error as Error).message}`, 'NotReadableError');
  }
  return { device, constraints };
}

/** Steps 2 and 3: the media types with either a dictionary value or a value of true; a TypeError when there is none. */
export function requestedMediaTypes(constraints: MediaStreamConstraints): MediaKind[] {
  const types = (['audio', 'video'] as const).filter((kind) => constraints[kind] !== false);
  if (types.length === 0) throw new TypeError(`${context}: Must specify at least "audio" or "video"`);
  return types;
}

/**
 * https://w3c.github.io/mediacapture-main/#dom-mediadevices-getusermedia
 * @param granted is called before the promise resolves, when there is something to capture
 */
export async function getUserMedia(
  registry: DeviceRegistry,
  constraints: MediaStreamConstraints,
  types: readonly MediaKind[],
  granted: () => void,
): Promise<MediaStream> {
  // 4. – 9. Skipped: the document is active, in view and allowed to use everything. 10. Run in parallel:
  await inParallel();
  const chosen = types.map((kind) => ({
    kind,
    ...choose(
      registry.devices.filter((device): device is InputDevice => device.kind === `${kind}input`),
      kind,
      constraints[kind],
    ),
  }));
  // 4. – 8. Skipped: no permission to ask for. 9. Set the device information exposure with requestedMediaTypes and true.
  granted();
  // 10. Create the tracks. 11. Run ApplyConstraints on each: it finds what it found before.
  const tracks: MediaStreamTrack[] = chosen.map(({ kind, device, constraints: own }) => {
    const source = new DeviceSource(registry, device);
    const track = createTrack({ kind, label: source.label, source });
    applyConstraints(trackSlotsOf(track), own);
    return track;
  });
  // 13. Resolve p with stream.
  return new MediaStream(tracks);
}
