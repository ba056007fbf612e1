import { conversionError } from './errors';

/** A converted callback function: called with `this` undefined; what it throws is the caller's to report. */
export type CallbackFunction = (...parameters: unknown[]) => unknown;

/** A callback function type (https://webidl.spec.whatwg.org/#js-callback-function). */
export function toCallbackFunction(value: unknown, context: string): CallbackFunction {
  if (typeof value !== 'function') throw conversionError(context, 'The provided value is not a function.');
  return value as CallbackFunction;
}
