import * as conversions from 'webidl-conversions';
import type { Converter } from './types';

/**
 * Numbers, booleans and `any` (https://webidl.spec.whatwg.org/#js-type-mapping). The work is webidl-conversions';
 * here are the message prefix and a short way for values that already are what is wanted.
 */

interface IntegerOptions {
  context: string;
  enforceRange?: boolean;
  clamp?: boolean;
}

function integer(
  convert: (value: unknown, options: IntegerOptions) => number,
  lowest: number,
  highest: number,
  extended: { enforceRange?: boolean; clamp?: boolean } = {},
): Converter<number> {
  return (value, context) => {
    if (Number.isInteger(value)) {
      const number = value as number;
      if (number === 0) return 0; // also -0
      if (number >= lowest && number <= highest) return number;
    }
    return convert(value, { context: `${context}: The provided value`, ...extended });
  };
}

export const any: Converter<unknown> = (value) => value;
export const boolean: Converter<boolean> = (value) => Boolean(value);

export const octet = integer(conversions.octet, 0, 0xff);
export const octetEnforceRange = integer(conversions.octet, 0, 0xff, { enforceRange: true });
export const short = integer(conversions.short, -0x8000, 0x7fff);
export const unsignedShort = integer(conversions['unsigned short'], 0, 0xffff);
export const unsignedShortEnforceRange = integer(conversions['unsigned short'], 0, 0xffff, { enforceRange: true });
export const long = integer(conversions.long, -0x80000000, 0x7fffffff);
export const longEnforceRange = integer(conversions.long, -0x80000000, 0x7fffffff, { enforceRange: true });
export const unsignedLong = integer(conversions['unsigned long'], 0, 0xffffffff);
export const unsignedLongEnforceRange = integer(conversions['unsigned long'], 0, 0xffffffff, { enforceRange: true });
export const unsignedLongClamp = integer(conversions['unsigned long'], 0, 0xffffffff, { clamp: true });
export const longLong = integer(conversions['long long'], Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
export const longLongEnforceRange = integer(
  conversions['long long'],
  Number.MIN_SAFE_INTEGER,
  Number.MAX_SAFE_INTEGER,
  { enforceRange: true },
);
export const unsignedLongLong = integer(conversions['unsigned long long'], 0, Number.MAX_SAFE_INTEGER);
export const unsignedLongLongEnforceRange = integer(conversions['unsigned long long'], 0, Number.MAX_SAFE_INTEGER, {
  enforceRange: true,
});

export const float: Converter<number> = (value, context) =>
  conversions.float(value, { context: `${context}: The provided value` });

export const double: Converter<number> = (value, context) =>
  typeof value === 'number' && Number.isFinite(value)
    ? value
    : conversions.double(value, { context: `${context}: The provided value` });

export const unrestrictedDouble: Converter<number> = (value, context) =>
  typeof value === 'number'
    ? value
    : conversions['unrestricted double'](value, { context: `${context}: The provided value` });
