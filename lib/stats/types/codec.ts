import type { RTCCodecStats } from '../../webidl/generated/stats';
import { codecStatsId, transportStatsId } from '../stats-ids';

/** A codec that an RTP stream uses. */
export interface CodecDescription {
  readonly transportId: string;
  readonly direction: 'send' | 'receive';
  readonly payloadType: number;
  readonly mimeType: string;
  readonly clockRate: number;
  readonly channels?: number;
  readonly sdpFmtpLine?: string;
}

/** https://w3c.github.io/webrtc-stats/#codec-dict* */
export function codecStats(codec: CodecDescription, timestamp: number): RTCCodecStats {
  const { transportId, direction, payloadType, mimeType, clockRate, channels, sdpFmtpLine } = codec;
  return {
    id: codecStatsId(transportId, direction, payloadType),
    timestamp,
    type: 'codec',
    payloadType,
    transportId: transportStatsId(transportId),
    mimeType,
    clockRate,
    ...(channels === undefined ? {} : { channels }),
    ...(sdpFmtpLine === undefined ? {} : { sdpFmtpLine }),
  };
}
