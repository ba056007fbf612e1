import type { NativeEncodedFrame } from '../binding/native-addon';
import type { EncodedFrame, EncodedFrameTap, WrittenFrame } from './encoded-frames';
import type { RtpReceiver } from './rtp-receiver';
import type { RtpSender } from './rtp-sender';

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

interface TapInit {
  readonly kind: 'audio' | 'video';
  mimeTypeOf(payloadType: number): string;
}

/** The engine's frames of one stream object, while it lives. */
abstract class NativeFrameTap implements EncodedFrameTap {
  readonly #init: TapInit;
  readonly #stream: RtpSender | RtpReceiver;
  #reader: ((frame: EncodedFrame) => void) | null = null;

  constructor(stream: RtpSender | RtpReceiver, init: TapInit) {
    this.#init = init;
    this.#stream = stream;
    stream.onframe = (frame) => {
      // Those that were under way when the last reader went.
      if (!this.#reader) this.#stream.writeFrame(frame.token, frame.data, -1, -1, -1);
      else this.#reader(this.#fromNative(frame));
    };
  }

  protected get isRead(): boolean {
    return this.#reader !== null;
  }

  /** Tells the engine what is the case now. */
  protected abstract update(): void;

  setReader(reader: ((frame: EncodedFrame) => void) | null): void {
    this.#reader = reader;
    this.update();
  }

  write({ token, data, rtpTimestamp, audioLevel, captureTime }: WrittenFrame): void {
    // The engine counts the frames of all its streams in one: later streams have higher tokens, and it knows those of a
    // former one apart.
    this.#stream.writeFrame(token, data, rtpTimestamp ?? -1, audioLevel ?? -1, captureTime ?? -1);
  }

  abstract requestKeyFrame(rids?: readonly string[]): void;
  abstract onkeyframerequest: ((rid?: string) => void) | null;

  #fromNative(frame: NativeEncodedFrame): EncodedFrame {
    const { kind } = this.#init;
    const result: Mutable<EncodedFrame> = {
      kind,
      type: kind === 'audio' || frame.isKeyframe ? 'key' : 'delta',
      data: frame.data,
      mimeType: this.#init.mimeTypeOf(frame.payloadType),
      payloadType: frame.payloadType,
      rtpTimestamp: frame.rtpTimestamp,
      ssrc: frame.ssrc,
      contributingSources: frame.csrcs,
      token: frame.token,
    };
    if (frame.receiveTime >= 0) result.receiveTime = frame.receiveTime;
    if (frame.captureTime >= 0) result.captureTime = frame.captureTime;
    if (frame.senderCaptureTimeOffset !== undefined) result.senderCaptureTimeOffset = frame.senderCaptureTimeOffset;
    if (kind === 'audio') {
      if (frame.sequenceNumber >= 0) result.sequenceNumber = frame.sequenceNumber;
      if (frame.audioLevel >= 0) result.audioLevel = frame.audioLevel;
      return result;
    }
    result.spatialIndex = frame.spatialIndex;
    result.temporalIndex = frame.temporalIndex;
    if (!frame.endsPicture) result.endsPicture = false;
    if (frame.isIndependent) result.isIndependent = true;
    if (frame.timestamp >= 0) result.timestamp = frame.timestamp;
    if (frame.frameId >= 0) {
      result.frameId = frame.frameId;
      result.dependencies = frame.dependencies;
    }
    if (frame.width > 0) {
      result.width = frame.width;
      result.height = frame.height;
    }
    if (frame.rid !== '') result.rid = frame.rid;
    return result;
  }
}

/** Between the encoders of a sender and its packetizers. */
export class SenderFrameTap extends NativeFrameTap {
  readonly #sender: RtpSender;
  #onkeyframerequest: ((rid?: string) => void) | null = null;
  #told = '';

  constructor(sender: RtpSender, init: TapInit) {
    super(sender, init);
    this.#sender = sender;
    sender.onkeyframerequest = (rid) => {
      this.#onkeyframerequest?.(rid === '' ? undefined : rid);
    };
  }

  get onkeyframerequest(): ((rid?: string) => void) | null {
    return this.#onkeyframerequest;
  }

  set onkeyframerequest(listener: ((rid?: string) => void) | null) {
    this.#onkeyframerequest = listener;
    this.update();
  }

  requestKeyFrame(rids: readonly string[] = []): void {
    this.#sender.requestKeyFrame(rids);
  }

  protected update(): void {
    const takesRequests = this.#onkeyframerequest !== null;
    const now = `${String(this.isRead)} ${String(takesRequests)}`;
    if (now === this.#told) return;
    this.#told = now;
    this.#sender.setFrameTap(this.isRead, takesRequests);
  }
}

/** Between the depacketizer of a receiver and its decoder. */
export class ReceiverFrameTap extends NativeFrameTap {
  /** Nobody asks a receiver for key frames. */
  onkeyframerequest: ((rid?: string) => void) | null = null;
  readonly #receiver: RtpReceiver;
  #isTold = false;

  constructor(receiver: RtpReceiver, init: TapInit) {
    super(receiver, init);
    this.#receiver = receiver;
  }

  requestKeyFrame(): void {
    this.#receiver.requestKeyFrame();
  }

  protected update(): void {
    if (this.#isTold === this.isRead) return;
    this.#isTold = this.isRead;
    this.#receiver.setFrameTap(this.isRead);
  }
}
