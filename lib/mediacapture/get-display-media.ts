import * as webidl from '../webidl';
import type { DisplayMediaStreamOptions, MediaTrackConstraints } from '../webidl/generated/dictionaries';
import { applyConstraints } from './apply-constraints';
import type { DisplayCaptureSurfaceType } from '../webidl/generated/enums';
import { bindController, startSession } from './CaptureController';
import { type PropertyName, constrainableProperties } from './constrainable-properties';
import { readConstraint, readConstraintSet } from './constraint';
import { DisplaySource, displayFloor } from './display-source';
import { inParallel } from './in-parallel';
import { MediaStream } from './MediaStream';
import { createTrack, trackSlotsOf } from './MediaStreamTrack';
import { overconstrained } from './OverconstrainedError';

const context = webidl.operationContext('getDisplayMedia', 'MediaDevices');

/** Those of getUserMedia() that do not apply to display surfaces. */
const notOfDisplays = new Set<PropertyName>(['deviceId', 'groupId', 'facingMode', 'backgroundBlur']);

function appliesToDisplays(name: PropertyName, kind: 'audio' | 'video'): boolean {
  if (kind === 'audio') return name === 'restrictOwnAudio' || name === 'suppressLocalAudioPlayback';
  return constrainableProperties[name].kinds.includes('video') && !notOfDisplays.has(name);
}

/** Step 7: what the constraints of one track may not have. */
function checkConstraints(constraints: MediaTrackConstraints, kind: 'audio' | 'video'): void {
  // 1. A member named advanced: TypeError.
  if (constraints.advanced) throw new TypeError(`${context}: Advanced constraints are not supported.`);
  for (const [name, { exact, min, max }] of readConstraintSet(constraints, 'ideal')) {
    if (!appliesToDisplays(name, kind)) continue;
    // 2. A member named either min or exact: TypeError.
    if (exact !== null || min !== -Infinity) {
      throw new TypeError(`${context}: '${name}' must have neither 'min' nor 'exact': the user chooses.`);
    }
    // 3. A max less than the property's floor value: OverconstrainedError.
    if (max < displayFloor) throw overconstrained(name);
  }
}

/** The constraints that apply to display surfaces. */
function displayConstraints(
  constraints: boolean | MediaTrackConstraints,
  kind: 'audio' | 'video',
): MediaTrackConstraints {
  if (typeof constraints === 'boolean') return {};
  return Object.fromEntries(
    Object.entries(constraints).filter(([name]) => appliesToDisplays(name as PropertyName, kind)),
  );
}

/** The types of display surface that the displaySurface constraint prefers. */
function preferredSurfaces({ video }: DisplayMediaStreamOptions): readonly unknown[] {
  const { displaySurface } = typeof video === 'object' ? video : {};
  return (displaySurface !== undefined && readConstraint(displaySurface, 'ideal').ideal) || [];
}

/** "Prompt the user to choose": a user who follows every hint. */
function chooseSurface(options: DisplayMediaStreamOptions): DisplayCaptureSurfaceType {
  const offered = (['monitor', 'window', 'browser'] as const).filter(
    (type) => type !== 'monitor' || options.monitorTypeSurfaces !== 'exclude',
  );
  const preferred = preferredSurfaces(options);
  return offered.find((type) => preferred.includes(type)) ?? offered[0] ?? 'window';
}

/** Steps 2 to 7 of the algorithm: what is wrong with the options. Binds the controller. */
export function checkDisplayOptions(options: DisplayMediaStreamOptions): void {
  // 2. – 3. If controller is bound: InvalidStateError. Bind it.
  if (options.controller) bindController(options.controller);
  // 4. Skipped: there are no gestures that could activate a program. 6. If constraints.video is false: TypeError.
  if (options.video === false) throw new TypeError(`${context}: 'video' must not be false.`);
  // 7. For each member in constraints whose value is a dictionary:
  for (const kind of ['video', 'audio'] as const) {
    const constraints = options[kind];
    if (typeof constraints === 'object') checkConstraints(constraints, kind);
  }
  // Not in the specification, but in web-platform-tests and Chromium: hints that contradict one another.
  if (options.monitorTypeSurfaces === 'exclude' && preferredSurfaces(options).includes('monitor')) {
    throw new TypeError(`${context}: 'displaySurface' prefers a monitor, and 'monitorTypeSurfaces' excludes monitors.`);
  }
}

/** https://w3c.github.io/mediacapture-screen-share/#dom-mediadevices-getdisplaymedia, from step 8 on. */
export async function getDisplayMedia(options: DisplayMediaStreamOptions): Promise<MediaStream> {
  const { controller } = options;
  const types = (['video', 'audio'] as const).filter((kind) => options[kind] !== false);
  // 11. Run in parallel: 1. – 2. There are sources, and nobody denies them. 3. Let the user choose.
  await inParallel();
  const surface = chooseSurface(options);
  // 4. – 5. Create the tracks. 6. Run ApplyConstraints on all of them.
  const tracks = types.map((kind) => {
    const source = new DisplaySource(kind, surface);
    const track = createTrack({ kind, label: source.label, source });
    return { source, track, failed: applyConstraints(trackSlotsOf(track), displayConstraints(options[kind], kind)) };
  });
  const failed = tracks.find((each) => each.failed !== undefined)?.failed;
  if (failed !== undefined) {
    for (const { track } of tracks) track.stop();
    throw overconstrained(failed);
  }
  // 8. Hand the capture session to the controller.
  const [video] = tracks;
  if (controller && video) startSession(controller, video.source, surface);
  // 9. Resolve p with stream.
  return new MediaStream(tracks.map(({ track }) => track));
}
