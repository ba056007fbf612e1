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
  /** One that the codec has. */
  scalabilityMode: string;
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
  /** What the peer wishes of the transport's estimate, bits a second; 0: nothing. */
  minEstimate: number;
  startEstimate: number;
  maxEstimate: number;
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
  codecs: readonly NativeReceiveCodec[];
  rids: string[];
  sources: { ssrc: number; cname: string }[];
  /** Of `a=ssrc-group:FID`. */
  retransmissionGroups: { ssrc: number; rtxSsrc: number }[];
  /** Sections of the same group are played in sync; '': none. */
  syncGroup: string;
}
