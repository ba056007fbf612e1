/** Every interface object of the package, under the name it has as a global. */
export { RTCCertificate } from './RTCCertificate';
export { RTCDataChannel } from './RTCDataChannel';
export { RTCDataChannelEvent } from './RTCDataChannelEvent';
export { RTCDTMFToneChangeEvent } from './RTCDTMFToneChangeEvent';
export { RTCDtlsTransport } from './RTCDtlsTransport';
export { RTCError } from './RTCError';
export { RTCErrorEvent } from './RTCErrorEvent';
export { RTCIceCandidate } from './RTCIceCandidate';
export { RTCIceCandidatePair } from './RTCIceCandidatePair';
export { RTCIceTransport } from './RTCIceTransport';
export { RTCPeerConnection } from './RTCPeerConnection';
export { RTCPeerConnectionIceErrorEvent } from './RTCPeerConnectionIceErrorEvent';
export { RTCPeerConnectionIceEvent } from './RTCPeerConnectionIceEvent';
export { RTCSctpTransport } from './RTCSctpTransport';
export { RTCSessionDescription } from './RTCSessionDescription';
export { RTCStatsReport } from './RTCStatsReport';
export { RTCTrackEvent } from './RTCTrackEvent';
