import * as webidl from '../../webidl';
import {
  type RTCEncodedVideoFrameMetadata,
  type RTCEncodedVideoFrameOptions,
  toRTCEncodedVideoFrameMetadata,
  toRTCEncodedVideoFrameOptions,
} from '../../webidl/generated/dictionaries';
import { changedMetadata, copyMetadata, copySlots, type EncodedFrameSlots } from './encoded-frame-slots';
import { refuseCloning } from './refuse-cloning';

const INTERFACE = 'RTCEncodedVideoFrame';

/** Friend access: null where the value is no such frame. */
export let videoFrameSlotsOf: (value: unknown) => EncodedFrameSlots | null;

/** https://w3c.github.io/webrtc-encoded-transform/#RTCEncodedVideoFrame-interface */
export class RTCEncodedVideoFrame {
  static {
    webidl.defineInterface(INTERFACE, this, (value) => #slots in value);
    videoFrameSlotsOf = (value) => (webidl.isObject(value) && #slots in value ? value.#slots : null);
  }

  readonly #slots: EncodedFrameSlots;

  /** For our own modules. */
  constructor(key: webidl.ConstructionKey, slots: EncodedFrameSlots);
  /** https://w3c.github.io/webrtc-encoded-transform/#RTCEncodedVideoFrame-constructor */
  constructor(originalFrame: RTCEncodedVideoFrame, options?: RTCEncodedVideoFrameOptions);
  constructor(first: unknown, second?: unknown) {
    if (first === webidl.constructionKey) {
      this.#slots = second as EncodedFrameSlots;
    } else {
      const context = webidl.constructorContext(INTERFACE);
      webidl.requireArguments(arguments.length, 1, context);
      const original = webidl.interfaceConverter(INTERFACE)(first, context);
      const { metadata } = toRTCEncodedVideoFrameOptions(second, context);
      this.#slots = copySlots(original.#slots, metadata, context);
    }
    refuseCloning(this);
  }

  get type(): EncodedFrameSlots['type'] {
    return this.#slots.type;
  }

  get data(): ArrayBuffer {
    return this.#slots.data;
  }

  set data(value: ArrayBuffer) {
    const slots = this.#slots;
    slots.data = webidl.toArrayBuffer(value, webidl.setterContext('data', INTERFACE));
  }

  /** The RTP timestamp, as earlier drafts had it. */
  get timestamp(): number {
    return this.#slots.metadata.rtpTimestamp ?? 0;
  }

  getMetadata(): RTCEncodedVideoFrameMetadata {
    return copyMetadata(this.#slots.metadata);
  }

  /** As earlier drafts had it. What is not given stays. @throws InvalidModificationError for what cannot be changed */
  setMetadata(metadata: RTCEncodedVideoFrameMetadata): void {
    const slots = this.#slots;
    const context = webidl.operationContext('setMetadata', INTERFACE);
    webidl.requireArguments(arguments.length, 1, context);
    slots.metadata = changedMetadata(slots.metadata, toRTCEncodedVideoFrameMetadata(metadata, context), context);
  }
}

declare module '../../webidl/types' {
  interface InterfaceTypes {
    RTCEncodedVideoFrame: RTCEncodedVideoFrame;
  }
}
