import type { NativeTransportHandle } from './handle';
import type { NativeMediaTrack } from './media';
import type { NativeReceiveParameters, NativeSendParameters } from './rtp-parameters';

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
  spatialIndex: number;
  /** No other spatial layer of the picture comes behind it. */
  endsPicture: boolean;
  /** Decoders of this spatial layer take none of the others. */
  isIndependent: boolean;
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

/** What senders and receivers have in common. */
export interface NativeRtpStream<Parameters> extends NativeTransportHandle {
  configure(parameters: Parameters): void;
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

/** What one RTCRtpSender sends over a transport. */
export interface NativeRtpSender extends NativeRtpStream<NativeSendParameters> {
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
export interface NativeRtpReceiver extends NativeRtpStream<NativeReceiveParameters> {
  /** Milliseconds; -1: as the buffer sees fit. */
  setJitterBufferTarget(target: number): void;
  sources(): NativeRtpSource[];
  requestKeyFrame(): void;
  setFrameTap(active: boolean): void;
}
