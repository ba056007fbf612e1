/** `import 'peerwire/polyfill'`: installs the W3C names as globals; `uninstall()` takes them away again. */
import * as polyfill from './compat/polyfill';

// A plain value, not a getter: Vite's module runner loses the latter when it evaluates CommonJS.
export const installGlobals = polyfill.installGlobals;
export const uninstall = installGlobals();
