import type { Realm } from '../dom/realm-key';

/** What the package exports in one loading: what a window gets is among it. */
export interface ClassSet {
  readonly mediaDevices: object;
  readonly RTCPeerConnection: new () => object;
  readonly RTCDataChannelEvent: unknown;
  readonly RTCError: unknown;
}

/** Whether the classes extend those of this window. */
export function isForWindow(classSet: ClassSet, window: Realm): boolean {
  return (
    Object.getPrototypeOf(classSet.RTCPeerConnection) === window.EventTarget &&
    Object.getPrototypeOf(classSet.RTCDataChannelEvent) === window.Event &&
    Object.getPrototypeOf(classSet.RTCError) === window.DOMException
  );
}

/** A property as it was before, and how to tell that it is still ours. */
interface Replaced {
  readonly target: object;
  readonly name: string;
  readonly before: PropertyDescriptor | undefined;
  readonly installed: PropertyDescriptor;
}

function replace(target: object, name: string, installed: PropertyDescriptor): Replaced {
  const before = Object.getOwnPropertyDescriptor(target, name);
  Object.defineProperty(target, name, installed);
  return { target, name, before, installed };
}

function putBack({ target, name, before, installed }: Replaced): void {
  const present = Object.getOwnPropertyDescriptor(target, name);
  if (present?.value !== installed.value || present?.get !== installed.get) return;
  if (before) Object.defineProperty(target, name, before);
  else Reflect.deleteProperty(target, name);
}

/**
 * `navigator.mediaDevices`: an accessor of the Navigator interface. A global without a navigator (Node.js 20) gets one that has
 * it, and the `userAgent` of Node.js 21: whoever finds a navigator takes for granted that this is text.
 */
function installMediaDevices(target: { navigator?: object }, devices: object): Replaced[] {
  const accessors = {
    get mediaDevices(): object {
      return devices;
    },
  };
  const attribute = Object.getOwnPropertyDescriptor(accessors, 'mediaDevices') ?? {};
  const { navigator } = target;
  if (!navigator) {
    const userAgent = `Node.js/${process.versions.node.split('.', 1)[0]!}`;
    Object.defineProperty(accessors, 'userAgent', { get: () => userAgent, enumerable: true, configurable: true });
    const substitute = Object.create(accessors) as object;
    return [replace(target, 'navigator', { value: substitute, writable: true, enumerable: false, configurable: true })];
  }
  const prototype = Object.getPrototypeOf(navigator) as object | null;
  // Node.js' own Navigator has no Symbol.toStringTag.
  const isPlain = prototype === null || prototype === Object.prototype;
  return [replace(isPlain ? navigator : prototype, 'mediaDevices', attribute)];
}

/**
 * Defines the interfaces of a class set, and `navigator.mediaDevices`, on a window.
 * @returns a function that puts back what was there; what someone else has replaced since then stays.
 */
export function installClassSet(classSet: ClassSet, target: object): () => void {
  // Interfaces alone begin with a capital letter. Those that only workers have are undefined elsewhere.
  const interfaces = Object.entries(classSet).filter(([name, value]) => /^[A-Z]/.test(name) && value !== undefined);
  const replaced = [
    ...interfaces.flatMap(([name, value]) =>
      // A window's own geometry stays: other things than ours have rectangles.
      name === 'DOMRectReadOnly' && name in target
        ? []
        : replace(target, name, { value, writable: true, enumerable: false, configurable: true }),
    ),
    ...installMediaDevices(target, classSet.mediaDevices),
  ];
  return () => {
    for (const each of replaced.splice(0)) putBack(each);
  };
}
