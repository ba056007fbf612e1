/**
 * The typed contract of the native addon: every class, struct and event that crosses Node-API.
 *
 * Values given to the addon are clean (the W3C layer has converted and checked them); a wrong shape is our own bug and
 * throws a plain Error. Nothing that the addon makes is a Promise, an ArrayBuffer view or an Error of another realm:
 * answers come as events, and TypeScript makes the objects.
 */
export * from './native/addon';
export type * from './native/certificate';
export type * from './native/dtls';
export * from './native/events';
export type * from './native/handle';
export type * from './native/ice';
export type * from './native/media';
export type * from './native/rtp-capabilities';
export type * from './native/rtp-parameters';
export type * from './native/rtp-stats';
export type * from './native/rtp-streams';
export type * from './native/sctp';
