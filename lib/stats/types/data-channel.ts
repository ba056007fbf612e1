import type { RTCDataChannelState } from '../../webidl/generated/enums';
import type { RTCDataChannelStats } from '../../webidl/generated/stats';
import { dataChannelStatsId } from '../stats-ids';

/** What a channel says of itself. */
export interface DataChannelDescription {
  /** Unique within the connection, for ever: stream ids are used again. */
  readonly number: number;
  readonly label: string;
  readonly protocol: string;
  readonly id: number | null;
  readonly state: RTCDataChannelState;
  readonly messagesSent: number;
  readonly bytesSent: number;
  readonly messagesReceived: number;
  readonly bytesReceived: number;
}

/** https://w3c.github.io/webrtc-stats/#dcstats-dict* */
export function dataChannelStats(channel: DataChannelDescription, timestamp: number): RTCDataChannelStats {
  const { number, id, ...members } = channel;
  return {
    id: dataChannelStatsId(number),
    timestamp,
    type: 'data-channel',
    ...members,
    ...(id === null ? {} : { dataChannelIdentifier: id }),
  };
}
