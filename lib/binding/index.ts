/** All of the layer, as dist/binding.js has it: one file beside the library, which may be loaded more than once. */
export * from './async-scope';
export * from './event-door';
export { loadedAddon, nativeAddon } from './load';
export * from './native-addon';
