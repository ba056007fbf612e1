import { Event } from './realm';

/**
 * Fires an event (https://dom.spec.whatwg.org/#concept-event-fire) that does not bubble and cannot be cancelled:
 * a plain Event named `type`, or the event given (`new RTCErrorEvent('error', {error})`). What listeners throw is reported by the
 * EventTarget and never reaches the caller.
 */
export function fireEvent(target: EventTarget, event: string | Event): void {
  target.dispatchEvent(typeof event === 'string' ? new Event(event) : event);
}
