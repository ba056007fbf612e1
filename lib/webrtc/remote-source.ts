import type { MediaKind } from '../jsep/rtp-types';
import type { EncodedFeed } from '../media/encoded-source';
import type { TrackSource } from '../mediacapture/track-source';

/** What the peer sends in one media section ("a remote source provided by receiver"). */
export function createRemoteSource(kind: MediaKind, encodedFeed: EncodedFeed): TrackSource {
  return {
    kind,
    label: `remote ${kind}`,
    encodedFeed,
    capabilities: () => ({}),
    settings: () => ({}),
    // "Since receiver.track.stop() does not implicitly stop receiver", there is nothing to be done.
    stop: () => undefined,
  };
}
