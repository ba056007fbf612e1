import { EventTarget } from '../../dom/realm';
import { reportException } from '../../dom/report-exception';

/** An event of wrtc's: an object with a `type`, and nothing in it but what its listeners are to get. */
export interface PlainEvent {
  readonly type: string;
}

type Listener = ((event: PlainEvent) => unknown) | { handleEvent(event: PlainEvent): unknown };

interface Registration {
  readonly listener: Listener;
  readonly once: boolean;
}

/**
 * An EventTarget whose events are plain objects, as those of wrtc's sinks are: the event is the dictionary itself, so that
 * it can be compared with what was sent.
 */
export class PlainEventTarget extends EventTarget {
  readonly #registrations = new Map<string, Registration[]>();

  override addEventListener(type: string, listener: unknown, options?: unknown): void {
    if (typeof listener !== 'function' && (typeof listener !== 'object' || listener === null)) return;
    const present = this.#registrations.get(type) ?? [];
    if (present.some((each) => each.listener === listener)) return;
    const once = typeof options === 'object' && options !== null && Boolean((options as { once?: unknown }).once);
    this.#registrations.set(type, [...present, { listener: listener as Listener, once }]);
  }

  override removeEventListener(type: string, listener: unknown): void {
    const present = this.#registrations.get(type) ?? [];
    this.#registrations.set(
      type,
      present.filter((each) => each.listener !== listener),
    );
  }

  /** What a listener throws is an uncaught exception; the others are still called. */
  override dispatchEvent(event: PlainEvent): boolean {
    const { type } = event;
    const handler = (this as Record<string, unknown>)[`on${type}`];
    if (typeof handler === 'function') this.#call(handler as Listener, event);
    for (const { listener, once } of this.#registrations.get(type) ?? []) {
      if (once) this.removeEventListener(type, listener);
      this.#call(listener, event);
    }
    return true;
  }

  #call(listener: Listener, event: PlainEvent): void {
    try {
      if (typeof listener === 'function') Reflect.apply(listener, this, [event]);
      else listener.handleEvent(event);
    } catch (error) {
      reportException(error);
    }
  }
}
