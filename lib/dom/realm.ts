/**
 * The window that the classes of this loading of the package belong to: where `Event`, `EventTarget`, `DOMException`,
 * `MessageEvent` and `Blob` come from. It is decided once, when the package loads: the global object of the realm that
 * loads it (Node's, or the window of jsdom and happy-dom), or the one lib/polyfill.ts loads a further class set for.
 * docs/realms.md tells the whole story.
 */

import { type Realm, realmKey } from './realm-key';

const target = (globalThis as { [realmKey]?: Realm })[realmKey];
const source = target ?? globalThis;

let messageEvent: Realm['MessageEvent'] | undefined;

/** A snapshot: test environments replace globals under our feet, and one class set must keep to one window. */
export const realm: Realm = {
  EventTarget: source.EventTarget,
  Event: source.Event,
  DOMException: source.DOMException,
  // Not before the first message: what Node.js 22 and later load for it takes longer than all of this package.
  get MessageEvent() {
    return (messageEvent ??= source.MessageEvent);
  },
  Blob: source.Blob,
};

for (const name of ['EventTarget', 'Event', 'DOMException'] as const) {
  if (typeof realm[name] !== 'function') {
    throw new Error(
      target
        ? `installGlobals() needs a window for its target, and this one has no ${name}`
        : `peerwire needs a global ${name}, and this environment has none`,
    );
  }
}

export const EventTarget = realm.EventTarget;

export type EventTarget = globalThis.EventTarget;

export const Event = realm.Event;

export type Event = globalThis.Event;

export const DOMException = realm.DOMException;

export type DOMException = globalThis.DOMException;
