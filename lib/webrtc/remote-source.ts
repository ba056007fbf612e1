import type { MediaKind } from '../jsep/rtp-types';
import { AudioProgramSource, VideoProgramSource } from '../mediacapture/program-source';
import type { TrackSource } from '../mediacapture/track-source';

/**
 * What the peer sends in one media section ("a remote source provided by receiver"): the receiver delivers into it. "Since
 * receiver.track.stop() does not implicitly stop receiver", the end of its tracks ends nothing but the delivery.
 */
export function createRemoteSource(kind: MediaKind): TrackSource {
  const label = `remote ${kind}`;
  return kind === 'video' ? new VideoProgramSource({ label }) : new AudioProgramSource({ label });
}
