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
  /** Looked at, not listened to: a signal that lives as long as the process would keep every target there ever was. */
  readonly signal: AbortSignal | undefined;
  /** It is called no more, not even for an event that is being dispatched. */
  isRemoved: boolean;
}

interface ListenerOptions {
  readonly once?: unknown;
  readonly signal?: AbortSignal | undefined;
}

function isOver({ isRemoved, signal }: Registration): boolean {
  return isRemoved || signal?.aborted === true;
}

/** Of whatever realm. */
function isSignal(value: unknown): value is AbortSignal {
  return typeof value === 'object' && value !== null && 'aborted' in value && 'addEventListener' in value;
}

/**
 * An EventTarget whose events are plain objects, as those of wrtc's sinks are: the event is the dictionary itself, so that
 * it can be compared with what was sent.
 */
export class PlainEventTarget extends EventTarget {
  readonly #registrations = new Map<string, Registration[]>();

  override addEventListener(type: string, listener: unknown, options?: unknown): void {
    if (typeof listener !== 'function' && (typeof listener !== 'object' || listener === null)) return;
    const { once, signal }: ListenerOptions = typeof options === 'object' && options !== null ? options : {};
    if (signal !== undefined && !isSignal(signal)) {
      throw new TypeError("addEventListener(): 'signal' is not of type 'AbortSignal'.");
    }
    if (signal?.aborted) return;
    const present = (this.#registrations.get(type) ?? []).filter((each) => !isOver(each));
    if (present.some((each) => each.listener === listener)) return;
    const added: Registration = { listener: listener as Listener, once: Boolean(once), signal, isRemoved: false };
    this.#registrations.set(type, [...present, added]);
  }

  override removeEventListener(type: string, listener: unknown): void {
    const registration = this.#registrations.get(type)?.find((each) => each.listener === listener);
    if (registration) this.#remove(type, registration);
  }

  /** What a listener throws is an uncaught exception; the others are still called. */
  override dispatchEvent(event: PlainEvent): boolean {
    const { type } = event;
    const handler = (this as Record<string, unknown>)[`on${type}`];
    if (typeof handler === 'function') this.#call(handler as Listener, event);
    for (const registration of this.#registrations.get(type) ?? []) {
      const wasOver = isOver(registration);
      if (wasOver || registration.once) this.#remove(type, registration);
      if (wasOver) continue;
      this.#call(registration.listener, event);
    }
    return true;
  }

  #remove(type: string, registration: Registration): void {
    registration.isRemoved = true;
    const present = this.#registrations.get(type) ?? [];
    this.#registrations.set(
      type,
      present.filter((each) => each !== registration),
    );
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
