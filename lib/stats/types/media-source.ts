import type { NativeSenderStats } from '../../binding/native-addon';
import type { RTCAudioSourceStats, RTCVideoSourceStats } from '../../webidl/generated/stats';
import { mediaSourceStatsId } from '../stats-ids';

/** A track that a sender has. */
export interface MediaSourceDescription {
  readonly transceiverId: string;
  readonly trackId: string;
  readonly kind: 'audio' | 'video';
}

/**
 * https://w3c.github.io/webrtc-stats/#mediasourcestats-dict*
 * @param seen what the sender has got of the track; null: it has not begun
 */
export function mediaSourceStats(
  source: MediaSourceDescription,
  seen: NativeSenderStats['source'] | null,
  timestamp: number,
): RTCAudioSourceStats | RTCVideoSourceStats {
  const { transceiverId, trackId, kind } = source;
  const common = {
    id: mediaSourceStatsId(transceiverId, trackId),
    timestamp,
    type: 'media-source' as const,
    trackIdentifier: trackId,
    kind,
  };
  if (kind === 'audio') {
    return {
      ...common,
      audioLevel: seen?.audioLevel ?? 0,
      totalAudioEnergy: seen?.totalAudioEnergy ?? 0,
      totalSamplesDuration: seen?.totalSamplesDuration ?? 0,
    };
  }
  return {
    ...common,
    frames: seen?.frames ?? 0,
    ...(seen && seen.frames > 0 ? { width: seen.width, height: seen.height } : {}),
    ...(seen && seen.framesPerSecond >= 0 ? { framesPerSecond: seen.framesPerSecond } : {}),
  };
}
