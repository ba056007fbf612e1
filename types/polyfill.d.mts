export { installGlobals, uninstall } from './polyfill.js';
