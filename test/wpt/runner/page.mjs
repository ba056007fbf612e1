/** Elements that nothing can stand in for: they show pictures, play sound or hold another window. */
const absentElements = ['video', 'audio', 'canvas', 'iframe'];

/** As much of an element as testharness.js and the tests' set-up touch. Nothing is laid out or played. */
export class Element extends EventTarget {
  constructor(localName) {
    super();
    if (absentElements.includes(localName)) {
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
  click() {
    const event = new Event('click', { bubbles: true, cancelable: true });
    this.onclick?.(event);
    this.dispatchEvent(event);
  }
}

/** Has no captureStream(), so that the tests' set-up asks getUserMedia() for its tracks. */
export class HTMLCanvasElement extends Element {}

/** The elements of a page by their ids, those that cannot be left out. */
function makeElements(descriptions) {
  const present = descriptions.filter(({ localName }) => !absentElements.includes(localName));
  return new Map(present.map(({ localName, id }) => [id, new Element(localName)]));
}

/** @returns {{document: EventTarget, elements: Map<string, Element>}} the elements are those with an id */
export function makeDocument({ title, elements: descriptions, timeout }) {
  const document = new EventTarget();
  const timeoutMeta = Object.assign(new Element('meta'), { name: 'timeout', content: timeout });
  const elements = makeElements(descriptions);
  Object.assign(document, {
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
  return { document, elements };
}

/** The interface of a browser's navigator. What it has besides its own is the package's. */
export class Navigator {
  #mediaDevices;
  constructor(mediaDevices) {
    this.#mediaDevices = mediaDevices;
    if (!mediaDevices) delete Navigator.prototype.mediaDevices;
  }
  get userAgent() {
    return `Node.js/${process.versions.node}`;
  }
  get platform() {
    return process.platform;
  }
  get mediaDevices() {
    return this.#mediaDevices;
  }
}
for (const name of ['userAgent', 'platform', 'mediaDevices']) {
  Object.defineProperty(Navigator.prototype, name, { enumerable: true });
}
