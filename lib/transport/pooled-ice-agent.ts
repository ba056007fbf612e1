import { nativeAddon } from '../binding/load';
import type { NativeIceOptions, NativeIceParameters, NativeIceTransport } from '../binding/native-addon';
import { queueTask } from '../dom/queue-task';
import { NativeLink, type EventReceiver } from './native-link';

/**
 * An ICE agent that gathers before there is a transport to use it, and remembers what it has to tell (the candidate pool
 * of RFC 9429 section 3.5.4). It does not hold the process.
 */
export class PooledIceAgent {
  readonly local: NativeIceParameters;
  readonly #link: NativeLink<NativeIceTransport>;
  #untold: Parameters<EventReceiver>[] = [];
  #receive: EventReceiver | null = null;

  constructor(local: NativeIceParameters, options: NativeIceOptions) {
    const addon = nativeAddon();
    this.local = local;
    this.#link = new NativeLink(new addon.IceTransport(options, local), (...event) => {
      if (this.#receive && this.#untold.length === 0) this.#receive(...event);
      else this.#untold.push(event);
    });
    this.#link.handle.gatherAhead();
  }

  /**
   * Hands the agent over; gather() lets its gathering end. What it has told is told again, each event in a task of its
   * own, before what is to come.
   */
  take(receive: EventReceiver): NativeLink<NativeIceTransport> {
    this.#receive = receive;
    if (this.#untold.length > 0) queueTask(() => this.#tellNext());
    return this.#link;
  }

  /** Of an agent that nobody has taken. */
  close(): void {
    this.#untold = [];
    this.#link.close();
  }

  #tellNext(): void {
    const [event] = this.#untold;
    if (!event) return;
    // Still among the untold while it is told: what comes meanwhile stands behind it.
    if (this.#untold.length > 1) queueTask(() => this.#tellNext());
    try {
      this.#receive!(...event);
    } finally {
      this.#untold.shift();
    }
  }
}
