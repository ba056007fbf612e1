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

const states = new WeakMap<object, Map<string, EventHandlerState>>();

function stateOf(target: object, type: string): EventHandlerState {
  let handlers = states.get(target);
  if (!handlers) states.set(target, (handlers = new Map<string, EventHandlerState>()));
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
      return states.get(check(this))?.get(type)?.value ?? null;
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
      state.listener = (event) => {
        processEventHandler(target, state, event);
      };
      target.addEventListener(type, state.listener);
    },
  };
  const descriptor = Object.getOwnPropertyDescriptor(accessors, attribute);
  Object.defineProperty(prototype, attribute, { ...descriptor, enumerable: true, configurable: true });
}
