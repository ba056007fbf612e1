import type {
  NativeAudioSource,
  NativeRtpTransport,
  NativeRtpTransportStats,
  NativeVideoSource,
} from '../binding/native-addon';
import type { DtlsTransport } from '../transport/dtls-transport';
import { NativeLink } from '../transport/native-link';
import { RtpReceiver } from './rtp-receiver';
import { RtpSender } from './rtp-sender';

/** Everything in RTP over one DTLS transport. A new DTLS association makes it anew, and with it what it carries. */
export class RtpTransport {
  readonly #dtls: DtlsTransport;
  #link: NativeLink<NativeRtpTransport> | null = null;
  #generation = 0;

  constructor(dtls: DtlsTransport) {
    this.#dtls = dtls;
  }

  /** Changes when senders and receivers have to be made anew; 0: there is nothing to send over yet. */
  get generation(): number {
    this.#open();
    return this.#link ? this.#generation : 0;
  }

  createSender(kind: 'audio' | 'video'): RtpSender {
    return new RtpSender(this.#require(), kind);
  }

  createReceiver(kind: 'audio' | 'video', source: NativeVideoSource | NativeAudioSource): RtpReceiver {
    return new RtpReceiver(this.#require(), kind, source);
  }

  /** null: nothing was ever sent or received. */
  requestStats(): Promise<NativeRtpTransportStats> | null {
    return this.#link?.requestStats<NativeRtpTransportStats>() ?? null;
  }

  close(): void {
    this.#link?.close();
    this.#link = null;
  }

  #require(): NativeRtpTransport {
    this.#open();
    if (!this.#link) throw new Error('RTP was started before DTLS');
    return this.#link.handle;
  }

  #open(): void {
    if (this.#generation === this.#dtls.generation) return;
    this.close();
    const handle = this.#dtls.createRtpTransport();
    if (!handle) return;
    this.#generation = this.#dtls.generation;
    this.#link = new NativeLink(handle, () => undefined);
  }
}
