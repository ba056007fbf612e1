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
  /** Seconds of sound that its receivers have played; where several do so at once, once. */
  totalPlayoutDuration: number;
  senders: NativeSenderStats[];
  receivers: NativeReceiverStats[];
}
