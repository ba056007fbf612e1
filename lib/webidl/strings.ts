import * as conversions from 'webidl-conversions';
import type { Converter } from './types';

/** DOMString: any sequence of UTF-16 code units (https://webidl.spec.whatwg.org/#js-DOMString). */
export const DOMString: Converter<string> = (value, context) =>
  typeof value === 'string' ? value : conversions.DOMString(value, { context: `${context}: The provided value` });

/** USVString: lone surrogates become U+FFFD (https://webidl.spec.whatwg.org/#js-USVString). */
export const USVString: Converter<string> = (value, context) =>
  conversions.USVString(value, { context: `${context}: The provided value` });
