/**
 * Encoded media without a codec of ours: what a program gives a sender, and what it is given of a receiver. Times are
 * microseconds, as in WebCodecs.
 */

/** An access unit on its way to senders. */
export interface SourceFrame {
  /** H.264: Annex B. VP8, VP9, AV1: one frame. Audio: the payload of one packet. Not changed after it was pushed. */
  readonly data: Uint8Array;
  /** Of audio always 'key'. */
  readonly type: 'key' | 'delta';
  /** Of the first sample, or the picture. The RTP timestamp follows it, from a random beginning. */
  readonly timestamp: number;
  readonly width?: number;
  readonly height?: number;
  /** Degrees clockwise, for the header extension of video orientation. */
  readonly rotation?: 0 | 90 | 180 | 270;
  readonly temporalIndex?: number;
  readonly spatialIndex?: number;
  /** Of simulcast: the encoding it is for. Without one it is for the first. */
  readonly rid?: string;
  /** Milliseconds since 1970, for abs-capture-time. */
  readonly captureTime?: number;
  /** Audio: 0 to 127, -dBov, for the header extension of RFC 6464. */
  readonly audioLevel?: number;
}

/** As negotiated. */
export interface EncodedCodec {
  readonly mimeType: string;
  readonly clockRate: number;
  readonly payloadType: number;
  readonly channels?: number;
  readonly sdpFmtpLine?: string;
}

/** A sender that sends what comes; the engine makes one for each sender whose track comes from an {@link EncodedSource}. */
export interface EncodedSink {
  /** What it sends just now; null before negotiation. Frames come only where the mimeType is the source's. */
  readonly codec: EncodedCodec | null;
  /** Packets go out at once, or through the pacer. A sender that is inactive, or whose track is disabled, drops it. */
  push(frame: SourceFrame): void;
}

/** Where a track's encoded frames come from; on the JavaScript thread, as everything here. */
export interface EncodedSource {
  readonly kind: 'audio' | 'video';
  readonly mimeType: string;
  /** The sender begins. Its first video frame is a key frame. */
  addSink(sink: EncodedSink): void;
  removeSink(sink: EncodedSink): void;
  /** `codec` of the sink is another now. */
  codecChanged(sink: EncodedSink): void;
  /** A peer asks for a key frame (PLI, FIR), or the sender begins anew. */
  keyFrameRequested(sink: EncodedSink, rid?: string): void;
}

/** A frame as it was received, or pushed. The data is the observer's own. */
export interface ObservedFrame {
  readonly data: Uint8Array;
  readonly type: 'key' | 'delta';
  readonly timestamp: number;
  readonly mimeType: string;
  readonly payloadType?: number;
  readonly rtpTimestamp?: number;
  readonly synchronizationSource?: number;
  readonly contributingSources?: readonly number[];
  readonly sequenceNumber?: number;
  readonly width?: number;
  readonly height?: number;
  readonly temporalIndex?: number;
  readonly spatialIndex?: number;
  readonly rid?: string;
  readonly audioLevel?: number;
  readonly receiveTime?: number;
  readonly captureTime?: number;
}

/** Where encoded frames can be looked at on their way. */
export interface EncodedFeed {
  readonly kind: 'audio' | 'video';
  /** @returns how to stop */
  observe(observer: (frame: ObservedFrame) => void): () => void;
  /** Nothing comes of it where nobody can be asked. */
  requestKeyFrame(): void;
}
