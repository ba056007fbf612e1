import { Event } from '../dom/realm';
import * as webidl from '../webidl';
import { type RTCDTMFToneChangeEventInit, toRTCDTMFToneChangeEventInit } from '../webidl/generated/dictionaries';

const context = webidl.constructorContext('RTCDTMFToneChangeEvent');

/** A DTMF tone began to play, or (empty) the last one ended. https://w3c.github.io/webrtc-pc/#rtcdtmftonechangeevent */
export class RTCDTMFToneChangeEvent extends Event {
  static {
    webidl.defineInterface('RTCDTMFToneChangeEvent', this, (value) => #tone in value);
  }

  readonly #tone: string;

  constructor(type: string, eventInitDict?: Partial<RTCDTMFToneChangeEventInit>) {
    webidl.requireArguments(arguments.length, 1, context);
    const typeText = webidl.DOMString(type, context);
    const init = toRTCDTMFToneChangeEventInit(eventInitDict, context);
    super(typeText, init);
    this.#tone = init.tone;
  }

  get tone(): string {
    return this.#tone;
  }
}

declare module '../webidl/types' {
  interface InterfaceTypes {
    RTCDTMFToneChangeEvent: RTCDTMFToneChangeEvent;
  }
}
