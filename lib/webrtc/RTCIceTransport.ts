import { createDOMException } from '../dom/dom-exception';
import { defineEventHandler, type EventHandler } from '../dom/event-handler';
import { EventTarget } from '../dom/realm';
import * as webidl from '../webidl';
import {
  toRTCIceRole,
  type RTCIceComponent,
  type RTCIceGathererState,
  type RTCIceRole,
  type RTCIceTransportState,
} from '../webidl/generated/enums';
import {
  toRTCIceCandidateInit,
  toRTCIceParameters,
  type RTCIceCandidateInit,
  type RTCIceParameters,
} from '../webidl/generated/dictionaries';
import { validateIceServers } from './ice-server-url';
import {
  nativeIceOptions,
  nonstandardConfiguration,
  toGatherOptions,
  type GatherOptionsInit,
} from './nonstandard-configuration';
import { RTCIceCandidate } from './RTCIceCandidate';
import type { RTCIceCandidatePair } from './RTCIceCandidatePair';
import { readCandidate, StandaloneIceTransport } from './standalone-ice-transport';

const INTERFACE = 'RTCIceTransport';
const operation = (name: string): string => webidl.operationContext(name, INTERFACE);

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

/** https://w3c.github.io/webrtc-pc/#rtcicetransport, and https://w3c.github.io/webrtc-ice/ */
export class RTCIceTransport extends EventTarget {
  static {
    webidl.defineInterface(INTERFACE, this, (value) => #slots in value);
    // "This event handler, of event handler event type icecandidateerror"
    defineEventHandler(this.prototype, 'onerror', (value) => #slots in value, 'icecandidateerror');
    iceSlotsOf = (transport) => transport.#slots;
  }

  declare onstatechange: EventHandler;
  declare ongatheringstatechange: EventHandler;
  declare onselectedcandidatepairchange: EventHandler;
  declare onerror: EventHandler;
  declare onicecandidate: EventHandler;

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

  /** Null: the transport is a connection's. */
  readonly #standalone: StandaloneIceTransport | null;

  /** https://w3c.github.io/webrtc-ice/#dom-rtcicetransport-constructor; with a key: by a connection */
  constructor(key?: webidl.ConstructionKey) {
    super();
    this.#standalone = key === webidl.constructionKey ? null : new StandaloneIceTransport(this, this.#slots);
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

  /** https://w3c.github.io/webrtc-ice/#dom-rtcicetransport-gather */
  gather(options?: Partial<GatherOptionsInit>): void {
    void this.#slots;
    const context = operation('gather');
    const converted = toGatherOptions(options, context);
    const nonstandard = nonstandardConfiguration(converted, context);
    const standalone = this.#requireStandalone('gather');
    const { servers } = validateIceServers(converted.iceServers ?? []);
    standalone.gather(nativeIceOptions(servers, converted.gatherPolicy, nonstandard));
  }

  /** https://w3c.github.io/webrtc-ice/#dom-rtcicetransport-start */
  start(remoteParameters?: RTCIceParameters, role?: RTCIceRole): void {
    void this.#slots;
    const context = operation('start');
    const parameters = toRTCIceParameters(remoteParameters, context);
    const wanted = role === undefined ? 'controlled' : toRTCIceRole(role, context);
    if (wanted === 'unknown') throw webidl.conversionError(context, "The role must be 'controlling' or 'controlled'.");
    // 1. If state is "closed", throw an InvalidStateError.
    this.#requireStandalone('start').start(parameters, wanted);
  }

  /** https://w3c.github.io/webrtc-ice/#dom-rtcicetransport-stop */
  stop(): void {
    if (!this.#standalone)
      throw createDOMException('stop() is not for the transport of a connection.', 'InvalidStateError');
    this.#standalone.stop();
  }

  /** https://w3c.github.io/webrtc-ice/#dom-rtcicetransport-addremotecandidate */
  addRemoteCandidate(remoteCandidate?: Partial<RTCIceCandidateInit> | RTCIceCandidate | null): void {
    void this.#slots;
    const context = operation('addRemoteCandidate');
    const init = toRTCIceCandidateInit(remoteCandidate, context);
    const standalone = this.#requireStandalone('addRemoteCandidate');
    // Without a line it is the end-of-candidates indication.
    if (init.candidate === '') return standalone.addRemoteCandidate(null);
    const isObject = webidl.isInterface('RTCIceCandidate', remoteCandidate);
    const sdpMid = init.sdpMid ?? (init.sdpMLineIndex === null ? '' : null);
    const object = isObject ? (remoteCandidate as RTCIceCandidate) : new RTCIceCandidate({ ...init, sdpMid });
    const candidate = readCandidate(object);
    if (!candidate) throw createDOMException('The candidate is malformed.', 'OperationError');
    standalone.addRemoteCandidate(candidate);
  }

  #requireStandalone(name: string): StandaloneIceTransport {
    if (!this.#standalone) {
      throw createDOMException(`${name}() is not for the transport of a connection.`, 'InvalidStateError');
    }
    if (this.#slots.state === 'closed') throw createDOMException('The transport is closed.', 'InvalidStateError');
    return this.#standalone;
  }
}

declare module '../webidl/types' {
  interface InterfaceTypes {
    RTCIceTransport: RTCIceTransport;
  }
}
