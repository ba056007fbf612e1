/** Process-wide name of the window that the class set now being loaded belongs to; set only while it loads. */
export const realmKey = Symbol.for('peerwire.realm');

/** What is used of a window. */
export interface Realm {
  readonly EventTarget: typeof globalThis.EventTarget;
  readonly Event: typeof globalThis.Event;
  readonly DOMException: typeof globalThis.DOMException;
  readonly MessageEvent: typeof globalThis.MessageEvent;
  readonly Blob: typeof globalThis.Blob;
}
