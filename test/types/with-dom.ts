/** Compiled with lib.dom: our types and the browser's stand for one another. */
import * as peerwire from '../../types/index.js';

/** Compiles only when a value of the first type may be given where the second is wanted. */
declare function assignable<Given extends Wanted, Wanted>(): [Given, Wanted];

assignable<peerwire.RTCPeerConnection, RTCPeerConnection>();
assignable<peerwire.RTCDataChannel, RTCDataChannel>();
assignable<peerwire.RTCSctpTransport, RTCSctpTransport>();
assignable<peerwire.RTCDtlsTransport, RTCDtlsTransport>();
assignable<peerwire.RTCIceTransport, RTCIceTransport>();
assignable<peerwire.RTCCertificate, RTCCertificate>();
assignable<peerwire.RTCIceCandidate, RTCIceCandidate>();
assignable<peerwire.RTCIceCandidatePair, RTCIceCandidatePair>();
assignable<peerwire.RTCSessionDescription, RTCSessionDescription>();
assignable<peerwire.RTCStatsReport, RTCStatsReport>();
assignable<peerwire.RTCError, RTCError>();
assignable<peerwire.RTCErrorEvent, RTCErrorEvent>();
assignable<peerwire.RTCDataChannelEvent, RTCDataChannelEvent>();
assignable<peerwire.RTCPeerConnectionIceEvent, RTCPeerConnectionIceEvent>();
assignable<peerwire.RTCPeerConnectionIceErrorEvent, RTCPeerConnectionIceErrorEvent>();
assignable<peerwire.RTCTrackEvent, RTCTrackEvent>();
assignable<peerwire.RTCDTMFSender, RTCDTMFSender>();
assignable<peerwire.RTCDTMFToneChangeEvent, RTCDTMFToneChangeEvent>();
assignable<peerwire.MediaStream, MediaStream>();
assignable<MediaStream, peerwire.MediaStream>();
assignable<peerwire.MediaStreamTrack, MediaStreamTrack>();
assignable<MediaStreamTrack, peerwire.MediaStreamTrack>();
assignable<peerwire.MediaStreamTrackEvent, MediaStreamTrackEvent>();
assignable<MediaStreamTrackEvent, peerwire.MediaStreamTrackEvent>();
assignable<peerwire.InputDeviceInfo, InputDeviceInfo>();
assignable<peerwire.MediaDeviceInfo, MediaDeviceInfo>();
assignable<peerwire.MediaDevices, MediaDevices>();
assignable<peerwire.OverconstrainedError, OverconstrainedError>();
assignable<InputDeviceInfo, peerwire.InputDeviceInfo>();
assignable<MediaStreamConstraints, peerwire.MediaStreamConstraints>();
assignable<MediaTrackSettings, peerwire.MediaTrackSettings>();
assignable<peerwire.MediaTrackConstraints, MediaTrackConstraints>();

assignable<peerwire.RTCRtpSender, RTCRtpSender>();
assignable<peerwire.RTCRtpReceiver, RTCRtpReceiver>();
assignable<peerwire.RTCRtpTransceiver, RTCRtpTransceiver>();
assignable<peerwire.RTCEncodedVideoFrame, RTCEncodedVideoFrame>();
assignable<peerwire.RTCEncodedAudioFrame, RTCEncodedAudioFrame>();
assignable<peerwire.RTCRtpScriptTransform, RTCRtpScriptTransform>();
assignable<Worker, peerwire.WorkerLike>();
assignable<RTCEncodedVideoFrameMetadata, peerwire.RTCEncodedVideoFrameMetadata>();
assignable<peerwire.RTCEncodedVideoFrameMetadata, RTCEncodedVideoFrameMetadata>();
assignable<RTCRtpSendParameters, peerwire.RTCRtpSendParameters>();
assignable<peerwire.RTCRtpSendParameters, RTCRtpSendParameters>();
assignable<RTCRtpReceiveParameters, peerwire.RTCRtpReceiveParameters>();
assignable<peerwire.RTCRtpReceiveParameters, RTCRtpReceiveParameters>();
assignable<RTCRtpCapabilities, peerwire.RTCRtpCapabilities>();
assignable<peerwire.RTCRtpCapabilities, RTCRtpCapabilities>();
assignable<RTCRtpTransceiverInit, peerwire.RTCRtpTransceiverInit>();
assignable<RTCConfiguration, peerwire.RTCConfiguration>();
assignable<RTCDataChannelInit, peerwire.RTCDataChannelInit>();
assignable<RTCIceCandidate, peerwire.RTCIceCandidateInit>();
assignable<RTCIceCandidateInit, peerwire.RTCIceCandidateInit>();
assignable<RTCSessionDescription, peerwire.RTCSessionDescriptionInit>();
assignable<RTCSessionDescriptionInit, peerwire.RTCSessionDescriptionInit>();
assignable<AlgorithmIdentifier, peerwire.RTCKeygenAlgorithm>();
assignable<MessageEvent, peerwire.RTCDataChannelEventMap['message']>();
assignable<VideoFrameBufferInit, peerwire.VideoFrameBufferInit>();
assignable<VideoFrameCopyToOptions, peerwire.VideoFrameCopyToOptions>();
assignable<AudioDataInit, peerwire.AudioDataInit>();
assignable<peerwire.AudioData, AudioData>();
assignable<AudioData, peerwire.AudioData>();
assignable<VideoColorSpace, peerwire.VideoColorSpace>();
assignable<peerwire.VideoColorSpace, VideoColorSpace>();
assignable<typeof peerwire.VideoColorSpace, typeof VideoColorSpace>();
assignable<peerwire.VideoFrame, VideoFrame>();

const channel = {} as peerwire.RTCDataChannel;
channel.onmessage = (event: MessageEvent) => event.data as unknown;
channel.addEventListener('message', (event: MessageEvent) => event.data as unknown, { signal: AbortSignal.abort() });
channel.send(new Blob([]));
channel.send(new Uint8ClampedArray(1));
channel.onerror = ({ error }) => error.errorDetail;
channel.onerror = (event: RTCErrorEvent) => event.error;
// So lib.dom has them up to TypeScript 5.6, and 5.0.
assignable<peerwire.RTCDataChannel, { onerror: ((event: Event) => unknown) | null }>();
assignable<peerwire.RTCDtlsTransport, { onerror: ((event: Event) => unknown) | null }>();
assignable<peerwire.RTCPeerConnection, { onicecandidateerror: ((event: Event) => unknown) | null }>();
const connection: RTCPeerConnection = new peerwire.RTCPeerConnection();
connection.onicecandidate = ({ candidate }) => candidate?.toJSON();
new EventTarget().dispatchEvent(new peerwire.RTCPeerConnectionIceEvent('icecandidate'));

// What our connection gives is ours, and has what lib.dom lacks.
const ours = new peerwire.RTCPeerConnection();
const senders: peerwire.RTCRtpSender[] = ours.getSenders();
const receivers: peerwire.RTCRtpReceiver[] = ours.getReceivers();
const transceivers: peerwire.RTCRtpTransceiver[] = ours.getTransceivers();
const keep = (transceiver: peerwire.RTCRtpTransceiver): void => void transceivers.push(transceiver);
new Map<string, peerwire.RTCRtpSender>().set('video', ours.getSenders()[0]!);
keep(ours.addTransceiver('audio'));
void [ours.addTransceiver('video').stopped, transceivers[0]!.getHeaderExtensionsToNegotiate(), senders, receivers];
ours.addTrack({} as MediaStreamTrack).createEncodedStreams();
ours.addEventListener('track', ({ transceiver }) => keep(transceiver));
ours.ontrack = ({ transceiver, receiver }) => {
  keep(transceiver);
  receiver.createEncodedStreams();
};
ours.ontrack = (event: RTCTrackEvent) => event.streams;
ours.ontrack = null;
// And what was kept as lib.dom's can be given back.
const kept: RTCRtpSender = transceivers[0]!.sender;
const received: RTCRtpReceiver = transceivers[0]!.receiver;
ours.removeTrack(kept);
void [new peerwire.nonstandard.RTCEncodedVideoSink(received), new peerwire.nonstandard.RTCRtpPacketTap(kept)];

// What lib.dom does not know can be given all the same.
const colorSpace = { matrix: 'bt2020-ncl', primaries: 'bt2020', transfer: 'pq' } as const;
const size = { codedWidth: 2, codedHeight: 2, timestamp: 0 };
const deep: VideoFrame = new peerwire.VideoFrame(new Uint8Array(12), { ...size, format: 'I420P10', colorSpace });
void [new peerwire.VideoFrame(deep).metadata(), new peerwire.VideoColorSpace(deep.colorSpace.toJSON())];
