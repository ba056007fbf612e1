import type { SctpTransport } from '../transport/sctp-transport';
import type { RTCSctpTransport } from './RTCSctpTransport';
import type { TransportPair } from './connection-transports';

/** An RTCSctpTransport, the association it stands for, and the transport below it. */
export interface SctpLink {
  readonly rtc: RTCSctpTransport;
  readonly association: SctpTransport;
  pair: TransportPair;
}
