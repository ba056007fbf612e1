import { closeSink, openSink } from '../../lib/binding/event-door';
import { nativeAddon } from '../../lib/binding/load';
import {
  NativeEventKind,
  type NativeCertificate,
  type NativeDtlsTransport,
  type NativeIceCandidate,
  type NativeIceOptions,
  type NativeIceTransport,
  type NativeSctpAssociation,
  type NativeSctpStateChange,
  type NativeTransportHandle,
} from '../../lib/binding/native-addon';
import loopbackOptions from '../support/native-ice-options.json';

export interface ReceivedMessage {
  kind: number;
  stream: number;
  value: unknown;
}

/** Also of the worker that has the addon alone (test/lifetime/native-worker.cjs). */
export const iceOptions = loopbackOptions as NativeIceOptions;

let serial = 0;

/** One ICE + DTLS + SCTP stack through the addon alone, with what happened to it. */
export class NativeStack {
  readonly usernameFragment = `u${String(++serial)}x${String(process.pid)}${Math.random().toString(36).slice(2, 8)}`;
  readonly password = 'abcdefghijklmnopqrstuv01';
  readonly ice: NativeIceTransport;
  readonly dtls: NativeDtlsTransport;
  readonly sctp: NativeSctpAssociation;
  readonly history: string[] = [];
  readonly messages: ReceivedMessage[] = [];
  peer: NativeStack | undefined;
  onMessage: (message: ReceivedMessage) => void = (message) => this.messages.push(message);
  #waiting: { text: string; resolve: () => void }[] = [];

  constructor(readonly certificate: NativeCertificate) {
    const addon = nativeAddon();
    const local = { usernameFragment: this.usernameFragment, password: this.password, iceLite: false };
    this.ice = new addon.IceTransport(iceOptions, local);
    this.dtls = new addon.DtlsTransport(this.ice, certificate, { offerSrtp: true, verifyFingerprints: true });
    this.sctp = new addon.SctpAssociation(this.dtls, {
      localPort: 5000,
      remotePort: 5000,
      maxReceiveMessageSize: 262144,
    });
    this.#listen('ice', this.ice);
    this.#listen('dtls', this.dtls);
    this.#listen('sctp', this.sctp);
  }

  start(peer: NativeStack, role: 'controlling' | 'controlled'): void {
    this.peer = peer;
    this.ice.setRemoteParameters({
      usernameFragment: peer.usernameFragment,
      password: peer.password,
      iceLite: false,
    });
    this.ice.gather();
    this.ice.start(role);
    this.dtls.start(role === 'controlling' ? 'client' : 'server', [peer.certificate.fingerprint('sha-256')]);
    this.sctp.start();
  }

  /** Resolves when the history has the entry, e.g. 'sctp connected'. */
  until(text: string): Promise<void> {
    return new Promise((resolve) => {
      if (this.history.includes(text)) resolve();
      else this.#waiting.push({ text, resolve });
    });
  }

  close(): void {
    for (const handle of [this.ice, this.dtls, this.sctp]) closeSink(handle.id);
    this.ice.close();
  }

  #listen(name: string, handle: NativeTransportHandle): void {
    openSink(handle.id, {
      receive: (kind, number, value) => {
        switch (kind) {
          case NativeEventKind.IceCandidate:
            this.peer?.ice.addRemoteCandidate(value as NativeIceCandidate);
            break;
          case NativeEventKind.IceState:
            this.#note(`${name} ${String(value)}`);
            break;
          case NativeEventKind.DtlsState:
          case NativeEventKind.SctpState:
            this.#note(`${name} ${(value as NativeSctpStateChange).state}`);
            break;
          case NativeEventKind.SctpString:
          case NativeEventKind.SctpBinary:
          case NativeEventKind.SctpControl:
            this.onMessage({ kind, stream: number, value });
            break;
        }
      },
    });
  }

  #note(text: string): void {
    this.history.push(text);
    this.#waiting = this.#waiting.filter((one) => {
      if (one.text === text) one.resolve();
      return one.text !== text;
    });
  }
}

export async function connectStacks(certificate: NativeCertificate): Promise<[NativeStack, NativeStack]> {
  const a = new NativeStack(certificate);
  const b = new NativeStack(certificate);
  a.start(b, 'controlling');
  b.start(a, 'controlled');
  await Promise.all([a.until('sctp connected'), b.until('sctp connected')]);
  return [a, b];
}

/** Runs the loop until `done()`; for things that no event announces. Fails after a while, saying `what`. */
export async function eventually(done: () => boolean, what: string, timeoutMs = 5000): Promise<void> {
  const end = Date.now() + timeoutMs;
  while (!done()) {
    if (Date.now() > end) throw new Error(`not within ${String(timeoutMs)} ms: ${what}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
