/** The part of webidl-conversions 8 that is used; the package brings no types. */
declare module 'webidl-conversions' {
  interface Options {
    /** Begins the message of the TypeError. */
    context?: string;
    enforceRange?: boolean;
    clamp?: boolean;
  }
  type Convert<T> = (value: unknown, options?: Options) => T;

  const conversions: {
    octet: Convert<number>;
    short: Convert<number>;
    'unsigned short': Convert<number>;
    long: Convert<number>;
    'unsigned long': Convert<number>;
    'long long': Convert<number>;
    'unsigned long long': Convert<number>;
    double: Convert<number>;
    'unrestricted double': Convert<number>;
    DOMString: Convert<string>;
    USVString: Convert<string>;
  };
  export = conversions;
}
