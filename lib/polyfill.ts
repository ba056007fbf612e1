/** `import 'peerwire/polyfill'`: installs the W3C names as globals; `uninstall()` takes them away again. */
import path from 'node:path';
import { type ClassSet, installClassSet, isForWindow } from './compat/class-set';
import { type Realm, realmKey } from './dom/realm-key';
import * as library from './index';

/** The class sets loaded for other windows, so that installing twice gives the same classes. */
const classSets = new WeakMap<object, ClassSet>();

/**
 * Loads the library once more, for another window: its classes extend that window's EventTarget, Event and
 * DOMException. The binding is not loaded again, as there is one addon and one event queue for all.
 */
function loadClassSet(target: object): ClassSet {
  const known = classSets.get(target);
  if (known) return known;
  // Where a bundler has put everything into one file there is no such file, and the same classes come again.
  const file = path.join(__dirname, 'library.js');
  const first = require.cache[file];
  Reflect.deleteProperty(require.cache, file);
  Object.defineProperty(globalThis, realmKey, { value: target, configurable: true });
  try {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- the point is to load it again
    const classSet = require('./index') as typeof library;
    if (!isForWindow(classSet, target as Realm)) {
      throw new Error(
        'installGlobals() cannot load classes for another window through this module loader: ' +
          'load peerwire inside that window, or call installGlobals() from plain Node code',
      );
    }
    classSets.set(target, classSet);
    return classSet;
  } finally {
    Reflect.deleteProperty(globalThis, realmKey);
    if (first) require.cache[file] = first;
  }
}

/**
 * Installs the W3C names as properties of a global object, as WebIDL defines them there: writable, configurable, not
 * enumerable; and `navigator.mediaDevices`. For a window other than the one the package was loaded in (jsdom, happy-dom),
 * the classes are built on that window's Event, EventTarget and DOMException.
 *
 * @returns a function that puts back what was there; what someone else has replaced since then stays.
 */
export const installGlobals = (target: object = globalThis): (() => void) =>
  installClassSet(isForWindow(library, target as Realm) ? library : loadClassSet(target), target);

export const uninstall = installGlobals();
