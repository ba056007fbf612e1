import { endTrack } from './MediaStreamTrack';
import { type TrackSource, liveTracksOf } from './track-source';

/** A source has come to its end by itself: its tracks end, and say so. The caller has queued the task. */
export function endTracksOf(source: TrackSource): void {
  for (const track of liveTracksOf(source)) endTrack(track);
}
