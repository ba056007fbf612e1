/** The classes of lib/ are what the declarations say of them. */
import type * as built from '../../lib/index';
import type * as declared from '../../types/index.js';

/** Compiles only when a value of the first type may be given where the second is wanted. */
declare function assignable<Given extends Wanted, Wanted>(): [Given, Wanted];

/** Compiles only when both have the same keys. */
type SameKeys<A, B> = [Exclude<keyof A, keyof B>, Exclude<keyof B, keyof A>];
declare function same<Keys extends [never, never]>(): Keys;

same<SameKeys<typeof built, { [Name in keyof typeof declared]: unknown }>>();

/** Exports whose static members are others than declared. */
type WithOtherStatics = {
  [Name in keyof typeof built]: SameKeys<(typeof built)[Name], (typeof declared)[Name]> extends [never, never]
    ? never
    : Name;
}[keyof typeof built];
declare function none<Names extends never>(): Names;
// These two have those of the DOMException that there is.
none<Exclude<WithOtherStatics, 'OverconstrainedError' | 'RTCError'>>();

type Maxless = 'ref' | 'sctp' | 'unref'; // they lead to RTCSctpTransport.maxMessageSize: see there
assignable<Omit<built.RTCPeerConnection, Maxless>, Omit<declared.RTCPeerConnection, Maxless>>();
assignable<built.RTCDataChannel, declared.RTCDataChannel>();
// null in the IDL, but never where scripts can see it, and lib.dom says number.
assignable<Omit<built.RTCSctpTransport, 'maxMessageSize'>, Omit<declared.RTCSctpTransport, 'maxMessageSize'>>();
assignable<built.RTCDtlsTransport, declared.RTCDtlsTransport>();
assignable<built.RTCIceTransport, declared.RTCIceTransport>();
assignable<built.RTCCertificate, declared.RTCCertificate>();
assignable<built.RTCIceCandidate, declared.RTCIceCandidate>();
assignable<built.RTCIceCandidatePair, declared.RTCIceCandidatePair>();
assignable<built.RTCSessionDescription, declared.RTCSessionDescription>();
assignable<built.RTCStatsReport, declared.RTCStatsReport>();
assignable<built.RTCError, declared.RTCError>();
assignable<built.RTCErrorEvent, declared.RTCErrorEvent>();
assignable<built.RTCDataChannelEvent, declared.RTCDataChannelEvent>();
assignable<built.RTCPeerConnectionIceEvent, declared.RTCPeerConnectionIceEvent>();
assignable<built.RTCPeerConnectionIceErrorEvent, declared.RTCPeerConnectionIceErrorEvent>();
assignable<built.RTCTrackEvent, declared.RTCTrackEvent>();
assignable<built.RTCRtpTransceiver, declared.RTCRtpTransceiver>();
assignable<built.RTCRtpSender, declared.RTCRtpSender>();
assignable<built.RTCRtpReceiver, declared.RTCRtpReceiver>();
assignable<built.RTCDTMFSender, declared.RTCDTMFSender>();
assignable<built.RTCDTMFToneChangeEvent, declared.RTCDTMFToneChangeEvent>();
assignable<built.MediaStream, declared.MediaStream>();
assignable<built.MediaStreamTrack, declared.MediaStreamTrack>();
assignable<built.MediaStreamTrackEvent, declared.MediaStreamTrackEvent>();
assignable<built.CaptureController, declared.CaptureController>();
assignable<built.DeviceChangeEvent, declared.DeviceChangeEvent>();
assignable<built.InputDeviceInfo, declared.InputDeviceInfo>();
assignable<built.MediaDeviceInfo, declared.MediaDeviceInfo>();
assignable<built.MediaDevices, declared.MediaDevices>();
assignable<built.OverconstrainedError, declared.OverconstrainedError>();
assignable<built.RTCEncodedVideoFrame, declared.RTCEncodedVideoFrame>();
assignable<built.RTCEncodedAudioFrame, declared.RTCEncodedAudioFrame>();
assignable<built.RTCRtpScriptTransform, declared.RTCRtpScriptTransform>();
assignable<built.RTCRtpSFrameEncryptor, declared.RTCRtpSFrameEncryptor>();
assignable<built.RTCRtpSFrameDecryptor, declared.RTCRtpSFrameDecryptor>();
assignable<built.SFrameEncryptorStream, declared.SFrameEncryptorStream>();
assignable<built.SFrameDecryptorStream, declared.SFrameDecryptorStream>();
assignable<built.SFrameTransform, declared.SFrameTransform>();
assignable<built.SFrameEncrypterStream, declared.SFrameEncrypterStream>();
assignable<built.SFrameDecrypterStream, declared.SFrameDecrypterStream>();
assignable<built.SFrameTransformErrorEvent, declared.SFrameTransformErrorEvent>();
assignable<InstanceType<typeof built.RTCRtpScriptTransformer>, declared.RTCRtpScriptTransformer>();
assignable<InstanceType<typeof built.RTCTransformEvent>, declared.RTCTransformEvent>();
assignable<InstanceType<typeof built.KeyFrameRequestEvent>, declared.KeyFrameRequestEvent>();
assignable<InstanceType<typeof built.nonstandard.RTCEncodedVideoSource>, declared.nonstandard.RTCEncodedVideoSource>();
assignable<InstanceType<typeof built.nonstandard.RTCEncodedAudioSource>, declared.nonstandard.RTCEncodedAudioSource>();
assignable<InstanceType<typeof built.nonstandard.RTCEncodedVideoSink>, declared.nonstandard.RTCEncodedVideoSink>();
assignable<InstanceType<typeof built.nonstandard.RTCEncodedAudioSink>, declared.nonstandard.RTCEncodedAudioSink>();
assignable<InstanceType<typeof built.nonstandard.RTCRtpPacketTap>, declared.nonstandard.RTCRtpPacketTap>();
assignable<built.MediaStreamTrackProcessor, declared.MediaStreamTrackProcessor>();
assignable<built.MediaStreamTrackGenerator, declared.MediaStreamTrackGenerator>();
assignable<built.VideoTrackGenerator, declared.VideoTrackGenerator>();
assignable<built.VideoFrame, declared.VideoFrame>();
assignable<built.VideoColorSpace, declared.VideoColorSpace>();
assignable<built.AudioData, declared.AudioData>();
assignable<InstanceType<typeof built.nonstandard.RTCVideoSource>, declared.nonstandard.RTCVideoSource>();
assignable<InstanceType<typeof built.nonstandard.RTCVideoSink>, declared.nonstandard.RTCVideoSink>();
assignable<InstanceType<typeof built.nonstandard.RTCAudioSource>, declared.nonstandard.RTCAudioSource>();
assignable<InstanceType<typeof built.nonstandard.RTCAudioSink>, declared.nonstandard.RTCAudioSink>();
assignable<typeof built.nonstandard.openFile, typeof declared.nonstandard.openFile>();
assignable<typeof built.nonstandard.connectFile, typeof declared.nonstandard.connectFile>();
assignable<typeof built.nonstandard.readFrameNumber, typeof declared.nonstandard.readFrameNumber>();
assignable<typeof built.nonstandard.i420ToRgba, typeof declared.nonstandard.i420ToRgba>();
assignable<typeof built.nonstandard.rgbaToI420, typeof declared.nonstandard.rgbaToI420>();
same<SameKeys<typeof built.nonstandard, { [Name in keyof typeof declared.nonstandard]: unknown }>>();
same<SameKeys<built.MediaStreamTrackProcessor, declared.MediaStreamTrackProcessor>>();
same<SameKeys<built.VideoTrackGenerator, declared.VideoTrackGenerator>>();
same<SameKeys<built.VideoFrame, declared.VideoFrame>>();
same<SameKeys<built.VideoColorSpace, declared.VideoColorSpace>>();
same<SameKeys<built.AudioData, declared.AudioData>>();

same<SameKeys<built.RTCPeerConnection, declared.RTCPeerConnection>>();
same<SameKeys<built.RTCDataChannel, declared.RTCDataChannel>>();
same<SameKeys<built.RTCSctpTransport, declared.RTCSctpTransport>>();
same<SameKeys<built.RTCDtlsTransport, declared.RTCDtlsTransport>>();
same<SameKeys<built.RTCIceTransport, declared.RTCIceTransport>>();
same<SameKeys<built.RTCCertificate, declared.RTCCertificate>>();
same<SameKeys<built.RTCIceCandidate, declared.RTCIceCandidate>>();
same<SameKeys<built.RTCIceCandidatePair, declared.RTCIceCandidatePair>>();
same<SameKeys<built.RTCSessionDescription, declared.RTCSessionDescription>>();
same<SameKeys<built.RTCStatsReport, declared.RTCStatsReport>>();
same<SameKeys<built.RTCError, declared.RTCError>>();
same<SameKeys<built.RTCErrorEvent, declared.RTCErrorEvent>>();
same<SameKeys<built.RTCDataChannelEvent, declared.RTCDataChannelEvent>>();
same<SameKeys<built.RTCPeerConnectionIceEvent, declared.RTCPeerConnectionIceEvent>>();
same<SameKeys<built.RTCPeerConnectionIceErrorEvent, declared.RTCPeerConnectionIceErrorEvent>>();
same<SameKeys<built.RTCTrackEvent, declared.RTCTrackEvent>>();
same<SameKeys<built.RTCRtpTransceiver, declared.RTCRtpTransceiver>>();
same<SameKeys<built.RTCRtpSender, declared.RTCRtpSender>>();
same<SameKeys<built.RTCRtpReceiver, declared.RTCRtpReceiver>>();
same<SameKeys<built.RTCDTMFSender, declared.RTCDTMFSender>>();
same<SameKeys<built.RTCDTMFToneChangeEvent, declared.RTCDTMFToneChangeEvent>>();
same<SameKeys<built.MediaStream, declared.MediaStream>>();
same<SameKeys<built.MediaStreamTrack, declared.MediaStreamTrack>>();
same<SameKeys<built.MediaStreamTrackEvent, declared.MediaStreamTrackEvent>>();
same<SameKeys<built.CaptureController, declared.CaptureController>>();
same<SameKeys<built.DeviceChangeEvent, declared.DeviceChangeEvent>>();
same<SameKeys<built.InputDeviceInfo, declared.InputDeviceInfo>>();
same<SameKeys<built.MediaDeviceInfo, declared.MediaDeviceInfo>>();
same<SameKeys<built.MediaDevices, declared.MediaDevices>>();
same<SameKeys<built.OverconstrainedError, declared.OverconstrainedError>>();
same<SameKeys<built.RTCEncodedVideoFrame, declared.RTCEncodedVideoFrame>>();
same<SameKeys<built.RTCEncodedAudioFrame, declared.RTCEncodedAudioFrame>>();
same<SameKeys<built.RTCRtpScriptTransform, declared.RTCRtpScriptTransform>>();
same<SameKeys<built.RTCRtpSFrameEncryptor, declared.RTCRtpSFrameEncryptor>>();
same<SameKeys<built.RTCRtpSFrameDecryptor, declared.RTCRtpSFrameDecryptor>>();
same<SameKeys<built.SFrameEncryptorStream, declared.SFrameEncryptorStream>>();
same<SameKeys<built.SFrameDecryptorStream, declared.SFrameDecryptorStream>>();
same<SameKeys<built.SFrameTransform, declared.SFrameTransform>>();
same<SameKeys<built.SFrameEncrypterStream, declared.SFrameEncrypterStream>>();
same<SameKeys<built.SFrameDecrypterStream, declared.SFrameDecrypterStream>>();
same<SameKeys<built.SFrameTransformErrorEvent, declared.SFrameTransformErrorEvent>>();
same<SameKeys<InstanceType<typeof built.RTCRtpScriptTransformer>, declared.RTCRtpScriptTransformer>>();
same<SameKeys<InstanceType<typeof built.RTCTransformEvent>, declared.RTCTransformEvent>>();
same<SameKeys<InstanceType<typeof built.KeyFrameRequestEvent>, declared.KeyFrameRequestEvent>>();
same<
  SameKeys<InstanceType<typeof built.nonstandard.RTCEncodedVideoSource>, declared.nonstandard.RTCEncodedVideoSource>
>();
same<
  SameKeys<InstanceType<typeof built.nonstandard.RTCEncodedAudioSource>, declared.nonstandard.RTCEncodedAudioSource>
>();
same<SameKeys<InstanceType<typeof built.nonstandard.RTCEncodedVideoSink>, declared.nonstandard.RTCEncodedVideoSink>>();
same<SameKeys<InstanceType<typeof built.nonstandard.RTCEncodedAudioSink>, declared.nonstandard.RTCEncodedAudioSink>>();
same<SameKeys<InstanceType<typeof built.nonstandard.RTCRtpPacketTap>, declared.nonstandard.RTCRtpPacketTap>>();
