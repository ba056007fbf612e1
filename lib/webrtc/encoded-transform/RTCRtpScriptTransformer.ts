import { type ReadableStream, WritableStream } from 'node:stream/web';
import { type MessagePort, receiveMessageOnPort, type Transferable } from 'node:worker_threads';
import { createDOMException } from '../../dom/dom-exception';
import type { EventHandler } from '../../dom/event-handler';
import { EventTarget } from '../../dom/realm';
import * as webidl from '../../webidl';
import { createEncodedFrame, encodedFrameSlotsOf, type RTCEncodedFrame } from './encoded-frame';
import { changesOf } from './encoded-frame-slots';
import { FrameQueue, longestQueue } from './frame-queue';
import type { Refusal } from './key-frame-tasks';
import { KeyFrameRequestEvent } from './KeyFrameRequestEvent';
import type { FromTransformer, ToTransformer } from './script-transform-protocol';

const INTERFACE = 'RTCRtpScriptTransformer';
/** RFC 8851 section 10, without what RFC 8852 section 3 does not allow, and of a length that it does. */
const ridGrammar = /^[A-Za-z0-9]{1,255}$/u;
/** How many frames may be read before the other side is told, unless one is written. */
const tellAfter = longestQueue / 4;

function exceptionFor({ name, message }: Refusal): Error {
  return name === 'TypeError' ? new TypeError(message) : createDOMException(message, name);
}

/** A worker's view of an RTCRtpScriptTransform. https://w3c.github.io/webrtc-encoded-transform/#RTCRtpScriptTransformer-interfaces */
export class RTCRtpScriptTransformer extends EventTarget {
  static {
    webidl.defineInterface(INTERFACE, this, (value) => #port in value);
  }

  declare onkeyframerequest: EventHandler;

  readonly #port: MessagePort;
  readonly #options: unknown;
  readonly #queue: FrameQueue<RTCEncodedFrame>;
  readonly #writable: WritableStream<RTCEncodedFrame>;
  readonly #promises = new Map<number, { resolve: (timestamp?: number) => void; reject: (error: Error) => void }>();
  #nextId = 0;
  #read = 0;
  #told = 0;
  #lastWritten = -1;
  /** Of [[encoder]] and [[depacketizer]]: what there is, and for what. */
  #codec: { readonly kind: 'audio' | 'video'; readonly side: 'sender' | 'receiver' } | null = null;

  /** For our own modules only. */
  constructor(key: webidl.ConstructionKey, options: unknown, port: MessagePort) {
    webidl.requireConstructionKey(key);
    super();
    this.#port = port;
    this.#options = options;
    this.#queue = new FrameQueue<RTCEncodedFrame>(() => {
      this.#tellRead();
    });
    this.#writable = new WritableStream<RTCEncodedFrame>({
      write: (frame) => {
        this.#write(frame);
      },
    });
    port.on('message', (message: ToTransformer) => {
      this.#received(message);
    });
    port.on('close', () => {
      this.#end();
    });
  }

  /** As it was given to the transform. */
  get options(): unknown {
    return this.#options;
  }

  get readable(): ReadableStream<RTCEncodedFrame> {
    return this.#queue.readable;
  }

  get writable(): WritableStream<RTCEncodedFrame> {
    return this.#writable;
  }

  /**
   * https://w3c.github.io/webrtc-encoded-transform/#dom-rtcrtpscripttransformer-generatekeyframe
   * @returns the RTP timestamp, as web-platform-tests want it; in the draft now undefined
   */
  async generateKeyFrame(rid?: string): Promise<number | undefined> {
    const codec = this.#currentCodec();
    const context = webidl.operationContext('generateKeyFrame', INTERFACE);
    const layer = rid === undefined ? undefined : webidl.DOMString(rid, context);
    // 1., 2. There is an encoder, and it is one for video.
    if (codec?.side !== 'sender' || codec.kind !== 'video') {
      throw createDOMException(`${context}: The transform is not one of a sender of video.`, 'InvalidStateError');
    }
    // 3. The grammar of a rid: NotAllowedError in browsers and web-platform-tests, in the draft now a TypeError.
    if (layer !== undefined && !ridGrammar.test(layer)) {
      throw createDOMException(`${context}: '${layer.slice(0, 64)}' is not a rid.`, 'NotAllowedError');
    }
    // 4. In parallel.
    return this.#ask((id) => ({ type: 'generate-key-frame', id, rid: layer }));
  }

  /** https://w3c.github.io/webrtc-encoded-transform/#dom-rtcrtpscripttransformer-sendkeyframerequest */
  async sendKeyFrameRequest(): Promise<void> {
    const codec = this.#currentCodec();
    if (codec?.side !== 'receiver' || codec.kind !== 'video') {
      const context = webidl.operationContext('sendKeyFrameRequest', INTERFACE);
      throw createDOMException(`${context}: The transform is not one of a receiver of video.`, 'InvalidStateError');
    }
    await this.#ask((id) => ({ type: 'send-key-frame-request', id }));
  }

  /**
   * Whoever asks may have been told by another port that the transform was attached, before ours had its turn: it is read
   * up to here.
   */
  #currentCodec(): { readonly kind: 'audio' | 'video'; readonly side: 'sender' | 'receiver' } | null {
    while (!this.#codec) {
      const next = receiveMessageOnPort(this.#port);
      if (!next) break;
      this.#received(next.message as ToTransformer);
    }
    return this.#codec;
  }

  #received(message: ToTransformer): void {
    switch (message.type) {
      case 'attached':
        this.#codec = { kind: message.kind, side: message.side };
        return;
      case 'frame':
        this.#queue.push(createEncodedFrame(message.frame, this));
        return;
      case 'key-frame-request':
        this.#keyFrameRequested(message.rid);
        return;
      case 'settled': {
        const promise = this.#promises.get(message.id);
        this.#promises.delete(message.id);
        if (message.refusal) promise?.reject(exceptionFor(message.refusal));
        else promise?.resolve(message.timestamp);
      }
    }
  }

  /** https://w3c.github.io/webrtc-encoded-transform/#RTCRtpScriptTransformer-events */
  #keyFrameRequested(rid: string | undefined): void {
    // 2., 3. Fire an event that can be cancelled.
    const event = new KeyFrameRequestEvent('keyframerequest', rid, webidl.constructionKey);
    if (!this.dispatchEvent(event)) return;
    // 4. Generate a key frame, with a promise that nobody has.
    this.#post({ type: 'generate-key-frame', id: -1, rid });
  }

  /** https://w3c.github.io/webrtc-encoded-transform/#abstract-opdef-writeencodeddata */
  #write(frame: unknown): void {
    const slots = encodedFrameSlotsOf(frame);
    if (!slots) throw new TypeError('What is written has to be an encoded frame.');
    // 1. "A processor cannot create frames, or move frames between streams."
    if (slots.owner !== this) return;
    // 2., 3. "A processor cannot reorder frames, although it may delay them or drop them."
    if (slots.token <= this.#lastWritten) return;
    this.#lastWritten = slots.token;
    slots.progress.isWritten = true;
    // 4. – 6. Its data is transferred.
    const { data, token } = slots;
    this.#told = this.#read;
    this.#post({ type: 'write', frame: { ...changesOf(slots), token, data }, read: this.#read }, [data]);
  }

  #tellRead(): void {
    this.#read += 1;
    if (this.#read - this.#told < tellAfter) return;
    this.#told = this.#read;
    this.#post({ type: 'read', read: this.#read });
  }

  #ask(message: (id: number) => FromTransformer): Promise<number | undefined> {
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#promises.set(id, { resolve, reject });
      this.#post(message(id));
    });
  }

  /** The transform was taken from its sender or receiver, or that has ended. */
  #end(): void {
    this.#queue.end();
    // As in the draft: nothing will settle them.
    this.#promises.clear();
  }

  #post(message: FromTransformer, transfer: readonly Transferable[] = []): void {
    this.#port.postMessage(message, transfer);
  }
}

declare module '../../webidl/types' {
  interface InterfaceTypes {
    RTCRtpScriptTransformer: RTCRtpScriptTransformer;
  }
}
