import type { EventHandler } from '../dom/event-handler';
import { EventTarget } from '../dom/realm';
import * as webidl from '../webidl';
import type { RTCDtlsTransportState } from '../webidl/generated/enums';
import type { RTCIceTransport } from './RTCIceTransport';

/** The internal slots, as the machinery of lib/webrtc keeps them. */
export interface DtlsTransportSlots {
  state: RTCDtlsTransportState;
  /** DER, the peer's own certificate first. */
  remoteCertificates: readonly ArrayBuffer[];
}

/** Friend access for the machinery of lib/webrtc. */
export let dtlsSlotsOf: (transport: RTCDtlsTransport) => DtlsTransportSlots;

/** https://w3c.github.io/webrtc-pc/#rtcdtlstransport-interface */
export class RTCDtlsTransport extends EventTarget {
  static {
    webidl.defineInterface('RTCDtlsTransport', this, (value) => #slots in value);
    dtlsSlotsOf = (transport) => transport.#slots;
  }

  declare onstatechange: EventHandler;
  declare onerror: EventHandler;

  readonly #iceTransport: RTCIceTransport;
  readonly #slots: DtlsTransportSlots = { state: 'new', remoteCertificates: [] };

  constructor(key: webidl.ConstructionKey, iceTransport: RTCIceTransport) {
    webidl.requireConstructionKey(key);
    super();
    this.#iceTransport = iceTransport;
  }

  get iceTransport(): RTCIceTransport {
    return this.#iceTransport;
  }

  get state(): RTCDtlsTransportState {
    return this.#slots.state;
  }

  /** The peer's certificate chain in DER, its own first; empty until connected. Each call makes new copies. */
  getRemoteCertificates(): ArrayBuffer[] {
    return this.#slots.remoteCertificates.map((der) => {
      // Native code made it in the main realm; scripts want one of theirs.
      const copy = new globalThis.ArrayBuffer(der.byteLength);
      new Uint8Array(copy).set(new Uint8Array(der));
      return copy;
    });
  }
}

declare module '../webidl/types' {
  interface InterfaceTypes {
    RTCDtlsTransport: RTCDtlsTransport;
  }
}
