import { Event } from '../../dom/realm';
import * as webidl from '../../webidl';

const context = webidl.constructorContext('KeyFrameRequestEvent');

/** The peer asks for a key frame. https://w3c.github.io/webrtc-encoded-transform/#RTCRtpScriptTransformer-events */
export class KeyFrameRequestEvent extends Event {
  static {
    webidl.defineInterface('KeyFrameRequestEvent', this, (value) => #rid in value);
  }

  readonly #rid: string | null;

  /** For our own modules: one that can be cancelled. */
  constructor(type: string, rid: string | undefined, key: webidl.ConstructionKey);
  constructor(type: string, rid?: string);
  constructor(type: string, rid?: string, key?: webidl.ConstructionKey) {
    webidl.requireArguments(arguments.length, 1, context);
    const typeText = webidl.DOMString(type, context);
    const ridText = rid === undefined ? null : webidl.DOMString(rid, context);
    super(typeText, { cancelable: key === webidl.constructionKey });
    this.#rid = ridText;
  }

  get rid(): string | null {
    return this.#rid;
  }
}

declare module '../../webidl/types' {
  interface InterfaceTypes {
    KeyFrameRequestEvent: KeyFrameRequestEvent;
  }
}
