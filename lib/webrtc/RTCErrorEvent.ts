import { Event } from '../dom/realm';
import * as webidl from '../webidl';
import { type RTCErrorEventInit, toRTCErrorEventInit } from '../webidl/generated/dictionaries';
import type { RTCError } from './RTCError';

const context = webidl.constructorContext('RTCErrorEvent');

/** An error of a data channel or a transport. https://w3c.github.io/webrtc-pc/#rtcerrorevent-interface */
export class RTCErrorEvent extends Event {
  static {
    webidl.defineInterface('RTCErrorEvent', this, (value) => #error in value);
  }

  readonly #error: RTCError;

  constructor(type: string, eventInitDict: Partial<RTCErrorEventInit> & Pick<RTCErrorEventInit, 'error'>) {
    webidl.requireArguments(arguments.length, 2, context);
    const typeText = webidl.DOMString(type, context);
    const init = toRTCErrorEventInit(eventInitDict, context);
    super(typeText, init);
    this.#error = init.error;
  }

  get error(): RTCError {
    return this.#error;
  }
}

declare module '../webidl/types' {
  interface InterfaceTypes {
    RTCErrorEvent: RTCErrorEvent;
  }
}
