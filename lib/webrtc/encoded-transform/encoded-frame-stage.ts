import type { EncodedFrame, EncodedFrameTap, WrittenFrame } from '../../media/encoded-frames';
import type { EncodedFeed, ObservedFrame } from '../../media/encoded-source';
import { FrameObservers } from './frame-observers';
import { KeyFrameTasks, type Settle } from './key-frame-tasks';

/** What takes the frames of one sender or receiver out, and puts them back with {@link EncodedFrameStage.write}. */
export interface FrameTransform {
  /** From now on frames come. Called once at most. */
  attach(stage: EncodedFrameStage): void;
  frame(frame: EncodedFrame): void;
  /**
   * The peer asks for a key frame. @returns whether the transform sees to it; without this method the encoder does by itself
   */
  keyFrameRequested?(rid: string | undefined): boolean;
  /** Another one has taken over, or the sender or receiver has ended: nothing that is written counts any more. */
  detach(): void;
}

export interface StageInit {
  readonly kind: 'audio' | 'video';
  readonly side: 'sender' | 'receiver';
  /** Frames are dropped as long as nobody has asked for them (`encodedInsertableStreams`). */
  readonly holdsFrames: boolean;
  /** Of a sender: rids of the encodings that are active, '' for one without; none when its track has ended. */
  activeLayers(): string[];
}

/**
 * Between a sender's encoder and packetizer, or a receiver's depacketizer and decoder: has the transform, and sees to it
 * that frames go back in order, each once (https://w3c.github.io/webrtc-encoded-transform/#stream-processing).
 */
export class EncodedFrameStage implements EncodedFeed {
  readonly kind: 'audio' | 'video';
  readonly side: 'sender' | 'receiver';
  readonly #init: StageInit;
  readonly #keyFrameTasks = new KeyFrameTasks();
  readonly #observers = new FrameObservers();
  #tap: EncodedFrameTap | null = null;
  #transform: FrameTransform | null = null;
  /** [[lastReceivedFrameCounter]] */
  #lastWritten = -1;
  #hasDropped = false;
  #isClosed = false;

  constructor(init: StageInit) {
    this.kind = init.kind;
    this.side = init.side;
    this.#init = init;
  }

  /** The engine has made the codec's surroundings; null: they are gone. */
  attachTap(tap: EncodedFrameTap | null): void {
    if (this.#tap && this.#tap !== tap) {
      this.#tap.onkeyframerequest = null;
      this.#tap.setReader(null);
    }
    this.#tap = this.#isClosed ? null : tap;
    this.#connect();
  }

  get transform(): FrameTransform | null {
    return this.#transform;
  }

  /** null: frames pass as they are. */
  setTransform(transform: FrameTransform | null): void {
    const before = this.#transform;
    if (transform === before) return;
    this.#transform = transform;
    before?.detach();
    this.#keyFrameTasks.forget();
    if (this.#isClosed) {
      transform?.detach();
      return;
    }
    transform?.attach(this);
    this.#connect();
    if (this.#hasDropped) this.requestKeyFrame();
    this.#hasDropped = false;
  }

  /** Shows what the packetizer or the decoder gets. */
  observe(observer: (frame: ObservedFrame) => void): () => void {
    this.#observers.add(observer);
    this.#connect();
    return () => {
      if (this.#observers.delete(observer) && this.#observers.isEmpty) this.#connect();
    };
  }

  /** The sender or receiver has ended. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#keyFrameTasks.forget();
    this.#transform?.detach();
    this.attachTap(null);
  }

  /** @returns false for a frame that came before, or out of order */
  write(frame: WrittenFrame, by: FrameTransform): boolean {
    if (by !== this.#transform) return true; // pipes of the former transform were aborted
    if (frame.token <= this.#lastWritten) return false;
    this.#lastWritten = frame.token;
    if (!this.#observers.isEmpty) this.#observers.showWritten(frame);
    this.#tap?.write(frame);
    return true;
  }

  /** Asks the encoder, or the peer. */
  requestKeyFrame(rids?: readonly string[]): void {
    if (this.kind === 'video') this.#tap?.requestKeyFrame(rids);
  }

  /**
   * The part of the "generate key frame algorithm" that runs in parallel:
   * https://w3c.github.io/webrtc-encoded-transform/#abstract-opdef-generate-key-frame-algorithm
   */
  generateKeyFrame(rid: string | undefined, settle: Settle): void {
    // 1. – 3. The active layers, or that of the rid.
    const layers = this.#init.activeLayers().filter((layer) => rid === undefined || layer === rid);
    // 4. There is none.
    if (layers.length === 0) {
      settle({ name: 'NotFoundError', message: 'There is no such encoding that is active.' });
      return;
    }
    // 5. – 9. Wait for those, and ask for them. (Also for those that were asked for: encoders that stopped meanwhile forgot.)
    this.#keyFrameTasks.add(layers, settle);
    const rids = layers.filter((layer) => layer !== '');
    this.requestKeyFrame(rids.length > 0 ? rids : undefined);
  }

  #connect(): void {
    const tap = this.#tap;
    if (!tap) return;
    const transform = this.#transform;
    if (!transform) {
      tap.onkeyframerequest = null;
      tap.setReader(this.#readerWithoutTransform());
      return;
    }
    tap.onkeyframerequest = transform.keyFrameRequested
      ? (rid) => {
          if (!transform.keyFrameRequested?.(rid)) this.requestKeyFrame(rid === undefined ? undefined : [rid]);
        }
      : null;
    tap.setReader((frame) => {
      // Promises are resolved just before the frame is given out.
      if (frame.type === 'key' && frame.kind === 'video') {
        this.#keyFrameTasks.keyFrame(frame.rid ?? '', frame.rtpTimestamp);
      }
      this.#observers.remember(frame);
      transform.frame(frame);
    });
  }

  /** null: frames need not leave the engine. */
  #readerWithoutTransform(): ((frame: EncodedFrame) => void) | null {
    if (this.#init.holdsFrames) {
      return () => {
        this.#hasDropped = true;
      };
    }
    if (this.#observers.isEmpty) return null;
    return (frame) => {
      this.#lastWritten = frame.token;
      this.#observers.show(frame, frame.data);
      this.#tap?.write({ token: frame.token, data: frame.data });
    };
  }
}
