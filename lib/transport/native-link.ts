import { AsyncScope } from '../binding/async-scope';
import { closeSink, openSink, requestStats, type NativeSink } from '../binding/event-door';
import type { NativeTransportHandle } from '../binding/native-addon';

/** Takes the events of one handle. */
export type EventReceiver = (kind: number, number: number, value: unknown) => void;

interface Owner {
  readonly receive: EventReceiver;
  /** Held by nobody else: it may lead to the connection, as when a request's store has it. */
  readonly scope: AsyncScope;
}

/**
 * What the event door holds of a transport: nothing while the transport is idle, so that a connection which nobody
 * holds any more is collected; the transport itself while it is active, because then its events must be fired.
 */
class Door implements NativeSink {
  strong: Owner | null = null;
  #weak: WeakRef<Owner> | null;

  constructor(owner: Owner) {
    this.#weak = new WeakRef(owner);
  }

  receive(kind: number, number: number, value: unknown): void {
    const owner = this.strong ?? this.#weak?.deref();
    owner?.scope.runInAsyncScope(owner.receive, owner, kind, number, value);
  }

  /**
   * From now on it leads nowhere. When a Map grows, or what was deleted from it is cleared out, V8 leaves the former table as
   * it was, reachable from the one before until all objects are collected; and collections of young objects take what is
   * weakly held for reachable. So doors outlive the transports.
   */
  wallUp(): void {
    this.strong = null;
    this.#weak = null;
  }
}

/** The native object closes itself when it is collected; its place at the door has to be given back too. */
const forgotten = new FinalizationRegistry<number>((id) => {
  closeSink(id);
});

/** A native transport handle and the way its events take. */
export class NativeLink<Handle extends NativeTransportHandle> {
  readonly handle: Handle;
  readonly #owner: Owner;
  readonly #door: Door;
  #isClosed = false;

  constructor(handle: Handle, receive: EventReceiver) {
    this.handle = handle;
    this.#owner = { receive, scope: new AsyncScope() };
    this.#door = new Door(this.#owner);
    openSink(handle.id, this.#door);
    forgotten.register(this.#owner, handle.id, this);
  }

  /** While held, events reach the transport even if nobody else refers to it. */
  hold(active: boolean): void {
    this.#door.strong = active && !this.#isClosed ? this.#owner : null;
  }

  requestStats<Stats>(): Promise<Stats> {
    return requestStats(this.handle) as Promise<Stats>;
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#door.wallUp();
    forgotten.unregister(this);
    closeSink(this.handle.id);
    this.handle.close();
  }
}
