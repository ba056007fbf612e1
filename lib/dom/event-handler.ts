import type { Event } from './realm';

/** An event handler's value, as scripts see it. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- handlers declare the event class they expect
export type EventHandler = ((this: any, event: any) => unknown) | null;

interface EventHandlerState {
  /** A function, another object (kept, never called), or null. */
  value: object | null;
  /** Registered with the first non-null value; null while there is none. */
  listener: ((this: unknown, event: Event) => void) | null;
}

type EventHandlerStates = Map<string, EventHandlerState>;

/** A base class whose constructor gives back the object it gets: fields of classes that derive are put on that object. */
const Given = function (object: object): object {
  return object;
} as unknown as new (object: object) => object;

/**
 * A private field of the targets, there from their first handler on. In a WeakMap collections of young objects would keep
 * every target that ever had a handler, with all that it refers to: V8 looks for dead keys when it collects all objects, and
 * takes the values for reachable until then; handlers refer to their target.
 */
class EventHandlers extends Given {
  readonly #states: EventHandlerStates = new Map();

  static of(target: object): EventHandlerStates | undefined {
    return #states in target ? target.#states : undefined;
  }

  static provide(target: object): EventHandlerStates {
    // Of what is made, though it is the target: bundlers leave out what nobody uses.
    return (#states in target ? target : new EventHandlers(target)).#states;
  }
}

function stateOf(target: object, type: string): EventHandlerState {
  const handlers = EventHandlers.provide(target);
  let state = handlers.get(type);
  if (!state) handlers.set(type, (state = { value: null, listener: null }));
  return state;
}

/** https://html.spec.whatwg.org/multipage/webappapis.html#the-event-handler-processing-algorithm */
function processEventHandler(target: object, state: EventHandlerState, event: Event): void {
  // 1. Let callback be the result of getting the current value of the event handler.
  // 2. If callback is null, return. An object that is not callable does nothing, as a callback interface's conversion
  //    ([LegacyTreatNonObjectAsNull]) has it.
  const callback = state.value;
  if (typeof callback !== 'function') return;
  // 3. Skipped: the ErrorEvent special case concerns global scopes only.
  // 4. – 5. Invoke callback with event; what it throws is reported by the dispatch that called us.
  const result: unknown = Reflect.apply(callback, target, [event]);
  // 6. Skipped: no BeforeUnloadEvent here. Otherwise: a return value of false cancels.
  if (result === false) event.preventDefault();
}

/**
 * Defines an event handler IDL attribute (https://html.spec.whatwg.org/multipage/webappapis.html#event-handler-idl-attributes)
 * as an accessor on a prototype. Its place among the listeners is that of the first assignment; replacing one handler by
 * another keeps it, null gives it up (deactivate an event handler), and the next one goes last.
 * @param type the event handler event type
 */
export function defineEventHandler(
  prototype: object,
  attribute: string,
  isInstance: (value: object) => boolean,
  type = attribute.slice(2),
): void {
  const check = (target: unknown): EventTarget => {
    if (typeof target !== 'object' || target === null || !isInstance(target)) throw new TypeError('Illegal invocation');
    return target as EventTarget;
  };
  const accessors = {
    get [attribute](): unknown {
      return EventHandlers.of(check(this))?.get(type)?.value ?? null;
    },
    set [attribute](value: unknown) {
      const target = check(this);
      const state = stateOf(target, type);
      if ((typeof value !== 'object' && typeof value !== 'function') || value === null) {
        // Deactivate: https://html.spec.whatwg.org/multipage/webappapis.html#deactivate-an-event-handler
        state.value = null;
        if (state.listener) target.removeEventListener(type, state.listener);
        state.listener = null;
        return;
      }
      state.value = value;
      if (state.listener) return;
      // Not assigned at once: V8 puts functions that are written behind `object.member =` among its old objects, and what
      // they refer to stays until it collects those.
      const listener = (event: Event): void => {
        processEventHandler(target, state, event);
      };
      state.listener = listener;
      target.addEventListener(type, listener);
    },
  };
  const descriptor = Object.getOwnPropertyDescriptor(accessors, attribute);
  Object.defineProperty(prototype, attribute, { ...descriptor, enumerable: true, configurable: true });
}
