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
  const any = (...states: RTCIceTransportState[]): boolean => transports.some(({ ice }) => states.includes(ice));
  const all = (...states: RTCIceTransportState[]): boolean => transports.every(({ ice }) => states.includes(ice));
  if (isClosed) return 'closed';
  if (any('failed')) return 'failed';
  if (any('disconnected')) return 'disconnected';
  if (all('new', 'closed')) return 'new';
  if (any('new', 'checking')) return 'checking';
  return all('completed', 'closed') ? 'completed' : 'connected';
}

/**
 * https://w3c.github.io/webrtc-pc/#dom-rtcpeerconnectionstate
 * "connected" there names only the ICE state "connected"; "completed" is meant too (every browser, and the note below
 * the table), or a connection would leave "connected" by completing.
 */
export function derivePeerConnectionState(isClosed: boolean, transports: Transports): RTCPeerConnectionState {
  const ice = deriveIceConnectionState(isClosed, transports);
  const all = (...states: RTCDtlsTransportState[]): boolean => transports.every(({ dtls }) => states.includes(dtls));
  if (ice === 'closed') return 'closed';
  if (ice === 'failed' || transports.some(({ dtls }) => dtls === 'failed')) return 'failed';
  if (ice === 'disconnected') return 'disconnected';
  if (transports.length === 0 || (ice === 'new' && all('new', 'closed'))) return 'new';
  if ((ice === 'connected' || ice === 'completed') && all('connected', 'closed')) return 'connected';
  return 'connecting';
}
