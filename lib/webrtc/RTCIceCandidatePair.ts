import * as webidl from '../webidl';
import type { RTCIceCandidate } from './RTCIceCandidate';

/** A pair of candidates in use. https://w3c.github.io/webrtc-pc/#rtcicecandidatepair */
export class RTCIceCandidatePair {
  static {
    webidl.defineInterface('RTCIceCandidatePair', this, (value) => #local in value);
  }

  readonly #local: RTCIceCandidate;
  readonly #remote: RTCIceCandidate;

  /** For our own modules only. */
  constructor(key: webidl.ConstructionKey, local: RTCIceCandidate, remote: RTCIceCandidate) {
    webidl.requireConstructionKey(key);
    this.#local = local;
    this.#remote = remote;
  }

  get local(): RTCIceCandidate {
    return this.#local;
  }

  get remote(): RTCIceCandidate {
    return this.#remote;
  }
}

declare module '../webidl/types' {
  interface InterfaceTypes {
    RTCIceCandidatePair: RTCIceCandidatePair;
  }
}
