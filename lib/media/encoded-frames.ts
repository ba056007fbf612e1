/**
 * The seam between the engine and what JavaScript does with encoded frames (https://w3c.github.io/webrtc-encoded-transform/):
 * the engine gives each frame out behind its encoder or depacketizer, and takes it back before its packetizer or decoder.
 */

/** A frame as it came out of an encoder, or was put together from packets. */
export interface EncodedFrame {
  readonly kind: 'audio' | 'video';
  /** Of audio always 'key'. */
  readonly type: 'key' | 'delta';
  /**
   * The receiver of this object owns it. H.264: Annex B. VP8, VP9, AV1: one frame, AV1 with OBU sizes and without temporal
   * delimiter. Audio: the payload of one packet.
   */
  readonly data: ArrayBuffer;
  /** `audio/opus`, `video/VP8` */
  readonly mimeType: string;
  readonly payloadType: number;
  readonly rtpTimestamp: number;
  readonly ssrc: number;
  readonly contributingSources: readonly number[];
  /** The engine's name for the frame; ascends with every frame of one sender or receiver, also when the tap changes. */
  readonly token: number;
  /** Of received audio: that of the packet. */
  readonly sequenceNumber?: number;
  /** Audio: 0 to 127, -dBov (RFC 6464); absent where nobody has said it. */
  readonly audioLevel?: number;
  /** Milliseconds since 1970, as all times here. Received frames: when the last of its packets came. */
  readonly receiveTime?: number;
  /** When it was captured. Received frames: only where abs-capture-time says so. */
  readonly captureTime?: number;
  /** Milliseconds, of abs-capture-time. */
  readonly senderCaptureTimeOffset?: number;
  /** Video: the picture's own time in microseconds, as its VideoFrame has it. */
  readonly timestamp?: number;
  /** Video: ascends with the frames of one stream. Received frames: where the dependency descriptor says so. */
  readonly frameId?: number;
  /** Video: frameIds of those it needs. */
  readonly dependencies?: readonly number[];
  readonly width?: number;
  readonly height?: number;
  /** Each spatial layer of a picture is a frame; those of one picture follow each other, with one RTP timestamp. */
  readonly spatialIndex?: number;
  /** false: other spatial layers of the picture follow. */
  readonly endsPicture?: boolean;
  /** true: above the lowest spatial layer, and decoders of this one take none of the others. */
  readonly isIndependent?: boolean;
  readonly temporalIndex?: number;
  /** Video of a sender: of the encoding; absent where it has none. */
  readonly rid?: string;
}

/** What scripts may change of a frame. */
export interface FrameChanges {
  readonly rtpTimestamp?: number;
  /** 0 to 127, as in {@link EncodedFrame}. */
  readonly audioLevel?: number;
  readonly captureTime?: number;
}

/** A frame on its way back; what is not said is as it was. */
export interface WrittenFrame extends FrameChanges {
  readonly token: number;
  /** May be transferred by the engine, or copied. Of any size, and not what the codec would expect when it was encrypted. */
  readonly data: ArrayBuffer;
}

/**
 * Where frames can be taken out and put back: one for each sender and receiver, from when its codec runs until it ends.
 * All of it on the JavaScript thread.
 */
export interface EncodedFrameTap {
  /**
   * Frames go to the reader, in the order of encoding, and no further until they are written. null: they go their way
   * untouched. What was given to a former reader can still be written.
   */
  setReader(reader: ((frame: EncodedFrame) => void) | null): void;
  /**
   * In ascending order of tokens: frames below the last one written were dropped by the transform. May be called from within
   * the reader, for this frame or for earlier ones.
   */
  write(frame: WrittenFrame): void;
  /** Sender: the encoder makes a key frame next, for these rids or all. Receiver: asks its sender for one (PLI or FIR). */
  requestKeyFrame(rids?: readonly string[]): void;
  /**
   * Sender: the peer asks for a key frame (PLI, FIR). While this is not null the encoder makes one only when
   * requestKeyFrame() says so.
   */
  onkeyframerequest: ((rid?: string) => void) | null;
}
