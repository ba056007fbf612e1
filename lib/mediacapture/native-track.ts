import { nativeAddon } from '../binding/load';
import type { NativeMediaTrack } from '../binding/native-addon';
import type { MediaTrackSettings } from '../webidl/generated/dictionaries';
import type { TrackSlots } from './MediaStreamTrack';

/** The native track behind a track with these slots; null when its source has no media. */
export function openNativeTrack({ source, enabled, settings }: TrackSlots): NativeMediaTrack | null {
  const native = source.native?.();
  if (!native) return null;
  const track = new (nativeAddon().MediaTrack)(native);
  if (!enabled) track.setEnabled(false);
  if (settings) shapeNativeTrack(track, settings);
  return track;
}

/** From now on the track delivers what its settings say, or less, if its source has less. */
export function shapeNativeTrack(track: NativeMediaTrack, settings: MediaTrackSettings): void {
  const { width = 0, height = 0, frameRate = 0 } = settings;
  track.setShape(width, height, frameRate);
}
