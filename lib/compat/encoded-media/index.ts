/** Members of `nonstandard` for media that is encoded. */
export { RTCEncodedAudioSink } from './RTCEncodedAudioSink';
export { RTCEncodedAudioSource } from './RTCEncodedAudioSource';
export { RTCEncodedVideoSink } from './RTCEncodedVideoSink';
export { RTCEncodedVideoSource } from './RTCEncodedVideoSource';
export { RTCRtpPacketTap } from './RTCRtpPacketTap';
