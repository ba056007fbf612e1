import { Event } from '../../dom/realm';
import * as webidl from '../../webidl';
import { type EventInit, toEventInit } from '../../webidl/generated/dictionaries';
import { type SFrameTransformErrorEventType, toSFrameTransformErrorEventType } from '../../webidl/generated/enums';
import { type CryptoKeyID, fromKeyID, toCryptoKeyID } from './sframe-keys';

const context = webidl.constructorContext('SFrameTransformErrorEvent');

export interface SFrameTransformErrorEventInit extends EventInit {
  errorType: SFrameTransformErrorEventType;
  frame: unknown;
  keyID?: CryptoKeyID | null;
}

const toInit = webidl.dictionary<SFrameTransformErrorEventInit>('SFrameTransformErrorEventInit', toEventInit, [
  webidl.member('errorType', toSFrameTransformErrorEventType, { required: true }),
  // Buffers, too, come to streams; so earlier drafts have `any` here.
  webidl.member('frame', webidl.any, { required: true }),
  webidl.member(
    'keyID',
    webidl.nullable((value, where) => fromKeyID(toCryptoKeyID(value, where))),
  ),
]);

/** A frame could not be decrypted. https://w3c.github.io/webrtc-encoded-transform/#sframe */
export class SFrameTransformErrorEvent extends Event {
  static {
    webidl.defineInterface('SFrameTransformErrorEvent', this, (value) => #init in value);
  }

  readonly #init: SFrameTransformErrorEventInit;

  constructor(
    type: string,
    eventInitDict: Partial<SFrameTransformErrorEventInit> & Pick<SFrameTransformErrorEventInit, 'errorType' | 'frame'>,
  ) {
    webidl.requireArguments(arguments.length, 2, context);
    const typeText = webidl.DOMString(type, context);
    const init = toInit(eventInitDict, context);
    super(typeText, init);
    this.#init = init;
  }

  get errorType(): SFrameTransformErrorEventType {
    return this.#init.errorType;
  }

  /** Of the frame's header; null where that has nothing to do with it. */
  get keyID(): CryptoKeyID | null {
    return this.#init.keyID ?? null;
  }

  get frame(): unknown {
    return this.#init.frame;
  }
}

declare module '../../webidl/types' {
  interface InterfaceTypes {
    SFrameTransformErrorEvent: SFrameTransformErrorEvent;
  }
}
