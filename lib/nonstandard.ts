/** `peerwire/nonstandard`: the same as `nonstandard` of the package itself. */
export * from './compat/wrtc/nonstandard';
