import { conversionError } from './errors';
import { DOMString } from './strings';
import type { Converter } from './types';

/** A converter for an enumeration (https://webidl.spec.whatwg.org/#js-enumeration): other strings are TypeErrors. */
export function enumeration<const T extends string>(name: string, values: readonly T[]): Converter<T> {
  const known = new Set<string>(values);
  return (value, context) => {
    const text = DOMString(value, context);
    if (!known.has(text)) {
      throw conversionError(context, `The provided value '${text}' is not a valid enum value of type ${name}.`);
    }
    return text as T;
  };
}

/**
 * For attribute setters, which ignore unknown values of an enumeration instead of throwing
 * (https://webidl.spec.whatwg.org/#dfn-attribute-setter): the value, or undefined when it is to be ignored.
 */
export function enumerationOrIgnore<const T extends string>(values: readonly T[]): Converter<T | undefined> {
  const known = new Set<string>(values);
  return (value, context) => {
    const text = DOMString(value, context);
    return known.has(text) ? (text as T) : undefined;
  };
}
