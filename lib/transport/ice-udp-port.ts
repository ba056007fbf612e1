import { nativeAddon } from '../binding/load';
import {
  NativeEventKind,
  type NativeIceOptions,
  type NativeIcePortOpened,
  type NativeIceUdpPort,
  type NativeSocketAddress,
  type NativeUnknownRequest,
} from '../binding/native-addon';
import { NativeLink } from './native-link';
import { ProcessLife } from './process-life';

/** A UDP port that connections share, held open whether there are any or not. It holds the process, as a server does. */
export class IceUdpPort {
  /** Takes requests that are for none of the connections. */
  onrequest: ((request: NativeUnknownRequest) => void) | null = null;
  #addresses: readonly NativeSocketAddress[] = [];
  readonly #link: NativeLink<NativeIceUdpPort>;
  readonly #life = new ProcessLife();
  readonly #opened: (error: string) => void;

  private constructor(options: NativeIceOptions, opened: (error: string) => void) {
    this.#opened = opened;
    const addon = nativeAddon();
    this.#link = new NativeLink(new addon.IceUdpPort(options), (kind, _number, value) => {
      this.#event(kind, value);
    });
    this.#link.hold(true);
    this.#life.setActive(true);
  }

  /** Rejects with an Error when one of the sockets cannot be bound. */
  static open(options: NativeIceOptions): Promise<IceUdpPort> {
    return new Promise((resolve, reject) => {
      const port = new IceUdpPort(options, (error) => {
        if (error === '') return resolve(port);
        port.close();
        reject(new Error(error));
      });
    });
  }

  /** What the port is bound to. */
  get addresses(): readonly NativeSocketAddress[] {
    return this.#addresses;
  }

  setReferenced(referenced: boolean): void {
    this.#life.setReferenced(referenced);
  }

  /** Connections on the port keep it for themselves. */
  close(): void {
    this.#life.setActive(false);
    this.#link.close();
  }

  #event(kind: number, value: unknown): void {
    if (kind === NativeEventKind.IcePortOpened) {
      const { addresses, error } = value as NativeIcePortOpened;
      this.#addresses = addresses;
      this.#opened(error);
    } else if (kind === NativeEventKind.IceUnknownRequest) {
      this.onrequest?.(value as NativeUnknownRequest);
    }
  }
}
