import { Event } from '../../dom/realm';
import * as webidl from '../../webidl';
import type { RTCRtpScriptTransformer } from './RTCRtpScriptTransformer';

/** A transform was made for this worker. https://w3c.github.io/webrtc-encoded-transform/#RTCRtpScriptTransformer-interfaces */
export class RTCTransformEvent extends Event {
  static {
    webidl.defineInterface('RTCTransformEvent', this, (value) => #transformer in value);
  }

  readonly #transformer: RTCRtpScriptTransformer;

  /** For our own modules only. */
  constructor(key: webidl.ConstructionKey, transformer: RTCRtpScriptTransformer) {
    webidl.requireConstructionKey(key);
    super('rtctransform');
    this.#transformer = transformer;
  }

  get transformer(): RTCRtpScriptTransformer {
    return this.#transformer;
  }
}

declare module '../../webidl/types' {
  interface InterfaceTypes {
    RTCTransformEvent: RTCTransformEvent;
  }
}
