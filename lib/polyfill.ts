/** `import 'peerwire/polyfill'`: installs the W3C names as globals; `uninstall()` takes them away again. */
import { installGlobals } from './compat/polyfill';

export { installGlobals };
export const uninstall = installGlobals();
