/** Every interface object of the package, under the name it has as a global. */
export {
  KeyFrameRequestEvent,
  RTCRtpScriptTransformer,
  RTCTransformEvent,
} from './encoded-transform/worker-interfaces';
export { RTCCertificate } from './RTCCertificate';
export { RTCDataChannel } from './RTCDataChannel';
export { RTCDataChannelEvent } from './RTCDataChannelEvent';
export { RTCDtlsTransport } from './RTCDtlsTransport';
export { RTCDTMFSender } from './RTCDTMFSender';
export { RTCDTMFToneChangeEvent } from './RTCDTMFToneChangeEvent';
export { RTCEncodedAudioFrame } from './encoded-transform/RTCEncodedAudioFrame';
export { RTCEncodedVideoFrame } from './encoded-transform/RTCEncodedVideoFrame';
export { RTCError } from './RTCError';
export { RTCErrorEvent } from './RTCErrorEvent';
export { RTCIceCandidate } from './RTCIceCandidate';
export { RTCIceCandidatePair } from './RTCIceCandidatePair';
export { RTCIceTransport } from './RTCIceTransport';
export { RTCPeerConnection } from './RTCPeerConnection';
export { RTCPeerConnectionIceErrorEvent } from './RTCPeerConnectionIceErrorEvent';
export { RTCPeerConnectionIceEvent } from './RTCPeerConnectionIceEvent';
export { RTCRtpReceiver } from './RTCRtpReceiver';
export { RTCRtpScriptTransform } from './encoded-transform/RTCRtpScriptTransform';
export { RTCRtpSender } from './RTCRtpSender';
export { RTCRtpSFrameDecryptor } from './encoded-transform/RTCRtpSFrameDecryptor';
export { RTCRtpSFrameEncryptor } from './encoded-transform/RTCRtpSFrameEncryptor';
export { RTCRtpTransceiver } from './RTCRtpTransceiver';
export { RTCSctpTransport } from './RTCSctpTransport';
export { RTCSessionDescription } from './RTCSessionDescription';
export { RTCStatsReport } from './RTCStatsReport';
export { RTCTrackEvent } from './RTCTrackEvent';
export { SFrameDecrypterStream, SFrameEncrypterStream } from './encoded-transform/earlier-sframe-streams';
export { SFrameDecryptorStream } from './encoded-transform/SFrameDecryptorStream';
export { SFrameEncryptorStream } from './encoded-transform/SFrameEncryptorStream';
export { SFrameTransform } from './encoded-transform/SFrameTransform';
export { SFrameTransformErrorEvent } from './encoded-transform/SFrameTransformErrorEvent';
