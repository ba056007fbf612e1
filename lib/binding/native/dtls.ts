import type { NativeFingerprint } from './certificate';
import type { NativeTransportHandle } from './handle';

export interface NativeDtlsStateChange {
  state: 'new' | 'connecting' | 'connected' | 'closed' | 'failed';
  /** Why it failed; empty otherwise. */
  error: string;
  /** With 'failed': the number of the TLS alert that came from the peer, or -1. */
  receivedAlert: number;
  /** With 'failed': of the one that was sent to the peer. */
  sentAlert: number;
  /** With 'connected': what was negotiated. */
  info: NativeDtlsInfo | null;
}

export interface NativeDtlsInfo {
  /** Four hex digits, 'FEFD' for DTLS 1.2. */
  version: string;
  cipher: string;
  srtpCipher: string;
  group: string;
  /** DER, the peer's own certificate first; ArrayBuffers of the main realm. */
  peerCertificates: ArrayBuffer[];
}

export interface NativeDtlsTransport extends NativeTransportHandle {
  start(role: 'client' | 'server', fingerprints: NativeFingerprint[]): void;
}
