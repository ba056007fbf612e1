/** Importing 'peerwire/polyfill' installs the W3C names as globals, and `navigator.mediaDevices`. */

/**
 * Installs the W3C names as properties of a global object, a window of jsdom or happy-dom for example,
 * and `mediaDevices` on its navigator.
 * @returns a function that puts back what was there
 * @throws Error where the target is no window: it has no EventTarget, Event or DOMException
 */
export declare function installGlobals(target?: object): () => void;

/** Puts back the globals that importing this module replaced. */
export declare const uninstall: () => void;
