import type { EventHandler } from '../dom/event-handler';
import { EventTarget } from '../dom/realm';
import * as webidl from '../webidl';
import type { RTCSctpTransportState } from '../webidl/generated/enums';
import type { RTCDtlsTransport } from './RTCDtlsTransport';

/** The internal slots, as the machinery of lib/webrtc keeps them. */
export interface SctpTransportSlots {
  transport: RTCDtlsTransport;
  state: RTCSctpTransportState;
  /** Octets; null until an answer is applied. */
  maxMessageSize: number | null;
  maxBufferSize: number | null;
  maxChannels: number | null;
}

/** Friend access for the machinery of lib/webrtc. */
export let sctpSlotsOf: (transport: RTCSctpTransport) => SctpTransportSlots;

/** https://w3c.github.io/webrtc-pc/#rtcsctptransport-interface */
export class RTCSctpTransport extends EventTarget {
  static {
    webidl.defineInterface('RTCSctpTransport', this, (value) => #slots in value);
    sctpSlotsOf = (transport) => transport.#slots;
  }

  declare onstatechange: EventHandler;

  readonly #slots: SctpTransportSlots;

  /** https://w3c.github.io/webrtc-pc/#sctp-transport-create */
  constructor(key: webidl.ConstructionKey, transport: RTCDtlsTransport) {
    webidl.requireConstructionKey(key);
    super();
    this.#slots = { transport, state: 'connecting', maxMessageSize: null, maxBufferSize: null, maxChannels: null };
  }

  get transport(): RTCDtlsTransport {
    return this.#slots.transport;
  }

  get state(): RTCSctpTransportState {
    return this.#slots.state;
  }

  /** Octets of the largest message that send() takes; null until an answer is applied. */
  get maxMessageSize(): number | null {
    return this.#slots.maxMessageSize;
  }

  /** Null until connected. */
  get maxChannels(): number | null {
    return this.#slots.maxChannels;
  }
}

declare module '../webidl/types' {
  interface InterfaceTypes {
    RTCSctpTransport: RTCSctpTransport;
  }
}
