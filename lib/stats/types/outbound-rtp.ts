import type { NativeOutboundStats } from '../../binding/native-addon';
import type { RTCOutboundRtpStreamStats } from '../../webidl/generated/stats';
import {
  codecStatsId,
  mediaSourceStatsId,
  outboundRtpStatsId,
  remoteInboundRtpStatsId,
  transportStatsId,
} from '../stats-ids';

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
  /** What the application has chosen; null: nothing. */
  readonly scalabilityMode: string | null;
  readonly defaultScalabilityMode: string;
}

/** Of both kinds; before there is a stream, all at their beginning. */
function sentMembers(sent: NativeOutboundStats | null): Partial<RTCOutboundRtpStreamStats> {
  return {
    packetsSent: sent?.packetsSent ?? 0,
    bytesSent: sent?.bytesSent ?? 0,
    headerBytesSent: sent?.headerBytesSent ?? 0,
    retransmittedPacketsSent: sent?.retransmittedPacketsSent ?? 0,
    retransmittedBytesSent: sent?.retransmittedBytesSent ?? 0,
    totalPacketSendDelay: sent?.totalPacketSendDelay ?? 0,
    nackCount: sent?.nackCount ?? 0,
    ...(sent && sent.targetBitrate > 0 ? { targetBitrate: sent.targetBitrate } : {}),
  };
}

function isCoded(sent: NativeOutboundStats | null): sent is NativeOutboundStats {
  return sent !== null && sent.framesEncoded > 0;
}

function encodedMembers(sent: NativeOutboundStats | null): Partial<RTCOutboundRtpStreamStats> {
  return {
    framesSent: sent?.framesSent ?? 0,
    hugeFramesSent: sent?.hugeFramesSent ?? 0,
    framesEncoded: sent?.framesEncoded ?? 0,
    keyFramesEncoded: sent?.keyFramesEncoded ?? 0,
    totalEncodeTime: sent?.totalEncodeTime ?? 0,
    totalEncodedBytesTarget: sent?.totalEncodedBytesTarget ?? 0,
    qualityLimitationReason: sent?.qualityLimitationReason ?? 'none',
    qualityLimitationDurations: sent?.qualityLimitationDurations ?? { none: 0, cpu: 0, bandwidth: 0, other: 0 },
    qualityLimitationResolutionChanges: sent?.qualityLimitationResolutionChanges ?? 0,
    firCount: sent?.firCount ?? 0,
    pliCount: sent?.pliCount ?? 0,
    // Of what comes coded, too, where the frames tell it.
    ...(sent && sent.frameWidth > 0 ? { frameWidth: sent.frameWidth, frameHeight: sent.frameHeight } : {}),
    ...(isCoded(sent)
      ? {
          encoderImplementation: sent.encoderImplementation,
          powerEfficientEncoder: false,
          ...(sent.framesPerSecond >= 0 ? { framesPerSecond: sent.framesPerSecond } : {}),
          ...(sent.qpSum >= 0 ? { qpSum: sent.qpSum } : {}),
        }
      : {}),
  };
}

/**
 * https://w3c.github.io/webrtc-stats/#outboundrtpstats-dict*
 * @param sent what the engine has counted; null: it has not begun
 */
export function outboundRtpStats(
  stream: OutboundRtpDescription,
  sent: NativeOutboundStats | null,
  timestamp: number,
): RTCOutboundRtpStreamStats {
  const {
    transceiverId,
    transportId,
    kind,
    rid,
    rtxSsrc,
    payloadType,
    trackId,
    scalabilityMode,
    defaultScalabilityMode,
  } = stream;
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
    ...(sent?.remote ? { remoteId: remoteInboundRtpStatsId(transceiverId, rid) } : {}),
    ...(rid === '' ? {} : { rid }),
    // Of video only: https://w3c.github.io/webrtc-stats/#dom-rtcoutboundrtpstreamstats-encodingindex
    ...(kind === 'video' ? { encodingIndex: stream.encodingIndex } : {}),
    ...(rtxSsrc === null ? {} : { rtxSsrc }),
    active: stream.isActive,
    ...sentMembers(sent),
    ...(kind === 'video' ? encodedMembers(sent) : {}),
    ...(scalabilityMode === null && !isCoded(sent)
      ? {}
      : { scalabilityMode: scalabilityMode ?? defaultScalabilityMode }),
  };
}
