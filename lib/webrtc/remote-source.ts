import type { MediaKind } from '../jsep/rtp-types';
import type { TrackSource } from '../mediacapture/track-source';

/** What the peer sends in one media section ("a remote source provided by receiver"). */
export function createRemoteSource(kind: MediaKind): TrackSource {
  return {
    kind,
    label: `remote ${kind}`,
    capabilities: () => ({}),
    settings: () => ({}),
    // "Since receiver.track.stop() does not implicitly stop receiver", there is nothing to be done.
    stop: () => undefined,
  };
}
