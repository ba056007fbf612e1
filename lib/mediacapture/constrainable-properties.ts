import type { MediaTrackConstraintSet } from '../webidl/generated/dictionaries';

export type PropertyName = keyof MediaTrackConstraintSet;
export type PropertyValue = string | number | boolean;
type Kind = 'audio' | 'video';

interface ConstrainableProperty {
  /** The kinds of tracks that have it. */
  readonly kinds: readonly Kind[];
  /** How MediaTrackCapabilities has it; null: not at all. */
  readonly capability: 'range' | 'list' | 'single' | null;
  /** Whether it is in the list of allowed required constraints for device selection. */
  readonly selects?: true;
  /** A hint for the user's choice that is otherwise ignored. */
  readonly advisory?: true;
}

const both: readonly Kind[] = ['audio', 'video'];
const audio: readonly Kind[] = ['audio'];
const video: readonly Kind[] = ['video'];

/**
 * https://w3c.github.io/mediacapture-main/#constrainable-properties,
 * https://w3c.github.io/mediacapture-extensions/#voiceisolation-constraint,
 * https://w3c.github.io/mediacapture-screen-share/#constrainable-properties-for-captured-display-surfaces
 */
export const constrainableProperties: Readonly<Record<PropertyName, ConstrainableProperty>> = {
  deviceId: { kinds: both, capability: 'single', selects: true },
  groupId: { kinds: both, capability: 'single', selects: true },
  facingMode: { kinds: video, capability: 'list', selects: true },
  resizeMode: { kinds: video, capability: 'list', selects: true },
  width: { kinds: video, capability: 'range', selects: true },
  height: { kinds: video, capability: 'range', selects: true },
  aspectRatio: { kinds: video, capability: 'range', selects: true },
  frameRate: { kinds: video, capability: 'range', selects: true },
  backgroundBlur: { kinds: video, capability: 'list' },
  displaySurface: { kinds: video, capability: 'single', advisory: true },
  logicalSurface: { kinds: video, capability: 'single' },
  cursor: { kinds: video, capability: 'list' },
  sampleRate: { kinds: audio, capability: 'range', selects: true },
  sampleSize: { kinds: audio, capability: 'range', selects: true },
  echoCancellation: { kinds: audio, capability: 'list', selects: true },
  autoGainControl: { kinds: audio, capability: 'list', selects: true },
  noiseSuppression: { kinds: audio, capability: 'list', selects: true },
  voiceIsolation: { kinds: audio, capability: 'list' },
  latency: { kinds: audio, capability: 'range', selects: true },
  channelCount: { kinds: audio, capability: 'range', selects: true },
  restrictOwnAudio: { kinds: audio, capability: null },
  suppressLocalAudioPlayback: { kinds: audio, capability: null },
};

export const propertyNames = Object.keys(constrainableProperties) as PropertyName[];
