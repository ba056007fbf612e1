/**
 * The typed contract of the native addon: every class, struct and event that crosses Node-API.
 *
 * Values given to the addon are clean (the W3C layer has converted and checked them); a wrong shape is our own bug and
 * throws a plain Error. Nothing that the addon makes is a Promise, an ArrayBuffer view or an Error of another realm:
 * answers come as events, and TypeScript makes the objects.
 */

/** Kinds of event, as the addon numbers them (native/addon/event_kind.h mirrors this list). */
export const NativeEventKind = {
  /** value: IceTransportState */
  IceState: 1,
  /** number: calls of restart() until then; value: 'new' | 'gathering' | 'complete' */
  IceGatheringState: 2,
  /** value: NativeIceCandidate */
  IceCandidate: 3,
  /** value: NativeIceCandidateError */
  IceCandidateError: 4,
  /** value: {local: NativeIceCandidate, remote: NativeIceCandidate} */
  IceSelectedPair: 5,
  /** value: 'controlling' | 'controlled' */
  IceRole: 6,
  /** value: NativeIcePortOpened */
  IcePortOpened: 7,
  /** value: NativeUnknownRequest */
  IceUnknownRequest: 8,
  /** value: NativeDtlsStateChange */
  DtlsState: 10,
  /** value: NativeSctpStateChange */
  SctpState: 20,
  /** number: stream id; value: string (PPID 51, 56) */
  SctpString: 21,
  /** number: stream id; value: ArrayBuffer (PPID 53, 57), of the main realm */
  SctpBinary: 22,
  /** number: stream id; value: ArrayBuffer holding a DCEP message (PPID 50) */
  SctpControl: 23,
  /** number: stream id */
  SctpIncomingReset: 24,
  /** number: stream id */
  SctpOutgoingReset: 25,
  /** number: stream id; value: octets (number) that left the buffer */
  SctpBufferedAmountDecreased: 26,
  /** value: boolean: whether media comes, or its end was told */
  RtpReceiverFlow: 40,
  /** To a sender or receiver with a packet tap. number: 1 for RTCP; value: ArrayBuffer */
  RtpPacket: 43,
  /** value: NativeEncodedFrame, of a sender or receiver with a frame tap */
  EncodedFrame: 41,
  /**
   * value: rid. number 0: the peer asks a sender for a keyframe whose tap takes the requests; 1: the next frame that is
   * pushed should be one
   */
  KeyFrameRequest: 42,
  /** number: request id; value: NativeIceStats, NativeDtlsInfo or NativeSctpStats, as the asked handle has it */
  Stats: 30,
  /** target 0; number: request id; value: NativeCertificate, or string: why there is none */
  CertificateGenerated: 31,
  /** To a VideoSink. value: NativeVideoFrame, its data of the main realm */
  VideoFrame: 50,
  /** To an AudioSink. value: NativeAudioBlock, its data of the main realm */
  AudioBlock: 51,
  /** To a source. number: 1 when somebody takes its media from now on, 0 when nobody does */
  SourceDemand: 52,
  /** To a source that has an end. value: why it failed; empty when nothing is left of it */
  SourceEnded: 53,
} as const;

/** Version of this contract; native/addon/addon.cc states the same number. */
export const NATIVE_CONTRACT_VERSION = 3;

/**
 * Takes one event. Events cross the threads in batches, one wake-up for many; but each gets a call of its own, so that
 * the microtasks of one run before the next. An exception out of it becomes an uncaught one, and the rest still comes.
 * @param id handle id, or 0
 */
export type NativeDispatcher = (id: number, kind: number, number: number, value: unknown) => void;

export type NativeIceTransportState =
  'new' | 'checking' | 'connected' | 'completed' | 'disconnected' | 'failed' | 'closed';

export interface NativeIceCandidate {
  foundation: string;
  priority: number;
  protocol: 'udp' | 'tcp';
  /** IP address, or for a remote candidate a name (`x.local`). */
  address: string;
  port: number;
  type: 'host' | 'srflx' | 'prflx' | 'relay';
  /** Empty when not TCP. */
  tcpType: '' | 'active' | 'passive' | 'so';
  /** Empty when there is none. */
  relatedAddress: string;
  relatedPort: number;
  usernameFragment: string;
  relayProtocol: '' | 'udp' | 'tcp' | 'tls';
  url: string;
}

export interface NativeIceCandidateError {
  address: string;
  port: number;
  url: string;
  code: number;
  reason: string;
}

export interface NativeIceServer {
  url: string;
  scheme: 'stun' | 'stuns' | 'turn' | 'turns';
  host: string;
  port: number;
  transport: 'udp' | 'tcp';
  username: string;
  password: string;
}

export interface NativeIceParameters {
  usernameFragment: string;
  password: string;
  iceLite: boolean;
}

export interface NativeIceOptions {
  servers: NativeIceServer[];
  relayOnly: boolean;
  portRangeBegin: number;
  portRangeEnd: number;
  /** Empty: every usable interface. */
  bindAddress: string;
  udpMux: boolean;
  includeLoopback: boolean;
  /** 'active': connections to a peer's passive candidates; 'listen': passive candidates, too. */
  tcp: 'off' | 'active' | 'listen';
  /** A PEM file of authorities for TLS servers, besides the system's; or empty. */
  extraAuthorities: string;
  /** Addresses, prefixes, names of interfaces (`*` at the end stands for anything); none allowed: all are. */
  allowedInterfaces: string[];
  excludedInterfaces: string[];
  /** `local` empty: every local address of the same family. */
  natAddresses: { external: string; local: string }[];
  /** 'host': in place of the local address; 'srflx': beside it. */
  natCandidateType: 'host' | 'srflx';
  /** Host candidates have names of multicast DNS in place of addresses. */
  mdnsCandidates: boolean;
  /** RFC 8445 section 2.5: answers checks and sends none. */
  lite: boolean;
}

export interface NativeIceCandidatePairStats {
  id: string;
  localCandidateId: string;
  remoteCandidateId: string;
  state: 'frozen' | 'waiting' | 'in-progress' | 'failed' | 'succeeded';
  nominated: boolean;
  packetsSent: number;
  packetsReceived: number;
  bytesSent: number;
  bytesReceived: number;
  /** Milliseconds since the Unix epoch; 0: never. */
  lastPacketSentTimestamp: number;
  lastPacketReceivedTimestamp: number;
  /** Seconds. */
  totalRoundTripTime: number;
  /** Seconds; -1: not measured yet. */
  currentRoundTripTime: number;
  requestsReceived: number;
  requestsSent: number;
  responsesReceived: number;
  responsesSent: number;
  consentRequestsSent: number;
  packetsDiscardedOnSend: number;
  bytesDiscardedOnSend: number;
}

export interface NativeIceStats {
  pairs: NativeIceCandidatePairStats[];
  candidates: (NativeIceCandidate & { id: string; remote: boolean })[];
  selectedPairId: string;
  selectedPairChanges: number;
  packetsSent: number;
  packetsReceived: number;
  bytesSent: number;
  bytesReceived: number;
}

export interface NativeFingerprint {
  algorithm: string;
  value: string;
}

export interface NativeDtlsStateChange {
  state: 'new' | 'connecting' | 'connected' | 'closed' | 'failed';
  /** Why it failed; empty otherwise. */
  error: string;
  /** TLS alert number received or sent, or -1. */
  alert: number;
  /** With 'connected': what was negotiated. */
  info: NativeDtlsInfo | null;
}

export interface NativeDtlsInfo {
  /** Four hex digits, 'FEFD' for DTLS 1.2. */
  version: string;
  cipher: string;
  srtpCipher: string;
  group: string;
  /** DER, the peer's own certificate first; ArrayBuffers of the main realm. */
  peerCertificates: ArrayBuffer[];
}

export interface NativeSctpStateChange {
  state: 'new' | 'connecting' | 'connected' | 'closed';
  /** Empty after an orderly end. */
  error: string;
  /** SCTP cause code, or -1. */
  cause: number;
  /** With 'connected': streams usable in both directions. */
  maxStreams: number;
}

export interface NativeSctpStats {
  /** Seconds; -1: not measured. */
  smoothedRoundTripTime: number;
  congestionWindow: number;
  receiverWindow: number;
  mtu: number;
  unacknowledgedData: number;
  packetsSent: number;
  packetsReceived: number;
  bytesSent: number;
  bytesReceived: number;
  messagesSent: number;
  messagesReceived: number;
}

export interface NativeCertificateOptions {
  keyType: 'ecdsa-p256' | 'rsa';
  rsaModulusBits: number;
  rsaPublicExponent: number;
  expiresInMs: number;
}

/** Not tied to an event queue; garbage collected. */
export interface NativeCertificate {
  readonly expires: number;
  readonly keyType: 'ecdsa-p256' | 'rsa';
  fingerprint(algorithm: 'sha-256' | 'sha-384' | 'sha-512'): NativeFingerprint;
  certificatePem(): string;
  privateKeyPem(): string;
}

/** What every transport handle has. After close() each method does nothing, and no event of it is delivered. */
export interface NativeTransportHandle {
  /** Positive, unique in the environment; the first entry of its events. */
  readonly id: number;
  /** Asks for the stats struct; answered by a Stats event with this request id (also after close, with the last values). */
  requestStats(requestId: number): void;
  /** Idempotent. Closing a parent closes its children first. */
  close(): void;
}

export interface NativeIceTransport extends NativeTransportHandle {
  gather(): void;
  /** For a pool: gathering has no end before {@link gather}, and follows interfaces that come until then. */
  gatherAhead(): void;
  /**
   * @param localRestartFollows the peer's offer restarts ICE, and restart() will answer it: no checks before that. The
   * former parameters, given again instead, undo it. Default: false
   */
  setRemoteParameters(parameters: NativeIceParameters, localRestartFollows?: boolean): void;
  addRemoteCandidate(candidate: NativeIceCandidate): void;
  /** Drops the peer's parameters, candidates and all pairs; answered by an IceState event that says 'new'. */
  forgetRemote(): void;
  setRemoteEndOfCandidates(): void;
  start(role: 'controlling' | 'controlled'): void;
  setRole(role: 'controlling' | 'controlled'): void;
  /** Until the restart is completed, the former credentials, given again, undo it. */
  restart(local: NativeIceParameters, options: NativeIceOptions): void;
}

export interface NativeSocketAddress {
  address: string;
  port: number;
}

export interface NativeIcePortOpened {
  addresses: NativeSocketAddress[];
  /** Why the port could not be opened; empty when it is. */
  error: string;
}

export interface NativeUnknownRequest {
  localUsernameFragment: string;
  remoteUsernameFragment: string;
  local: NativeSocketAddress;
  remote: NativeSocketAddress;
}

/** A UDP port that connections share; it opens once it is made, and tells so by an event. It has no statistics. */
export type NativeIceUdpPort = NativeTransportHandle;

export interface NativeDtlsTransport extends NativeTransportHandle {
  start(role: 'client' | 'server', fingerprints: NativeFingerprint[]): void;
}

export interface NativeSctpAssociation extends NativeTransportHandle {
  start(): void;
  /**
   * Queues one message; the octets are copied before it returns.
   * @param limit -1: reliable; otherwise maxRetransmits or maxPacketLifeTime, as `limitKind` says (1 or 2)
   * @returns octets now queued in native code for this association (for memory bounds, not the W3C counter)
   */
  send(
    streamId: number,
    ppid: number,
    ordered: boolean,
    limitKind: 0 | 1 | 2,
    limit: number,
    data: string | ArrayBuffer | ArrayBufferView,
  ): number;
  resetStream(streamId: number): void;
  setReceiving(receiving: boolean): void;
}

export interface NativeSctpOptions {
  localPort: number;
  remotePort: number;
  maxReceiveMessageSize: number;
}

/** A payload format that the build can send or receive. */
export interface NativeCodecCapability {
  /** 'video/VP8' */
  mimeType: string;
  clockRate: number;
  /** 0: not told, for video. */
  channels: number;
  /** Of `a=fmtp`; empty: none. */
  sdpFmtpLine: string;
  canSend: boolean;
  canReceive: boolean;
  /** Of `a=rtcp-fb`: 'nack pli'. */
  rtcpFeedback: string[];
  /** Offered where it is free; that of a codec's RTX is the next one. */
  preferredPayloadType: number;
  /** What its encoder can do, the default first. */
  scalabilityModes: string[];
}

export interface NativeHeaderExtensionCapability {
  uri: string;
  /** 1 to 14 */
  preferredId: number;
  canSend: boolean;
  canReceive: boolean;
  /** Unless the application asks for something else. */
  isOffered: boolean;
  /** And then it cannot. */
  isMandatory: boolean;
}

/** What the build can do with one kind of media, best first. */
export interface NativeMediaCapabilities {
  codecs: NativeCodecCapability[];
  headerExtensions: NativeHeaderExtensionCapability[];
  /** That one sender sends at once. */
  maxEncodings: number;
}

/** RTCP feedback that was negotiated for a codec. */
export interface NativeFeedback {
  nack: boolean;
  pli: boolean;
  fir: boolean;
  remb: boolean;
  transportCc: boolean;
}

export interface NativeHeaderExtension {
  uri: string;
  id: number;
}

/** A codec that an encoding is sent with. */
export interface NativeSendCodec {
  /** Of the MIME type, in lower case: 'vp8', 'opus'. */
  name: string;
  payloadType: number;
  clockRate: number;
  /** -1: nothing is sent again as RTX. */
  rtxPayloadType: number;
  feedback: NativeFeedback;
  /** H.264: the profile's name, as native/addon/rtp_parameters.cc lists them; otherwise ''. */
  h264Profile: '' | 'constrained-baseline' | 'baseline' | 'main' | 'constrained-high' | 'high';
  /** H.264 packetization mode 0. */
  singleNalUnits: boolean;
  /** Audio: coded channels. */
  channels: number;
  /** Audio: milliseconds of sound in a packet. */
  packetTime: number;
  maxPlaybackRate: number;
  inBandFec: boolean;
  dtx: boolean;
  constantBitrate: boolean;
  isMusic: boolean;
  /** -1: not used. */
  redPayloadType: number;
  /** -1: silence is sent as sound. */
  comfortNoisePayloadType: number;
}

/** One of [[SendEncodings]], with what was negotiated for it. */
export interface NativeEncoding {
  rid: string;
  ssrc: number;
  rtxSsrc: number;
  active: boolean;
  codec: NativeSendCodec;
  /** Bits a second; 0: as much as is useful. */
  maxBitrate: number;
  /** -1: as captured. */
  maxFramerate: number;
  scaleResolutionDownBy: number;
  /** Of scaleResolutionDownTo; 0: not used. */
  maxWidth: number;
  maxHeight: number;
  /** Of 16 by 16 pixels, in a picture: what the peer's decoder takes; 0: any number. */
  maxMacroblocks: number;
  priority: 'very-low' | 'low' | 'medium' | 'high';
  temporalLayers: number;
}

export interface NativeSendParameters {
  mid: string;
  cname: string;
  /** The direction sends. */
  active: boolean;
  reducedSizeRtcp: boolean;
  headerExtensions: NativeHeaderExtension[];
  /** Of the section, bits a second, as the peer wants it; 0: not said. */
  maxBitrate: number;
  encodings: NativeEncoding[];
  degradation: 'balanced' | 'maintain-framerate' | 'maintain-resolution' | 'disabled';
  /** contentHint 'detail' or 'text' */
  isDetail: boolean;
  /** -1: not negotiated. */
  telephoneEventPayloadType: number;
  telephoneEventClockRate: number;
}

/** A payload type that may come in. */
export interface NativeReceiveCodec {
  /** Of the MIME type, in lower case: 'vp8', 'rtx', 'cn'. */
  name: string;
  payloadType: number;
  clockRate: number;
  channels: number;
  /** RTX: apt; otherwise -1. */
  associatedPayloadType: number;
  feedback: NativeFeedback;
  /** H.264: sprop-parameter-sets; otherwise ''. */
  parameterSets: string;
}

export interface NativeReceiveParameters {
  mid: string;
  /** The direction receives. */
  active: boolean;
  reducedSizeRtcp: boolean;
  headerExtensions: NativeHeaderExtension[];
  codecs: NativeReceiveCodec[];
  rids: string[];
  sources: { ssrc: number; cname: string }[];
  /** Of `a=ssrc-group:FID`. */
  retransmissionGroups: { ssrc: number; rtxSsrc: number }[];
  /** Sections of the same group are played in sync; '': none. */
  syncGroup: string;
}

/** Counters of one stream that is sent; times in seconds, -1 where nothing is known yet. */
export interface NativeOutboundStats {
  ssrc: number;
  rid: string;
  packetsSent: number;
  bytesSent: number;
  headerBytesSent: number;
  retransmittedPacketsSent: number;
  retransmittedBytesSent: number;
  totalPacketSendDelay: number;
  nackCount: number;
  firCount: number;
  pliCount: number;
  framesSent: number;
  hugeFramesSent: number;
  framesEncoded: number;
  keyFramesEncoded: number;
  framesPerSecond: number;
  frameWidth: number;
  frameHeight: number;
  /** -1: the codec does not tell. */
  qpSum: number;
  totalEncodeTime: number;
  totalEncodedBytesTarget: number;
  targetBitrate: number;
  qualityLimitationReason: 'none' | 'cpu' | 'bandwidth' | 'other';
  qualityLimitationDurations: { none: number; cpu: number; bandwidth: number; other: number };
  qualityLimitationResolutionChanges: number;
  encoderImplementation: string;
  active: boolean;
  /** What the peer reports of it; null: nothing yet. */
  remote: {
    packetsLost: number;
    fractionLost: number;
    jitter: number;
    roundTripTime: number;
    totalRoundTripTime: number;
    roundTripTimeMeasurements: number;
    packetsReceived: number;
    /** Milliseconds since the Unix epoch. */
    timestamp: number;
  } | null;
}

export interface NativeSenderStats {
  /** Of the sender's handle. */
  id: number;
  streams: NativeOutboundStats[];
  /** Of the track, as the sender sees it. */
  source: {
    frames: number;
    framesPerSecond: number;
    width: number;
    height: number;
    audioLevel: number;
    totalAudioEnergy: number;
    totalSamplesDuration: number;
  };
}

/** Counters of one stream that is received, as webrtc-stats names them; -1 where nothing is known. */
export interface NativeInboundStats {
  ssrc: number;
  rid: string;
  rtxSsrc: number;
  payloadType: number;
  /** Negative where duplicates outnumber what was lost. */
  packetsLost: number;
  [counter: string]: number | string | NativeRemoteOutboundStats | null;
  decoderImplementation: string;
  /** Of the peer's sender reports; null: none has come. */
  remote: NativeRemoteOutboundStats | null;
}

export interface NativeRemoteOutboundStats {
  packetsSent: number;
  bytesSent: number;
  reportsSent: number;
  /** Milliseconds since the Unix epoch, by our clock and by the peer's. */
  timestamp: number;
  remoteTimestamp: number;
  /** Seconds; -1: not measured. */
  roundTripTime: number;
  totalRoundTripTime: number;
  roundTripTimeMeasurements: number;
}

export interface NativeReceiverStats {
  /** Of the receiver's handle. */
  id: number;
  streams: NativeInboundStats[];
}

/** Of one transport: everything that flows over it, sampled together. */
export interface NativeRtpTransportStats {
  /** Bits a second; -1: no estimate yet. */
  availableOutgoingBitrate: number;
  availableIncomingBitrate: number;
  rtpPacketsDiscarded: number;
  srtpAuthenticationFailures: number;
  srtpReplays: number;
  senders: NativeSenderStats[];
  receivers: NativeReceiverStats[];
}

/** A coded frame on its way through JavaScript. */
export interface NativeEncodedFrame {
  /** Echoed back with the frame; each is taken back once. */
  token: number;
  data: ArrayBuffer;
  /** Video: whether it refers to no other frame. */
  isKeyframe: boolean;
  rtpTimestamp: number;
  ssrc: number;
  payloadType: number;
  rid: string;
  /** Audio that was received: of its packet; otherwise -1. */
  sequenceNumber: number;
  width: number;
  height: number;
  temporalIndex: number;
  /** -1: not known, and the dependencies neither. */
  frameId: number;
  dependencies: number[];
  /** Microseconds, of the picture; -1: not known. */
  timestamp: number;
  /** Milliseconds since the Unix epoch; -1: not known. */
  captureTime: number;
  /** Milliseconds from the clock of who captured it to the sender's; absent: not known. */
  senderCaptureTimeOffset?: number;
  receiveTime: number;
  csrcs: number[];
  /** -dBov; -1: not known. */
  audioLevel: number;
}

/** SRTP, demultiplexing, pacing and congestion control over one DTLS transport. */
export type NativeRtpTransport = NativeTransportHandle;

/** A frame that a program has coded. Negative numbers: not known. */
export interface NativePushedFrame {
  /** Copied before the call returns. */
  data: Uint8Array;
  isKeyframe: boolean;
  /** Microseconds; the RTP timestamp follows it. */
  timestamp: number;
  width: number;
  height: number;
  rotation: number;
  temporalIndex: number;
  /** Empty: the first encoding. */
  rid: string;
  /** Milliseconds since the Unix epoch. */
  captureTime: number;
  /** -dBov */
  audioLevel: number;
}

/** What one RTCRtpSender sends over a transport. */
export interface NativeRtpSender extends NativeTransportHandle {
  configure(parameters: NativeSendParameters): void;
  /** null: nothing is sent. */
  setTrack(track: NativeMediaTrack | null): void;
  /** Whether frames come by pushFrame(), and not from the track. */
  setPushed(pushed: boolean): void;
  pushFrame(frame: NativePushedFrame): void;
  /** RFC 4733. `tone` is one of 0-9, A-D, #, *; milliseconds. */
  playTone(tone: string, duration: number): void;
  /** Of all encodings, or of those with these rids. */
  requestKeyFrame(rids: string[]): void;
  /** Whether coded frames go through JavaScript: an EncodedFrame event each, which writeFrame() gives back. */
  setFrameTap(active: boolean, takesKeyFrameRequests: boolean): void;
  /**
   * The octets are copied before it returns. In ascending order of tokens; one that is not known is ignored. Negative
   * numbers: as it was. The capture time is what abs-capture-time says, where that is sent.
   */
  writeFrame(token: number, data: ArrayBuffer, rtpTimestamp: number, audioLevel: number, captureTime: number): void;
  /** Whether an RtpPacket event tells of each packet (RtpPacketPort). */
  setPacketTap(active: boolean): void;
  /** Copied before the call returns. */
  writePacket(packet: Uint8Array, isRtcp: boolean): void;
}

/** Of an RTP stream that was heard within the last ten seconds. */
export interface NativeRtpSource {
  source: number;
  isContributing: boolean;
  /** Milliseconds since the Unix epoch. */
  timestamp: number;
  rtpTimestamp: number;
  /** Linear, 0 to 1; -1: not known. */
  audioLevel: number;
  /** Of abs-capture-time: milliseconds since 1900, by the clock of who captured it. */
  captureTimestamp?: number;
  /** From that clock to the sender's, in milliseconds. */
  senderCaptureTimeOffset?: number;
}

/** What one RTCRtpReceiver receives over a transport; its frames go into a source. */
export interface NativeRtpReceiver extends NativeTransportHandle {
  configure(parameters: NativeReceiveParameters): void;
  /** Milliseconds; -1: as the buffer sees fit. */
  setJitterBufferTarget(target: number): void;
  sources(): NativeRtpSource[];
  requestKeyFrame(): void;
  setFrameTap(active: boolean): void;
  writeFrame(token: number, data: ArrayBuffer, rtpTimestamp: number, audioLevel: number, captureTime: number): void;
  /** Whether an RtpPacket event tells of each packet (RtpPacketPort). */
  setPacketTap(active: boolean): void;
  /** Copied before the call returns. */
  writePacket(packet: Uint8Array, isRtcp: boolean): void;
}

/** When a frame or block is from. */
export interface NativeMediaTimes {
  /** Microseconds by the engine's monotonic clock (that of process.hrtime). */
  captureTime: number;
  /** Microseconds, as the program gave them that pushed it. */
  programTime?: number;
  /** Of received media. */
  rtpTimestamp?: number;
  /** Of received media, by the sender's clock: milliseconds since 1900. */
  captureNtpTime?: number;
}

/** I420: three planes without padding, chroma rounded up. */
export interface NativeVideoFrame extends NativeMediaTimes {
  width: number;
  height: number;
  /** Degrees clockwise by which it has to be turned to be upright. */
  rotation: 0 | 90 | 180 | 270;
  data: ArrayBuffer;
}

/** 16 bits, interleaved. */
export interface NativeAudioBlock extends NativeMediaTimes {
  sampleRate: number;
  channelCount: number;
  numberOfFrames: number;
  data: ArrayBuffer;
}

/** Sources, tracks and sinks; requestStats() has little to tell of them. They never hold the process. */
export type NativeMediaHandle = NativeTransportHandle;

export interface NativeVideoShape {
  width: number;
  height: number;
  frameRate: number;
}

export interface NativeVideoSource extends NativeMediaHandle {
  /**
   * Sends a picture on, which is copied before this returns. Of program sources.
   * @param data I420 without padding; a view's own octets
   * @param captureTime microseconds by the engine's clock; without it: now
   */
  push(
    data: ArrayBuffer | ArrayBufferView,
    width: number,
    height: number,
    rotation: number,
    programTime?: number,
    captureTime?: number,
  ): void;
  /** Of fake sources: from the next picture on. */
  configure(shape: NativeVideoShape): void;
  /** Pictures as they come now, upright; zeros until one has come. */
  flow(): NativeVideoShape;
}

export interface NativeAudioShape {
  sampleRate: number;
  channelCount: number;
}

export interface NativeAudioSource extends NativeMediaHandle {
  /**
   * Sends sound on, which is copied before this returns. Of program sources.
   * @param data 16 bits, interleaved
   * @param paced in real time, in blocks of 10 ms; otherwise at once, as it is
   * @returns false when it was not taken, because too much waits already
   */
  push(
    data: ArrayBuffer | ArrayBufferView,
    sampleRate: number,
    channelCount: number,
    paced: boolean,
    programTime?: number,
    captureTime?: number,
  ): boolean;
  configure(shape: NativeAudioShape): void;
  flow(): NativeAudioShape;
  /** Of paced sound: microseconds that were taken and have not been sent on. */
  waitingUs(): number;
}

/** `reportsDemand`: whether there are SourceDemand events. */
export type NativeSourceOptions<Shape> =
  | { type: 'program'; reportsDemand: boolean }
  /** `device`: which of several, told by colour and tone. */
  | ({ type: 'fake'; device: number; reportsDemand: boolean } & Shape)
  /** Y4M or IVF, WAV. The constructor throws an Error whose message says why it cannot be played. */
  | { type: 'file'; path: string; loop: boolean; reportsDemand: boolean };

/** One MediaStreamTrack. Closing it ends it. */
export interface NativeMediaTrack extends NativeMediaHandle {
  setEnabled(enabled: boolean): void;
  /** Of video: largest size, upright, and frame rate; 0: as it comes. */
  setShape(width: number, height: number, frameRate: number): void;
  end(): void;
}

/** Gives VideoFrame or AudioBlock events, until it is closed. */
export interface NativeMediaSink extends NativeMediaHandle {
  /** Of sinks that are pulled: that many more may come. */
  pull(count: number): void;
  /** Of all that the track has delivered; also after close(). */
  counts(): { received: number; dropped: number };
}

/** @param capacity so many wait for JavaScript at most; the oldest are dropped */
export type NativeSinkConstructor = new (track: NativeMediaTrack, capacity: number, pulled: boolean) => NativeMediaSink;

/** Four octets a pixel, in the order of memory. */
export type NativeRgbFormat = 'RGBA' | 'RGBX' | 'BGRA' | 'BGRX';

export interface NativeAddon {
  /** Version of this contract; load.ts refuses another. */
  readonly contractVersion: number;
  readonly versions: { openssl: string; usrsctp: string };
  /** Must be called once per loading of the package in an environment; a later call replaces the dispatcher. */
  setDispatcher(dispatch: NativeDispatcher): void;
  /** The environment's event queue holds the process open while `active` is true. Idempotent. */
  setKeepAlive(active: boolean): void;
  /** Live transport handles in this environment, for leak tests. */
  liveHandles(): number;
  /** native/media/codec_registry.h; the same at each call. */
  mediaCapabilities(): { audio: NativeMediaCapabilities; video: NativeMediaCapabilities };
  generateCertificate(options: NativeCertificateOptions, requestId: number): void;
  /** Throws an Error whose message says what is wrong with the PEM. */
  certificateFromPem(certificatePem: string, privateKeyPem: string): NativeCertificate;
  IceTransport: new (options: NativeIceOptions, local: NativeIceParameters) => NativeIceTransport;
  /** `options`: those members that say where to listen; `portRangeBegin` is the port, 0: a free one. */
  IceUdpPort: new (options: NativeIceOptions) => NativeIceUdpPort;
  DtlsTransport: new (
    ice: NativeIceTransport,
    certificate: NativeCertificate,
    options: { offerSrtp: boolean },
  ) => NativeDtlsTransport;
  SctpAssociation: new (dtls: NativeDtlsTransport, options: NativeSctpOptions) => NativeSctpAssociation;
  RtpTransport: new (dtls: NativeDtlsTransport) => NativeRtpTransport;
  RtpSender: new (transport: NativeRtpTransport, kind: 'audio' | 'video') => NativeRtpSender;
  /** @param source where received frames go: a program's source of that kind */
  RtpReceiver: new (
    transport: NativeRtpTransport,
    kind: 'audio' | 'video',
    source: NativeVideoSource | NativeAudioSource,
  ) => NativeRtpReceiver;
  VideoSource: new (options: NativeSourceOptions<NativeVideoShape>) => NativeVideoSource;
  AudioSource: new (options: NativeSourceOptions<NativeAudioShape>) => NativeAudioSource;
  MediaTrack: new (source: NativeVideoSource | NativeAudioSource) => NativeMediaTrack;
  /** @param from I420 without padding. @param stride octets from row to row */
  i420ToRgb(
    from: ArrayBuffer | ArrayBufferView,
    width: number,
    height: number,
    format: NativeRgbFormat,
    to: ArrayBuffer | ArrayBufferView,
    stride: number,
    matrix: 'bt601' | 'bt709' | 'bt2020',
    fullRange: boolean,
  ): void;
  /** @param to I420 without padding; BT.601, limited range */
  rgbToI420(
    from: ArrayBuffer | ArrayBufferView,
    width: number,
    height: number,
    format: NativeRgbFormat,
    stride: number,
    to: ArrayBuffer | ArrayBufferView,
  ): void;
  VideoSink: NativeSinkConstructor;
  AudioSink: NativeSinkConstructor;
}
