import { Event } from '../dom/realm';
import * as webidl from '../webidl';
import { type RTCPeerConnectionIceEventInit, toRTCPeerConnectionIceEventInit } from '../webidl/generated/dictionaries';
import type { RTCIceCandidate } from './RTCIceCandidate';

const context = webidl.constructorContext('RTCPeerConnectionIceEvent');

/** A local candidate was found, or (null) gathering has ended. https://w3c.github.io/webrtc-pc/#rtcpeerconnectioniceevent */
export class RTCPeerConnectionIceEvent extends Event {
  static {
    webidl.defineInterface('RTCPeerConnectionIceEvent', this, (value) => #candidate in value);
  }

  readonly #candidate: RTCIceCandidate | null;
  readonly #url: string | null;

  constructor(type: string, eventInitDict?: Partial<RTCPeerConnectionIceEventInit>) {
    webidl.requireArguments(arguments.length, 1, context);
    const typeText = webidl.DOMString(type, context);
    const init = toRTCPeerConnectionIceEventInit(eventInitDict, context);
    super(typeText, init);
    this.#candidate = init.candidate ?? null;
    this.#url = init.url ?? null;
  }

  get candidate(): RTCIceCandidate | null {
    return this.#candidate;
  }

  /** The STUN or TURN server that gave the candidate; null for a host candidate. */
  get url(): string | null {
    return this.#url;
  }
}

declare module '../webidl/types' {
  interface InterfaceTypes {
    RTCPeerConnectionIceEvent: RTCPeerConnectionIceEvent;
  }
}
