import path from 'node:path';
import { type Realm, realm, realmKey } from '../dom/realm';
import * as mediacapture from '../mediacapture/interfaces';
import { mediaDevices } from '../mediacapture/media-devices';
import * as webcodecs from '../webcodecs/interfaces';
import * as webrtc from '../webrtc/interfaces';

/** What a window gets. */
interface ClassSet {
  /** Name → interface object. */
  readonly interfaces: Readonly<Record<string, unknown>>;
  readonly mediaDevices: object;
}

const classesOfPackage: ClassSet = { interfaces: { ...mediacapture, ...webcodecs, ...webrtc }, mediaDevices };

/** The class sets loaded for other windows, so that installing twice gives the same classes. */
const classSets = new WeakMap<object, ClassSet>();

function isOfRealm(target: Realm, loaded: Realm): boolean {
  return (
    target.EventTarget === loaded.EventTarget &&
    target.Event === loaded.Event &&
    target.DOMException === loaded.DOMException
  );
}

/**
 * Loads the package's modules once more, for another window: its classes extend that window's EventTarget, Event and
 * DOMException. The binding is not loaded again, as there is one addon and one event queue for all.
 */
function loadClassSet(target: Realm): ClassSet {
  const known = classSets.get(target);
  if (known) return known;
  const root = path.resolve(__dirname, '..') + path.sep;
  const ours = () =>
    Object.keys(require.cache).filter((file) => file.startsWith(root) && !file.startsWith(`${root}binding${path.sep}`));
  const before = new Map(ours().map((file) => [file, require.cache[file]]));
  const forget = () => {
    for (const file of ours()) Reflect.deleteProperty(require.cache, file);
  };
  forget();
  Object.defineProperty(globalThis, realmKey, { value: target, configurable: true });
  try {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- the point is to load it again
    const { realm: loaded } = require('../dom/realm') as { realm: Realm };
    if (!isOfRealm(target, loaded)) {
      throw new Error(
        'installGlobals() cannot load classes for another window through this module loader: ' +
          'load peerwire inside that window, or call installGlobals() from plain Node code',
      );
    }
    /* eslint-disable @typescript-eslint/no-require-imports -- the point is to load it again */
    const classSet: ClassSet = {
      interfaces: {
        ...(require('../mediacapture/interfaces') as ClassSet['interfaces']),
        ...(require('../webcodecs/interfaces') as ClassSet['interfaces']),
        ...(require('../webrtc/interfaces') as ClassSet['interfaces']),
      },
      mediaDevices: (require('../mediacapture/media-devices') as { mediaDevices: object }).mediaDevices,
    };
    /* eslint-enable @typescript-eslint/no-require-imports */
    classSets.set(target, classSet);
    return classSet;
  } finally {
    Reflect.deleteProperty(globalThis, realmKey);
    forget();
    for (const [file, entry] of before) require.cache[file] = entry;
  }
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
  const isPlain = prototype === null || !Object.hasOwn(prototype, Symbol.toStringTag);
  return [replace(isPlain ? navigator : prototype, 'mediaDevices', attribute)];
}

/**
 * Installs the W3C names as properties of a global object, as WebIDL defines them there: writable, configurable, not
 * enumerable; and `navigator.mediaDevices`. For a window other than the one the package was loaded in (jsdom, happy-dom),
 * the classes are built on that window's Event, EventTarget and DOMException.
 *
 * @returns a function that puts back what was there; what someone else has replaced since then stays.
 */
export function installGlobals(target: object = globalThis): () => void {
  const classSet: ClassSet = isOfRealm(target as Realm, realm) ? classesOfPackage : loadClassSet(target as Realm);
  // Those that only workers have are undefined elsewhere.
  const interfaces = Object.entries(classSet.interfaces).filter(([, value]) => value !== undefined);
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
