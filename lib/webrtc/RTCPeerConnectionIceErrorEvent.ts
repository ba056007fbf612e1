import { Event } from '../dom/realm';
import * as webidl from '../webidl';
import {
  type RTCPeerConnectionIceErrorEventInit,
  toRTCPeerConnectionIceErrorEventInit,
} from '../webidl/generated/dictionaries';

const context = webidl.constructorContext('RTCPeerConnectionIceErrorEvent');

/** Gathering from one server failed. https://w3c.github.io/webrtc-pc/#rtcpeerconnectioniceerrorevent */
export class RTCPeerConnectionIceErrorEvent extends Event {
  static {
    webidl.defineInterface('RTCPeerConnectionIceErrorEvent', this, (value) => #errorCode in value);
  }

  readonly #address: string | null;
  readonly #port: number | null;
  readonly #url: string;
  readonly #errorCode: number;
  readonly #errorText: string;

  constructor(
    type: string,
    eventInitDict: Partial<RTCPeerConnectionIceErrorEventInit> & Pick<RTCPeerConnectionIceErrorEventInit, 'errorCode'>,
  ) {
    webidl.requireArguments(arguments.length, 2, context);
    const typeText = webidl.DOMString(type, context);
    const init = toRTCPeerConnectionIceErrorEventInit(eventInitDict, context);
    super(typeText, init);
    this.#address = init.address ?? null;
    this.#port = init.port ?? null;
    this.#url = init.url ?? '';
    this.#errorCode = init.errorCode;
    this.#errorText = init.errorText ?? '';
  }

  /** The local address the server was tried from; null where it must not be told. */
  get address(): string | null {
    return this.#address;
  }

  get port(): number | null {
    return this.#port;
  }

  get url(): string {
    return this.#url;
  }

  /** STUN error code (300 to 699), or 701: no answer, or no connection to the server. */
  get errorCode(): number {
    return this.#errorCode;
  }

  get errorText(): string {
    return this.#errorText;
  }
}

declare module '../webidl/types' {
  interface InterfaceTypes {
    RTCPeerConnectionIceErrorEvent: RTCPeerConnectionIceErrorEvent;
  }
}
