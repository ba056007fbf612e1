import type { NativeIceCandidatePairStats, NativeRtpTransportStats } from '../../binding/native-addon';
import type { RTCIceCandidatePairStats } from '../../webidl/generated/stats';
import { candidatePairStatsId, candidateStatsId, transportStatsId } from '../stats-ids';

/**
 * https://w3c.github.io/webrtc-stats/#candidatepair-dict*
 * @param rtp of the selected pair: what congestion control makes of the path; null: nothing
 */
export function candidatePairStats(
  transportId: string,
  pair: NativeIceCandidatePairStats,
  rtp: NativeRtpTransportStats | null,
  timestamp: number,
): RTCIceCandidatePairStats {
  return {
    id: candidatePairStatsId(transportId, pair.id),
    timestamp,
    type: 'candidate-pair',
    transportId: transportStatsId(transportId),
    localCandidateId: candidateStatsId(transportId, pair.localCandidateId, false),
    remoteCandidateId: candidateStatsId(transportId, pair.remoteCandidateId, true),
    state: pair.state,
    nominated: pair.nominated,
    packetsSent: pair.packetsSent,
    packetsReceived: pair.packetsReceived,
    bytesSent: pair.bytesSent,
    bytesReceived: pair.bytesReceived,
    ...(pair.lastPacketSentTimestamp > 0 ? { lastPacketSentTimestamp: pair.lastPacketSentTimestamp } : {}),
    ...(pair.lastPacketReceivedTimestamp > 0 ? { lastPacketReceivedTimestamp: pair.lastPacketReceivedTimestamp } : {}),
    totalRoundTripTime: pair.totalRoundTripTime,
    ...(pair.currentRoundTripTime >= 0 ? { currentRoundTripTime: pair.currentRoundTripTime } : {}),
    ...(rtp && rtp.availableOutgoingBitrate > 0 ? { availableOutgoingBitrate: rtp.availableOutgoingBitrate } : {}),
    ...(rtp && rtp.availableIncomingBitrate > 0 ? { availableIncomingBitrate: rtp.availableIncomingBitrate } : {}),
    requestsReceived: pair.requestsReceived,
    requestsSent: pair.requestsSent,
    responsesReceived: pair.responsesReceived,
    responsesSent: pair.responsesSent,
    consentRequestsSent: pair.consentRequestsSent,
    packetsDiscardedOnSend: pair.packetsDiscardedOnSend,
    bytesDiscardedOnSend: pair.bytesDiscardedOnSend,
  };
}
