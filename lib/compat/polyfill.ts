import path from 'node:path';
import { type Realm, realm, realmKey } from '../dom/realm';
import * as mediacapture from '../mediacapture/interfaces';
import * as webrtc from '../webrtc/interfaces';

/** Name → interface object. */
type ClassSet = Readonly<Record<string, unknown>>;

const classesOfPackage: ClassSet = { ...mediacapture, ...webrtc };

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
      ...(require('../mediacapture/interfaces') as ClassSet),
      ...(require('../webrtc/interfaces') as ClassSet),
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

/**
 * Installs the W3C names as properties of a global object, as WebIDL defines them there: writable, configurable, not
 * enumerable. For a window other than the one the package was loaded in (jsdom, happy-dom), the classes are built on
 * that window's Event, EventTarget and DOMException.
 *
 * @returns a function that puts back what was there; what someone else has replaced since then stays.
 */
export function installGlobals(target: object = globalThis): () => void {
  const classSet: ClassSet = isOfRealm(target as Realm, realm) ? classesOfPackage : loadClassSet(target as Realm);
  const replaced = new Map<string, PropertyDescriptor | undefined>();
  for (const [name, value] of Object.entries(classSet)) {
    replaced.set(name, Object.getOwnPropertyDescriptor(target, name));
    Object.defineProperty(target, name, { value, writable: true, enumerable: false, configurable: true });
  }
  return () => {
    for (const [name, descriptor] of replaced) {
      if (Object.getOwnPropertyDescriptor(target, name)?.value !== classSet[name]) continue;
      if (descriptor) Object.defineProperty(target, name, descriptor);
      else Reflect.deleteProperty(target, name);
    }
    replaced.clear();
  };
}
