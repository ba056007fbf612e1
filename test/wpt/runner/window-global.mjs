import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Element } from './element.mjs';
import { Navigator, PlainCanvasElement, makeDocument } from './page.mjs';
import { makeSteadyIntervals } from './steady-interval.mjs';
import { origin } from './test-file.mjs';
import { makeWorkerInterface } from './web-worker.mjs';

const define = (name, value) =>
  Object.defineProperty(globalThis, name, { value, writable: true, enumerable: false, configurable: true });

class ErrorEvent extends Event {
  constructor(type, { message = '', filename = '', lineno = 0, colno = 0, error = null, ...init } = {}) {
    super(type, init);
    Object.assign(this, { message, filename, lineno, colno, error });
  }
}

class PromiseRejectionEvent extends Event {
  constructor(type, { promise, reason, ...init }) {
    super(type, init);
    Object.assign(this, { promise, reason });
  }
}

/** Blobs read the old way, by events. */
class FileReader extends EventTarget {
  result = null;
  error = null;
  readAsArrayBuffer(blob) {
    this.#read(blob.arrayBuffer());
  }
  readAsText(blob) {
    this.#read(blob.text());
  }
  #read(promise) {
    promise.then(
      (result) => this.#finish('load', { result }),
      (error) => this.#finish('error', { error }),
    );
  }
  #finish(type, outcome) {
    Object.assign(this, outcome);
    for (const name of [type, 'loadend']) {
      const event = new Event(name);
      this[`on${name}`]?.(event);
      this.dispatchEvent(event);
    }
  }
}

/**
 * Makes the global object of this process look like a window, as far as testharness.js and tests of an API without
 * pixels need it. @returns {{dispatch(event: Event): boolean, document: EventTarget}}
 */
export function installWindow({ root, path, packageModule, mediaDevices, mediaPage, ...page }) {
  const events = new EventTarget();
  const location = new URL(`${origin}/${path}`);
  const { document, elements } = makeDocument(page, mediaPage);
  const windowProperties = {
    window: globalThis,
    self: globalThis,
    parent: globalThis,
    top: globalThis,
    frames: globalThis,
    opener: null,
    Window: class Window {},
    isSecureContext: true,
    // Memory can always be shared.
    crossOriginIsolated: true,
    ...makeSteadyIntervals(globalThis),
    origin: location.origin,
    location,
    document,
    navigator: new Navigator(mediaDevices),
    Navigator,
    Element,
    ErrorEvent,
    FileReader,
    HTMLCanvasElement: PlainCanvasElement,
    PromiseRejectionEvent,
    Worker: makeWorkerInterface({ root, location, packageModule }),
    addEventListener: events.addEventListener.bind(events),
    removeEventListener: events.removeEventListener.bind(events),
    dispatchEvent: events.dispatchEvent.bind(events),
    postMessage(message, _target, transfer = []) {
      const data = structuredClone(message, { transfer });
      setTimeout(() => events.dispatchEvent(new MessageEvent('message', { data })), 0);
    },
    requestAnimationFrame: (callback) => setTimeout(() => callback(performance.now()), 16),
    ...mediaPage,
    // The checkout is the whole web: idlharness.js reads its interface definitions from here.
    async fetch(url) {
      return new Response(await readFile(join(root, new URL(url, location).pathname)));
    },
  };
  // Named access on the Window object, which gives way to everything else of that name.
  for (const [id, element] of elements) if (!(id in globalThis)) define(id, element);
  for (const [name, value] of Object.entries(windowProperties)) define(name, value);
  return { dispatch: (event) => events.dispatchEvent(event), document };
}

/** Puts a package's interfaces onto the global object, as Web IDL has them: writable, configurable, not enumerable. */
export function installInterfaces(exported) {
  for (const [name, value] of Object.entries(exported)) {
    const isInterface = typeof value === 'function' && /^[A-Z]/.test(name) && value.prototype !== undefined;
    if (isInterface) define(name, value);
  }
}
