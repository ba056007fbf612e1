import { Event } from '../dom/realm';
import * as webidl from '../webidl';
import { type RTCTrackEventInit, toRTCTrackEventInit } from '../webidl/generated/dictionaries';

const context = webidl.constructorContext('RTCTrackEvent');

/** The remote peer added a track. https://w3c.github.io/webrtc-pc/#rtctrackevent */
export class RTCTrackEvent extends Event {
  static {
    webidl.defineInterface('RTCTrackEvent', this, (value) => #track in value);
  }

  readonly #receiver: webidl.InterfaceType<'RTCRtpReceiver'>;
  readonly #track: webidl.InterfaceType<'MediaStreamTrack'>;
  readonly #streams: readonly webidl.InterfaceType<'MediaStream'>[];
  readonly #transceiver: webidl.InterfaceType<'RTCRtpTransceiver'>;

  constructor(
    type: string,
    eventInitDict: Partial<RTCTrackEventInit> & Pick<RTCTrackEventInit, 'receiver' | 'track' | 'transceiver'>,
  ) {
    webidl.requireArguments(arguments.length, 2, context);
    const typeText = webidl.DOMString(type, context);
    const init = toRTCTrackEventInit(eventInitDict, context);
    super(typeText, init);
    this.#receiver = init.receiver;
    this.#track = init.track;
    this.#streams = Object.freeze(init.streams);
    this.#transceiver = init.transceiver;
  }

  get receiver(): webidl.InterfaceType<'RTCRtpReceiver'> {
    return this.#receiver;
  }

  get track(): webidl.InterfaceType<'MediaStreamTrack'> {
    return this.#track;
  }

  get streams(): readonly webidl.InterfaceType<'MediaStream'>[] {
    return this.#streams;
  }

  get transceiver(): webidl.InterfaceType<'RTCRtpTransceiver'> {
    return this.#transceiver;
  }
}

declare module '../webidl/types' {
  interface InterfaceTypes {
    RTCTrackEvent: RTCTrackEvent;
  }
}
