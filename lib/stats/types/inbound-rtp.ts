import type { NativeInboundStats, NativeRemoteOutboundStats } from '../../binding/native-addon';
import type { RTCInboundRtpStreamStats, RTCRemoteOutboundRtpStreamStats } from '../../webidl/generated/stats';
import {
  codecStatsId,
  inboundRtpStatsId,
  playoutStatsId,
  remoteOutboundRtpStatsId,
  transportStatsId,
} from '../stats-ids';

/** An RTP stream that a receiver has got packets of. */
export interface InboundRtpDescription {
  readonly transceiverId: string;
  readonly transportId: string;
  readonly mid: string;
  readonly kind: 'audio' | 'video';
  readonly trackId: string;
}

/** Members that come with other names, or need one more look. */
const others = new Set(['ssrc', 'rid', 'rtxSsrc', 'payloadType', 'packetsLost', 'decoderImplementation', 'remote']);

/** https://w3c.github.io/webrtc-stats/#inboundrtpstats-dict* */
export function inboundRtpStats(
  stream: InboundRtpDescription,
  received: NativeInboundStats,
  timestamp: number,
): RTCInboundRtpStreamStats {
  const { transceiverId, transportId, kind } = stream;
  const counters = Object.fromEntries(
    Object.entries(received).filter(([name, value]) => !others.has(name) && typeof value === 'number' && value !== -1),
  );
  return {
    id: inboundRtpStatsId(transceiverId, received.ssrc),
    timestamp,
    type: 'inbound-rtp',
    ssrc: received.ssrc,
    kind,
    transportId: transportStatsId(transportId),
    ...(received.payloadType >= 0 ? { codecId: codecStatsId(transportId, 'receive', received.payloadType) } : {}),
    mid: stream.mid,
    trackIdentifier: stream.trackId,
    ...(received.remote ? { remoteId: remoteOutboundRtpStatsId(transceiverId, received.ssrc) } : {}),
    ...(received.rtxSsrc > 0 ? { rtxSsrc: received.rtxSsrc } : {}),
    ...(received.decoderImplementation === '' ? {} : { decoderImplementation: received.decoderImplementation }),
    ...(kind === 'video' && received.decoderImplementation !== '' ? { powerEfficientDecoder: false } : {}),
    ...(kind === 'audio' ? { playoutId: playoutStatsId } : {}),
    packetsLost: received.packetsLost,
    ...counters,
  };
}

/** https://w3c.github.io/webrtc-stats/#remoteoutboundrtpstats-dict*: what the peer's sender reports say */
export function remoteOutboundRtpStats(
  stream: InboundRtpDescription,
  received: NativeInboundStats,
  remote: NativeRemoteOutboundStats,
): RTCRemoteOutboundRtpStreamStats {
  const { transceiverId, transportId, kind } = stream;
  return {
    id: remoteOutboundRtpStatsId(transceiverId, received.ssrc),
    timestamp: remote.timestamp,
    type: 'remote-outbound-rtp',
    ssrc: received.ssrc,
    kind,
    transportId: transportStatsId(transportId),
    ...(received.payloadType >= 0 ? { codecId: codecStatsId(transportId, 'receive', received.payloadType) } : {}),
    localId: inboundRtpStatsId(transceiverId, received.ssrc),
    packetsSent: remote.packetsSent,
    bytesSent: remote.bytesSent,
    reportsSent: remote.reportsSent,
    remoteTimestamp: remote.remoteTimestamp,
    ...(remote.roundTripTime >= 0 ? { roundTripTime: remote.roundTripTime } : {}),
    totalRoundTripTime: remote.totalRoundTripTime,
    roundTripTimeMeasurements: remote.roundTripTimeMeasurements,
  };
}
