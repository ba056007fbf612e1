import type { EventHandler } from '../dom/event-handler';
import { EventTarget } from '../dom/realm';
import * as webidl from '../webidl';
import type { RTCIceComponent, RTCIceGathererState, RTCIceRole, RTCIceTransportState } from '../webidl/generated/enums';
import type { RTCIceParameters } from '../webidl/generated/dictionaries';
import type { RTCIceCandidate } from './RTCIceCandidate';
import type { RTCIceCandidatePair } from './RTCIceCandidatePair';

/** The internal slots, as the machinery of lib/webrtc keeps them. */
export interface IceTransportSlots {
  role: RTCIceRole;
  state: RTCIceTransportState;
  gathererState: RTCIceGathererState;
  selectedCandidatePair: RTCIceCandidatePair | null;
  localCandidates: RTCIceCandidate[];
  remoteCandidates: RTCIceCandidate[];
  localParameters: RTCIceParameters | null;
  remoteParameters: RTCIceParameters | null;
}

/** Friend access for the machinery of lib/webrtc. */
export let iceSlotsOf: (transport: RTCIceTransport) => IceTransportSlots;

/** https://w3c.github.io/webrtc-pc/#rtcicetransport */
export class RTCIceTransport extends EventTarget {
  static {
    webidl.defineInterface('RTCIceTransport', this, (value) => #slots in value);
    iceSlotsOf = (transport) => transport.#slots;
  }

  declare onstatechange: EventHandler;
  declare ongatheringstatechange: EventHandler;
  declare onselectedcandidatepairchange: EventHandler;

  readonly #slots: IceTransportSlots = {
    role: 'unknown',
    state: 'new',
    gathererState: 'new',
    selectedCandidatePair: null,
    localCandidates: [],
    remoteCandidates: [],
    localParameters: null,
    remoteParameters: null,
  };

  constructor(key: webidl.ConstructionKey) {
    webidl.requireConstructionKey(key);
    super();
  }

  get role(): RTCIceRole {
    return this.#slots.role;
  }

  /** RTCP is always multiplexed, so there is no transport for the other component. */
  get component(): RTCIceComponent {
    void this.#slots;
    return 'rtp';
  }

  get state(): RTCIceTransportState {
    return this.#slots.state;
  }

  get gatheringState(): RTCIceGathererState {
    return this.#slots.gathererState;
  }

  getLocalCandidates(): RTCIceCandidate[] {
    return [...this.#slots.localCandidates];
  }

  /** Those that were signalled; peer-reflexive ones are not among them. */
  getRemoteCandidates(): RTCIceCandidate[] {
    return [...this.#slots.remoteCandidates];
  }

  getSelectedCandidatePair(): RTCIceCandidatePair | null {
    const { state, selectedCandidatePair } = this.#slots;
    return state === 'new' || state === 'closed' ? null : selectedCandidatePair;
  }

  getLocalParameters(): RTCIceParameters | null {
    const { localParameters } = this.#slots;
    return localParameters && { ...localParameters };
  }

  getRemoteParameters(): RTCIceParameters | null {
    const { remoteParameters } = this.#slots;
    return remoteParameters && { ...remoteParameters };
  }
}

declare module '../webidl/types' {
  interface InterfaceTypes {
    RTCIceTransport: RTCIceTransport;
  }
}
