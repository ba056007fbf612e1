/** `peerwire/nonstandard`: the members of `nonstandard` of the package itself. */
export * from './compat/encoded-media';
export { RTCIceUdpListener } from './compat/server/RTCIceUdpListener';
export * from './compat/wrtc/nonstandard';
