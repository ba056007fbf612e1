import type { NativeInboundStats } from '../../binding/native-addon';
import type { RTCAudioPlayoutStats } from '../../webidl/generated/stats';
import { playoutStatsId } from '../stats-ids';

/**
 * https://w3c.github.io/webrtc-stats/#playoutstats-dict*: there is no loudspeaker; what receivers hand to their tracks counts as
 * played, at once.
 */
export function mediaPlayoutStats(streams: readonly NativeInboundStats[], timestamp: number): RTCAudioPlayoutStats {
  const longest = streams.reduce((most, { totalSamplesDuration }) => {
    const duration = typeof totalSamplesDuration === 'number' ? totalSamplesDuration : 0;
    return Math.max(most, duration);
  }, 0);
  return {
    id: playoutStatsId,
    timestamp,
    type: 'media-playout',
    kind: 'audio',
    synthesizedSamplesDuration: 0,
    synthesizedSamplesEvents: 0,
    totalSamplesDuration: longest,
    totalPlayoutDelay: 0,
    totalSamplesCount: Math.round(longest * 48_000),
  };
}
