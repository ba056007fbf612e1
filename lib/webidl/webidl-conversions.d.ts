/** The part of webidl-conversions 8 that is used; the package brings no types. */
declare module 'webidl-conversions' {
  interface Options {
    /** Begins the message of the TypeError. */
    context?: string;
    enforceRange?: boolean;
    clamp?: boolean;
  }
  type Convert<T> = (value: unknown, options?: Options) => T;

  const octet: Convert<number>;
  const short: Convert<number>;
  const unsignedShort: Convert<number>;
  const long: Convert<number>;
  const unsignedLong: Convert<number>;
  const longLong: Convert<number>;
  const unsignedLongLong: Convert<number>;
  const float: Convert<number>;
  const double: Convert<number>;
  const unrestrictedDouble: Convert<number>;
  const DOMString: Convert<string>;
  const USVString: Convert<string>;

  export {
    DOMString,
    USVString,
    double,
    float,
    long,
    longLong as 'long long',
    octet,
    short,
    unrestrictedDouble as 'unrestricted double',
    unsignedLong as 'unsigned long',
    unsignedLongLong as 'unsigned long long',
    unsignedShort as 'unsigned short',
  };
}
