import type { RTCAudioPlayoutStats } from '../../webidl/generated/stats';
import { playoutStatsId } from '../stats-ids';

/**
 * https://w3c.github.io/webrtc-stats/#playoutstats-dict*: there is no loudspeaker; what receivers hand to their tracks counts as
 * played, at once.
 * @param duration seconds
 */
export function mediaPlayoutStats(duration: number, timestamp: number): RTCAudioPlayoutStats {
  return {
    id: playoutStatsId,
    timestamp,
    type: 'media-playout',
    kind: 'audio',
    synthesizedSamplesDuration: 0,
    synthesizedSamplesEvents: 0,
    totalSamplesDuration: duration,
    totalPlayoutDelay: 0,
    totalSamplesCount: Math.round(duration * 48_000),
  };
}
