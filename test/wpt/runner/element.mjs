/** Nothing can stand in for them: they hold another window. */
const absentElements = ['iframe'];

/** Fires an event at something that has attributes for its handlers, as elements do. */
export function fireAt(target, type, members = {}) {
  const event = Object.assign(new Event(type), members);
  target[`on${type}`]?.(event);
  target.dispatchEvent(event);
}

/** As much of an element as testharness.js and the tests' set-up touch. Nothing is laid out. */
export class Element extends EventTarget {
  constructor(localName) {
    super();
    if (absentElements.includes(localName)) {
      throw new DOMException(`<${localName}> does not exist outside a browser`, 'NotSupportedError');
    }
    this.localName = localName;
    this.parentElement = null;
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
    if (child instanceof Element) child.parentElement = this;
    this.childNodes.push(child);
    return child;
  }
  removeChild(child) {
    if (child instanceof Element) child.parentElement = null;
    this.childNodes = this.childNodes.filter((one) => one !== child);
    return child;
  }
  remove() {
    this.parentElement?.removeChild(this);
  }
  getElementsByTagName(name) {
    const below = this.childNodes.filter((child) => child instanceof Element);
    return below.flatMap((child) => [
      ...(child.localName === name ? [child] : []),
      ...child.getElementsByTagName(name),
    ]);
  }
  click() {
    const event = new Event('click', { bubbles: true, cancelable: true });
    this.onclick?.(event);
    this.dispatchEvent(event);
  }
}
