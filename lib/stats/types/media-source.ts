import type { RTCAudioSourceStats, RTCVideoSourceStats } from '../../webidl/generated/stats';
import { mediaSourceStatsId } from '../stats-ids';

/** A track that a sender has. */
export interface MediaSourceDescription {
  readonly transceiverId: string;
  readonly trackId: string;
  readonly kind: 'audio' | 'video';
}

/** https://w3c.github.io/webrtc-stats/#mediasourcestats-dict*; no frame has been counted yet */
export function mediaSourceStats(
  source: MediaSourceDescription,
  timestamp: number,
): RTCAudioSourceStats | RTCVideoSourceStats {
  const { transceiverId, trackId, kind } = source;
  return {
    id: mediaSourceStatsId(transceiverId, trackId),
    timestamp,
    type: 'media-source',
    trackIdentifier: trackId,
    kind,
    ...(kind === 'audio' ? { audioLevel: 0, totalAudioEnergy: 0, totalSamplesDuration: 0 } : { frames: 0 }),
  };
}
