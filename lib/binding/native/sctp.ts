import type { NativeTransportHandle } from './handle';

export interface NativeSctpStateChange {
  state: 'new' | 'connecting' | 'connected' | 'closed';
  /** Empty after an orderly end. */
  error: string;
  /** SCTP cause code, or -1. */
  cause: number;
  /** With 'connected': streams usable in both directions. */
  maxStreams: number;
}

export interface NativeSctpStats {
  /** Seconds; -1: not measured. */
  smoothedRoundTripTime: number;
  congestionWindow: number;
  receiverWindow: number;
  mtu: number;
  unacknowledgedData: number;
  packetsSent: number;
  packetsReceived: number;
  bytesSent: number;
  bytesReceived: number;
  messagesSent: number;
  messagesReceived: number;
}

export interface NativeSctpAssociation extends NativeTransportHandle {
  start(): void;
  /**
   * Queues one message; the octets are copied before it returns.
   * @param limit -1: reliable; otherwise maxRetransmits or maxPacketLifeTime, as `limitKind` says (1 or 2)
   * @returns octets now queued in native code for this association (for memory bounds, not the W3C counter)
   */
  send(
    streamId: number,
    ppid: number,
    ordered: boolean,
    limitKind: 0 | 1 | 2,
    limit: number,
    data: string | ArrayBuffer | ArrayBufferView,
  ): number;
  resetStream(streamId: number): void;
  setReceiving(receiving: boolean): void;
}

export interface NativeSctpOptions {
  localPort: number;
  remotePort: number;
  maxReceiveMessageSize: number;
}
