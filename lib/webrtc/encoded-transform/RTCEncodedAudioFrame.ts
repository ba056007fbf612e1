import * as webidl from '../../webidl';
import {
  type RTCEncodedAudioFrameMetadata,
  type RTCEncodedAudioFrameOptions,
  toRTCEncodedAudioFrameMetadata,
  toRTCEncodedAudioFrameOptions,
} from '../../webidl/generated/dictionaries';
import { changedMetadata, copyMetadata, copySlots, type EncodedFrameSlots } from './encoded-frame-slots';
import { refuseCloning } from './refuse-cloning';

const INTERFACE = 'RTCEncodedAudioFrame';

/** Friend access: null where the value is no such frame. */
export let audioFrameSlotsOf: (value: unknown) => EncodedFrameSlots | null;

/** https://w3c.github.io/webrtc-encoded-transform/#RTCEncodedAudioFrame-interface */
export class RTCEncodedAudioFrame {
  static {
    webidl.defineInterface(INTERFACE, this, (value) => #slots in value);
    audioFrameSlotsOf = (value) => (webidl.isObject(value) && #slots in value ? value.#slots : null);
  }

  readonly #slots: EncodedFrameSlots;

  /** For our own modules. */
  constructor(key: webidl.ConstructionKey, slots: EncodedFrameSlots);
  /** https://w3c.github.io/webrtc-encoded-transform/#RTCEncodedAudioFrame-constructor */
  constructor(originalFrame: RTCEncodedAudioFrame, options?: RTCEncodedAudioFrameOptions);
  constructor(first: unknown, second?: unknown) {
    if (first === webidl.constructionKey) {
      this.#slots = second as EncodedFrameSlots;
    } else {
      const context = webidl.constructorContext(INTERFACE);
      webidl.requireArguments(arguments.length, 1, context);
      const original = webidl.interfaceConverter(INTERFACE)(first, context);
      const { metadata } = toRTCEncodedAudioFrameOptions(second, context);
      this.#slots = copySlots(original.#slots, metadata, context);
    }
    refuseCloning(this);
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

  getMetadata(): RTCEncodedAudioFrameMetadata {
    return copyMetadata(this.#slots.metadata);
  }

  /** As earlier drafts had it. What is not given stays. @throws InvalidModificationError for what cannot be changed */
  setMetadata(metadata: RTCEncodedAudioFrameMetadata): void {
    const slots = this.#slots;
    const context = webidl.operationContext('setMetadata', INTERFACE);
    webidl.requireArguments(arguments.length, 1, context);
    slots.metadata = changedMetadata(slots.metadata, toRTCEncodedAudioFrameMetadata(metadata, context), context);
  }
}

declare module '../../webidl/types' {
  interface InterfaceTypes {
    RTCEncodedAudioFrame: RTCEncodedAudioFrame;
  }
}
