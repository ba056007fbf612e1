import { Element } from './element.mjs';

/** Elements that there is no stand-in for where the package has nothing to make one of. */
const mediaElements = ['video', 'audio', 'canvas'];

/** Has no captureStream(), so that the tests' set-up asks getUserMedia() for its tracks. */
export class PlainCanvasElement extends Element {}

/** @returns {(localName: string) => Element} with the interfaces of `makeMediaPage()` */
function elementFactory({ HTMLCanvasElement, HTMLVideoElement, HTMLAudioElement }) {
  const interfaces = { canvas: HTMLCanvasElement, video: HTMLVideoElement, audio: HTMLAudioElement };
  return (localName) => {
    if (interfaces[localName]) return new interfaces[localName]();
    if (mediaElements.includes(localName)) {
      throw new DOMException(`<${localName}> does not exist outside a browser`, 'NotSupportedError');
    }
    return new Element(localName);
  };
}

/** The elements of a page by their ids, those that can be made. */
function makeElements(descriptions, createElement) {
  const elements = new Map();
  for (const { localName, id, isAutoplay, text } of descriptions) {
    try {
      const element = Object.assign(createElement(localName), { id }, isAutoplay && { autoplay: true });
      if (localName === 'script') Object.assign(element, { text, textContent: text });
      elements.set(id, element);
    } catch (error) {
      if (error.name !== 'NotSupportedError') throw error;
    }
  }
  return elements;
}

/** @returns {{document: EventTarget, elements: Map<string, Element>}} the elements are those with an id */
export function makeDocument({ title, elements: descriptions, timeout }, mediaPage) {
  const createElement = elementFactory(mediaPage);
  const document = new EventTarget();
  const timeoutMeta = Object.assign(new Element('meta'), { name: 'timeout', content: timeout });
  const elements = makeElements(descriptions, createElement);
  const body = new Element('body');
  for (const element of elements.values()) body.appendChild(element);
  Object.assign(document, {
    title,
    readyState: 'loading',
    hidden: false,
    visibilityState: 'visible',
    documentElement: new Element('html'),
    head: new Element('head'),
    body,
    createElement: (name) => createElement(String(name).toLowerCase()),
    createElementNS: (_namespace, name) => createElement(String(name).toLowerCase()),
    createTextNode: (data) => ({ data }),
    getElementById: (id) => elements.get(id) ?? null,
    getElementsByTagName: (name) => (name === 'meta' ? [timeoutMeta] : body.getElementsByTagName(name)),
    querySelector: (selector) =>
      (selector.startsWith('#') ? elements.get(selector.slice(1)) : body.getElementsByTagName(selector)[0]) ?? null,
    querySelectorAll: (name) => body.getElementsByTagName(name),
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
  /** Says yes to everything, as tests ask it about what they go on to try. */
  get mediaCapabilities() {
    const supported = () => Promise.resolve({ supported: true, smooth: true, powerEfficient: false });
    return { encodingInfo: supported, decodingInfo: supported };
  }
  get mediaDevices() {
    return this.#mediaDevices;
  }
}
for (const name of ['userAgent', 'platform', 'mediaCapabilities', 'mediaDevices']) {
  Object.defineProperty(Navigator.prototype, name, { enumerable: true });
}
