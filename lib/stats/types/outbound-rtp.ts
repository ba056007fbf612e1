import type { RTCOutboundRtpStreamStats } from '../../webidl/generated/stats';
import { codecStatsId, mediaSourceStatsId, outboundRtpStatsId, transportStatsId } from '../stats-ids';

/** An RTP stream that a sender has negotiated. */
export interface OutboundRtpDescription {
  readonly transceiverId: string;
  readonly transportId: string;
  readonly mid: string;
  readonly kind: 'audio' | 'video';
  /** Place of the encoding in [[SendEncodings]]. */
  readonly encodingIndex: number;
  /** '' for an encoding that has none. */
  readonly rid: string;
  readonly ssrc: number;
  /** null: nothing is sent again. */
  readonly rtxSsrc: number | null;
  readonly isActive: boolean;
  /** Payload type in use; null when there is no codec to send with. */
  readonly payloadType: number | null;
  /** Of the sender's track; null without. */
  readonly trackId: string | null;
  readonly scalabilityMode: string | null;
}

/** Counters, all of them at their beginning. */
const sentNothing = {
  packetsSent: 0,
  bytesSent: 0,
  headerBytesSent: 0,
  retransmittedPacketsSent: 0,
  retransmittedBytesSent: 0,
  totalPacketSendDelay: 0,
  nackCount: 0,
} as const;

const encodedNothing = {
  framesSent: 0,
  hugeFramesSent: 0,
  framesEncoded: 0,
  keyFramesEncoded: 0,
  totalEncodeTime: 0,
  totalEncodedBytesTarget: 0,
  qualityLimitationReason: 'none',
  qualityLimitationResolutionChanges: 0,
  firCount: 0,
  pliCount: 0,
} as const;

/** https://w3c.github.io/webrtc-stats/#outboundrtpstats-dict*; no packet has been sent yet */
export function outboundRtpStats(stream: OutboundRtpDescription, timestamp: number): RTCOutboundRtpStreamStats {
  const { transceiverId, transportId, kind, rid, rtxSsrc, payloadType, trackId, scalabilityMode } = stream;
  return {
    id: outboundRtpStatsId(transceiverId, rid),
    timestamp,
    type: 'outbound-rtp',
    ssrc: stream.ssrc,
    kind,
    transportId: transportStatsId(transportId),
    ...(payloadType === null ? {} : { codecId: codecStatsId(transportId, 'send', payloadType) }),
    mid: stream.mid,
    ...(trackId === null ? {} : { mediaSourceId: mediaSourceStatsId(transceiverId, trackId) }),
    ...(rid === '' ? {} : { rid }),
    // Of video only: https://w3c.github.io/webrtc-stats/#dom-rtcoutboundrtpstreamstats-encodingindex
    ...(kind === 'video' ? { encodingIndex: stream.encodingIndex } : {}),
    ...(rtxSsrc === null ? {} : { rtxSsrc }),
    active: stream.isActive,
    ...sentNothing,
    ...(kind === 'video' ? encodedNothing : {}),
    ...(kind === 'video' ? { qualityLimitationDurations: { none: 0, cpu: 0, bandwidth: 0, other: 0 } } : {}),
    ...(scalabilityMode === null ? {} : { scalabilityMode }),
  };
}
