import { Event } from '../dom/realm';
import * as webidl from '../webidl';
import { type RTCDataChannelEventInit, toRTCDataChannelEventInit } from '../webidl/generated/dictionaries';

const context = webidl.constructorContext('RTCDataChannelEvent');

/** The remote peer opened a data channel. https://w3c.github.io/webrtc-pc/#rtcdatachannelevent */
export class RTCDataChannelEvent extends Event {
  static {
    webidl.defineInterface('RTCDataChannelEvent', this, (value) => #channel in value);
  }

  readonly #channel: webidl.InterfaceType<'RTCDataChannel'>;

  constructor(
    type: string,
    eventInitDict: Partial<RTCDataChannelEventInit> & Pick<RTCDataChannelEventInit, 'channel'>,
  ) {
    webidl.requireArguments(arguments.length, 2, context);
    const typeText = webidl.DOMString(type, context);
    const init = toRTCDataChannelEventInit(eventInitDict, context);
    super(typeText, init);
    this.#channel = init.channel;
  }

  get channel(): webidl.InterfaceType<'RTCDataChannel'> {
    return this.#channel;
  }
}

declare module '../webidl/types' {
  interface InterfaceTypes {
    RTCDataChannelEvent: RTCDataChannelEvent;
  }
}
