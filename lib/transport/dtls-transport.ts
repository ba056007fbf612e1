import { nativeAddon } from '../binding/load';
import {
  NativeEventKind,
  type NativeCertificate,
  type NativeDtlsInfo,
  type NativeDtlsStateChange,
  type NativeDtlsTransport,
  type NativeFingerprint,
  type NativeRtpTransport,
  type NativeSctpAssociation,
  type NativeSctpOptions,
} from '../binding/native-addon';
import type { DtlsRole } from './dtls-role';
import type { IceTransport } from './ice-transport';
import { NativeLink } from './native-link';

export type DtlsTransportState = NativeDtlsStateChange['state'];

export interface DtlsTransportObserver {
  dtlsStateChanged(change: NativeDtlsStateChange): void;
}

/** DTLS over one ICE transport. */
export class DtlsTransport {
  observer: DtlsTransportObserver | null = null;
  readonly ice: IceTransport;
  state: DtlsTransportState = 'new';
  role: DtlsRole | null = null;
  /** What was negotiated; null until connected. */
  info: NativeDtlsInfo | null = null;
  /** The certificate that we show; null until started. */
  certificate: NativeCertificate | null = null;
  /** How many associations have been started: what was built on an earlier one is gone. */
  generation = 0;
  #link: NativeLink<NativeDtlsTransport> | null = null;
  #isHeld = false;
  readonly #verifiesFingerprints: boolean;

  /** @param verifiesFingerprints whether the peer's certificate has to be the one that its description names */
  constructor(ice: IceTransport, verifiesFingerprints = true) {
    this.ice = ice;
    this.#verifiesFingerprints = verifiesFingerprints;
  }

  /**
   * Starts the handshake, which waits for ICE by itself.
   * @param restart a new association replaces one that runs (RFC 8842 section 5.5)
   */
  start(certificate: NativeCertificate, role: DtlsRole, fingerprints: NativeFingerprint[], restart: boolean): void {
    if (this.state === 'closed' && !restart) return;
    const ice = this.ice.handle;
    if (!ice) throw new Error('DTLS was started before ICE gathers');
    if (this.#link) {
      if (!restart) return;
      this.#link.close();
    }
    const addon = nativeAddon();
    this.generation += 1;
    this.role = role;
    this.certificate = certificate;
    this.#link = new NativeLink(
      new addon.DtlsTransport(ice, certificate, { offerSrtp: true, verifyFingerprints: this.#verifiesFingerprints }),
      (kind, _number, value) => {
        if (kind === NativeEventKind.DtlsState) this.#stateChange(value as NativeDtlsStateChange);
      },
    );
    this.#link.hold(this.#isHeld);
    this.#link.handle.start(role, fingerprints);
  }

  /** For the SCTP transport above. */
  createAssociation(options: NativeSctpOptions): NativeSctpAssociation {
    if (!this.#link) throw new Error('SCTP was started before DTLS');
    const addon = nativeAddon();
    return new addon.SctpAssociation(this.#link.handle, options);
  }

  /** For the RTP streams above; null before start(). Each DTLS association has its own keys, and so its own. */
  createRtpTransport(): NativeRtpTransport | null {
    return this.#link && this.state !== 'closed' ? new (nativeAddon().RtpTransport)(this.#link.handle) : null;
  }

  hold(active: boolean): void {
    this.#isHeld = active;
    this.#link?.hold(active);
  }

  close(): void {
    this.state = 'closed';
    this.#link?.close();
  }

  #stateChange(change: NativeDtlsStateChange): void {
    this.state = change.state;
    if (change.info) this.info = change.info;
    this.observer?.dtlsStateChanged(change);
  }
}
