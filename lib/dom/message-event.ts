import { realm } from './realm';

/** A `message` event with the data that arrived (https://html.spec.whatwg.org/multipage/comms.html#messageevent). */
export function createMessageEvent(data: unknown): MessageEvent {
  return new realm.MessageEvent('message', { data });
}
