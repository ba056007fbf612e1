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
