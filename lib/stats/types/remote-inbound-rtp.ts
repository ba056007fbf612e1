import type { NativeOutboundStats } from '../../binding/native-addon';
import type { RTCRemoteInboundRtpStreamStats } from '../../webidl/generated/stats';
import { codecStatsId, outboundRtpStatsId, remoteInboundRtpStatsId, transportStatsId } from '../stats-ids';
import type { OutboundRtpDescription } from './outbound-rtp';

/** https://w3c.github.io/webrtc-stats/#remoteinboundrtpstats-dict*: what the peer's reports say of a stream of ours */
export function remoteInboundRtpStats(
  stream: OutboundRtpDescription,
  remote: NonNullable<NativeOutboundStats['remote']>,
): RTCRemoteInboundRtpStreamStats {
  const { transceiverId, transportId, rid, payloadType } = stream;
  return {
    id: remoteInboundRtpStatsId(transceiverId, rid),
    // "The time at which the information arrived at the local endpoint."
    timestamp: remote.timestamp,
    type: 'remote-inbound-rtp',
    ssrc: stream.ssrc,
    kind: stream.kind,
    transportId: transportStatsId(transportId),
    ...(payloadType === null ? {} : { codecId: codecStatsId(transportId, 'send', payloadType) }),
    localId: outboundRtpStatsId(transceiverId, rid),
    packetsReceived: remote.packetsReceived,
    packetsLost: remote.packetsLost,
    jitter: remote.jitter,
    fractionLost: remote.fractionLost,
    ...(remote.roundTripTime >= 0 ? { roundTripTime: remote.roundTripTime } : {}),
    totalRoundTripTime: remote.totalRoundTripTime,
    roundTripTimeMeasurements: remote.roundTripTimeMeasurements,
  };
}
