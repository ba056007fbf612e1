import type { EncodedFeed, EncodedSource } from '../media/encoded-source';
import type { MediaTrackCapabilities, MediaTrackSettings } from '../webidl/generated/dictionaries';
import type { Configuration } from './configuration';
import type { MediaStreamTrack } from './MediaStreamTrack';
import type { NativeSource } from './running-source';

/**
 * Where the media of tracks comes from (https://w3c.github.io/mediacapture-main/#source): a device, the peer at the
 * other end, a program. Several tracks can have one source.
 */
export interface TrackSource {
  readonly kind: 'audio' | 'video';
  readonly label: string;
  /** The values that its constrainable properties can take; empty when nothing can be said of them. */
  capabilities(): MediaTrackCapabilities;
  /** What it delivers just now, to a track that was not constrained to something else. */
  settings(): MediaTrackSettings;
  /** The ways in which it can be run for one of its tracks, best liked first. A source without it cannot be constrained. */
  configurations?(): readonly Configuration[];
  /** They can be others at any time: a track that is constrained keeps to those settings alone that differ from its source's. */
  readonly isVariable?: boolean;
  /** Where the frames come from, opened by the first call; a source without it delivers nothing. */
  native?(): NativeSource | null;
  /** Whether media comes without anybody in this program doing anything for it. */
  readonly isSelfRunning?: boolean;
  /** Whether its media comes to an end by itself: whoever waits for that must not lose the process. */
  readonly isFinite?: boolean;
  /** Whether its pictures are of a screen: sharpness comes before smoothness, unless the track's contentHint says more. */
  readonly isScreen?: boolean;
  /** The settings of one of its tracks have changed, or there are more or fewer tracks. */
  adapt?(): void;
  /** Its media comes encoded: a sender of such a track takes part in this instead of encoding. */
  readonly encodedSource?: EncodedSource;
  /** Its frames can be seen in their encoded form. */
  readonly encodedFeed?: EncodedFeed;
  /** Its last live track has ended: nobody wants its media any more. A track made later starts it again. */
  stop(): void;
}

const liveTracks = new WeakMap<TrackSource, Set<MediaStreamTrack>>();

/** The tracks of a source that have not ended, oldest first: a snapshot. */
export function liveTracksOf(source: TrackSource): MediaStreamTrack[] {
  return [...(liveTracks.get(source) ?? [])];
}

/** The track uses the source until {@link releaseSource}. */
export function useSource(source: TrackSource, track: MediaStreamTrack): void {
  const tracks = liveTracks.get(source);
  if (tracks) tracks.add(track);
  else liveTracks.set(source, new Set([track]));
}

/** "Notify track's source that track is ended": the source is stopped unless other tracks depend on it. */
export function releaseSource(source: TrackSource, track: MediaStreamTrack): void {
  const tracks = liveTracks.get(source);
  if (!tracks?.delete(track)) return;
  if (tracks.size > 0) source.adapt?.();
  else source.stop();
}
