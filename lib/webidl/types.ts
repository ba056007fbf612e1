/**
 * Turns a JavaScript value into an IDL value (https://webidl.spec.whatwg.org/#js-type-mapping).
 * `context` begins the message of the TypeError: "Failed to construct 'RTCIceCandidate'".
 */
export type Converter<T> = (value: unknown, context: string) => T;

/**
 * Interface name → class, so that generated dictionaries can speak of classes they do not import. Each class adds
 * itself: `declare module '../webidl/types' { interface InterfaceTypes { RTCCertificate: RTCCertificate } }`.
 */

export interface InterfaceTypes {}

/** The class of an interface, or `object` while no class has declared itself under that name. */
export type InterfaceType<Name extends string> = Name extends keyof InterfaceTypes ? InterfaceTypes[Name] : object;
