import type {
  RTCDtlsTransportState,
  RTCIceConnectionState,
  RTCIceGathererState,
  RTCIceGatheringState,
  RTCIceTransportState,
  RTCPeerConnectionState,
} from '../webidl/generated/enums';

/** One transport of a connection, as the aggregated states see it. */
export interface TransportStates {
  readonly ice: RTCIceTransportState;
  readonly gatherer: RTCIceGathererState;
  readonly dtls: RTCDtlsTransportState;
  /** Whether it was asked to gather, and has not said yet that it does. */
  readonly isToGather?: boolean;
}

type Transports = readonly TransportStates[];

/**
 * https://w3c.github.io/webrtc-pc/#dom-rtcicegatheringstate
 * Of transports that one description has asked to gather, one may have done so before the next begins: that is no way back
 * from "gathering" to "new".
 */
export function deriveIceGatheringState(transports: Transports, before: RTCIceGatheringState): RTCIceGatheringState {
  if (transports.length === 0) return 'new';
  if (transports.some(({ gatherer }) => gatherer === 'gathering')) return 'gathering';
  const rest = transports.filter(({ gatherer }) => gatherer !== 'complete');
  if (rest.length === 0) return 'complete';
  return before === 'gathering' && rest.every(({ isToGather }) => isToGather) ? 'gathering' : 'new';
}

/** https://w3c.github.io/webrtc-pc/#dom-rtciceconnectionstate */
export function deriveIceConnectionState(isClosed: boolean, transports: Transports): RTCIceConnectionState {
  if (isClosed) return 'closed';
  const count = { new: 0, checking: 0, connected: 0, completed: 0, disconnected: 0, failed: 0, closed: 0 };
  for (const { ice } of transports) count[ice] += 1;
  if (count.failed > 0) return 'failed';
  if (count.disconnected > 0) return 'disconnected';
  if (count.new + count.closed === transports.length) return 'new';
  if (count.new + count.checking > 0) return 'checking';
  return count.connected > 0 ? 'connected' : 'completed';
}

/**
 * https://w3c.github.io/webrtc-pc/#dom-rtcpeerconnectionstate
 * "connected" there names only the ICE state "connected"; "completed" is meant too (every browser, and the note below
 * the table), or a connection would leave "connected" by completing.
 * @param ice what {@link deriveIceConnectionState} makes of them
 */
export function derivePeerConnectionState(ice: RTCIceConnectionState, transports: Transports): RTCPeerConnectionState {
  const count = { new: 0, connecting: 0, connected: 0, closed: 0, failed: 0 };
  for (const { dtls } of transports) count[dtls] += 1;
  if (ice === 'closed') return 'closed';
  if (ice === 'failed' || count.failed > 0) return 'failed';
  if (ice === 'disconnected') return 'disconnected';
  if (ice === 'new' && count.new + count.closed === transports.length) return 'new';
  const isUp = ice === 'connected' || ice === 'completed';
  return isUp && count.connected + count.closed === transports.length ? 'connected' : 'connecting';
}
