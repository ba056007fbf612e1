import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

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

/** As much of an element as testharness.js and the tests' set-up touch. Nothing is laid out or played. */
class Element extends EventTarget {
  constructor(localName) {
    super();
    if (['video', 'audio', 'canvas', 'iframe'].includes(localName)) {
      throw new DOMException(`<${localName}> does not exist outside a browser`, 'NotSupportedError');
    }
    this.localName = localName;
    this.childNodes = [];
    this.style = {};
    this.attributes = {};
  }
  setAttribute(name, value) {
    this.attributes[name] = String(value);
  }
  getAttribute(name) {
    return this.attributes[name] ?? null;
  }
  appendChild(child) {
    this.childNodes.push(child);
    return child;
  }
  removeChild(child) {
    this.childNodes = this.childNodes.filter((one) => one !== child);
    return child;
  }
  remove() {}
}

/** Has no captureStream(), so that the tests' set-up asks getUserMedia() for its tracks. */
class HTMLCanvasElement extends Element {}

function makeDocument({ title, ids, timeout }) {
  const document = new EventTarget();
  const timeoutMeta = Object.assign(new Element('meta'), { name: 'timeout', content: timeout });
  const elements = new Map(ids.map((id) => [id, new Element('div')]));
  return Object.assign(document, {
    title,
    readyState: 'loading',
    hidden: false,
    visibilityState: 'visible',
    documentElement: new Element('html'),
    head: new Element('head'),
    body: new Element('body'),
    createElement: (name) => new Element(String(name).toLowerCase()),
    createElementNS: (_namespace, name) => new Element(String(name).toLowerCase()),
    createTextNode: (data) => ({ data }),
    getElementById: (id) => elements.get(id) ?? null,
    getElementsByTagName: (name) => (name === 'meta' ? [timeoutMeta] : []),
    querySelector: () => null,
    querySelectorAll: () => [],
  });
}

/**
 * Makes the global object of this process look like a window, as far as testharness.js and tests of an API without
 * pixels need it. @returns {{dispatch(event: Event): boolean, document: EventTarget}}
 */
export function installWindow({ root, path, title, ids, timeout, navigatorParts }) {
  const events = new EventTarget();
  const location = new URL(`https://web-platform.test:8443/${path}`);
  const document = makeDocument({ title, ids, timeout });
  const navigator = { userAgent: `Node.js/${process.versions.node}`, platform: process.platform, ...navigatorParts };
  const windowProperties = {
    window: globalThis,
    self: globalThis,
    parent: globalThis,
    top: globalThis,
    frames: globalThis,
    opener: null,
    Window: class Window {},
    isSecureContext: true,
    origin: location.origin,
    location,
    document,
    navigator,
    Element,
    ErrorEvent,
    FileReader,
    HTMLCanvasElement,
    PromiseRejectionEvent,
    addEventListener: events.addEventListener.bind(events),
    removeEventListener: events.removeEventListener.bind(events),
    dispatchEvent: events.dispatchEvent.bind(events),
    postMessage(message, _target, transfer = []) {
      const data = structuredClone(message, { transfer });
      setTimeout(() => events.dispatchEvent(new MessageEvent('message', { data })), 0);
    },
    requestAnimationFrame: (callback) => setTimeout(() => callback(performance.now()), 16),
    // The checkout is the whole web: idlharness.js reads its interface definitions from here.
    async fetch(url) {
      return new Response(await readFile(join(root, new URL(url, location).pathname)));
    },
  };
  for (const [name, value] of Object.entries(windowProperties)) define(name, value);
  return { dispatch: (event) => events.dispatchEvent(event), document };
}

/** Puts a package's interfaces onto the global object, as Web IDL has them: writable, configurable, not enumerable. */
export function installInterfaces(exported) {
  for (const [name, value] of Object.entries(exported)) {
    if (/^(RTC|Media)/.test(name) && typeof value === 'function') define(name, value);
  }
}
