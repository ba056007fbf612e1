import { type Candidate, parseCandidate } from '../sdp/attributes/candidate';
import * as webidl from '../webidl';
import {
  type RTCIceCandidateInit,
  type RTCLocalIceCandidateInit,
  toRTCLocalIceCandidateInit,
} from '../webidl/generated/dictionaries';
import type {
  RTCIceCandidateType,
  RTCIceComponent,
  RTCIceProtocol,
  RTCIceServerTransportProtocol,
  RTCIceTcpCandidateType,
} from '../webidl/generated/enums';

const context = webidl.constructorContext('RTCIceCandidate');
const components: readonly (RTCIceComponent | undefined)[] = [undefined, 'rtp', 'rtcp'];

/** A candidate, local or remote. https://w3c.github.io/webrtc-pc/#rtcicecandidate-interface */
export class RTCIceCandidate {
  static {
    webidl.defineInterface('RTCIceCandidate', this, (value) => #init in value);
  }

  readonly #init: RTCLocalIceCandidateInit;
  /** Undefined until one of the fields of the line is asked for; null when it is no valid candidate. */
  #parsed: Candidate | null | undefined;

  constructor(candidateInitDict?: Partial<RTCLocalIceCandidateInit>) {
    const init = toRTCLocalIceCandidateInit(candidateInitDict, context);
    if (init.sdpMid === null && init.sdpMLineIndex === null) {
      throw webidl.conversionError(context, 'sdpMid and sdpMLineIndex are both null.');
    }
    this.#init = init;
  }

  /**
   * https://w3c.github.io/webrtc-pc/#dfn-create-an-rtcicecandidate step 4, when first needed: all fields of the line,
   * or none.
   */
  get #candidate(): Candidate | null {
    if (this.#parsed === undefined) {
      // 4.1 – 4.2 Parse; a failure leaves every field null.
      const parsed = parseCandidate(this.#init.candidate);
      // 4.3 A component other than RTP and RTCP has no value in RTCIceComponent.
      this.#parsed = parsed && components[parsed.component] ? parsed : null;
    }
    return this.#parsed;
  }

  /** The line, `candidate:…`, as it was given; empty: end of candidates. */
  get candidate(): string {
    return this.#init.candidate;
  }

  get sdpMid(): string | null {
    return this.#init.sdpMid;
  }

  get sdpMLineIndex(): number | null {
    return this.#init.sdpMLineIndex;
  }

  get foundation(): string | null {
    return this.#candidate?.foundation ?? null;
  }

  get component(): RTCIceComponent | null {
    return components[this.#candidate?.component ?? 0] ?? null;
  }

  get priority(): number | null {
    return this.#candidate?.priority ?? null;
  }

  get address(): string | null {
    return this.#candidate?.address ?? null;
  }

  get protocol(): RTCIceProtocol | null {
    return this.#candidate?.protocol ?? null;
  }

  get port(): number | null {
    return this.#candidate?.port ?? null;
  }

  get type(): RTCIceCandidateType | null {
    return this.#candidate?.type ?? null;
  }

  get tcpType(): RTCIceTcpCandidateType | null {
    return this.#candidate?.tcpType ?? null;
  }

  get relatedAddress(): string | null {
    return this.#candidate?.relatedAddress ?? null;
  }

  get relatedPort(): number | null {
    return this.#candidate?.relatedPort ?? null;
  }

  /** As given beside the line; the `ufrag` extension in the line does not count. */
  get usernameFragment(): string | null {
    return this.#init.usernameFragment;
  }

  /** Local relay candidates: how the TURN server was reached. */
  get relayProtocol(): RTCIceServerTransportProtocol | null {
    return this.#init.relayProtocol;
  }

  /** Local candidates that came from a server: its URL. */
  get url(): string | null {
    return this.#init.url;
  }

  toJSON(): RTCIceCandidateInit {
    const { candidate, sdpMid, sdpMLineIndex, usernameFragment } = this.#init;
    return { candidate, sdpMid, sdpMLineIndex, usernameFragment };
  }
}

declare module '../webidl/types' {
  interface InterfaceTypes {
    RTCIceCandidate: RTCIceCandidate;
  }
}
