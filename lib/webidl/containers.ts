import { types } from 'node:util';
import { isArrayBuffer, isArrayBufferView } from './buffers';
import { conversionError } from './errors';
import type { Converter } from './types';

/** Whether an ECMAScript value has type Object. */
export function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}

/** `T?` (https://webidl.spec.whatwg.org/#js-nullable-type): undefined becomes null too. */
export function nullable<T>(inner: Converter<T>): Converter<T | null> {
  return (value, context) => (value === null || value === undefined ? null : inner(value, context));
}

/** `object` (https://webidl.spec.whatwg.org/#js-object). */
export const object: Converter<object> = (value, context) => {
  if (!isObject(value)) throw conversionError(context, 'The provided value is not an object.');
  return value;
};

function iteratorMethodOf(value: object, context: string): ((this: object) => Iterator<unknown>) | undefined {
  const method: unknown = (value as { [Symbol.iterator]?: unknown })[Symbol.iterator];
  if (method === undefined || method === null) return undefined;
  if (typeof method !== 'function') {
    throw conversionError(context, "The object's @@iterator property is not a function.");
  }
  return method as (this: object) => Iterator<unknown>;
}

function collect<T>(
  value: object,
  method: (this: object) => Iterator<unknown>,
  element: Converter<T>,
  context: string,
): T[] {
  const iterator: unknown = Reflect.apply(method, value, []);
  if (!isObject(iterator)) throw conversionError(context, "The object's iterator is not an object.");
  const next: unknown = (iterator as { next?: unknown }).next;
  const result: T[] = [];
  for (;;) {
    const step: unknown = Reflect.apply(next as () => unknown, iterator, []);
    if (!isObject(step)) throw conversionError(context, 'The iterator result is not an object.');
    if ((step as IteratorResult<unknown>).done) return result;
    result.push(element((step as IteratorResult<unknown>).value, context));
  }
}

/** `sequence<T>` (https://webidl.spec.whatwg.org/#js-sequence): any iterable; each call makes a new array. */
export function sequence<T>(element: Converter<T>): Converter<T[]> {
  return (value, context) => {
    const method = isObject(value) ? iteratorMethodOf(value, context) : undefined;
    if (method === undefined) {
      throw conversionError(context, 'The provided value cannot be converted to a sequence.');
    }
    return collect(value as object, method, element, context);
  };
}

/** `record<K, V>` (https://webidl.spec.whatwg.org/#js-record). */
export function record<V>(key: Converter<string>, element: Converter<V>): Converter<Record<string, V>> {
  return (value, context) => {
    if (!isObject(value)) throw conversionError(context, 'The provided value is not an object.');
    const result: Record<string, V> = {};
    for (const name of Reflect.ownKeys(value)) {
      if (!Object.getOwnPropertyDescriptor(value, name)?.enumerable) continue;
      const typedKey = key(name, context);
      const typedValue = element((value as Record<string | symbol, unknown>)[name], context);
      Object.defineProperty(result, typedKey, {
        value: typedValue,
        writable: true,
        enumerable: true,
        configurable: true,
      });
    }
    return result;
  };
}

/** The member types of a union, by the kind that step of the conversion looks for. */
export interface UnionMembers<I, B, S, O, F, T, N> {
  /** Interface types: tried in order, each a predicate that may recognise the value. */
  interfaces?: readonly ((value: object) => value is I & object)[];
  /** ArrayBuffer and views. */
  bufferSource?: Converter<B>;
  callback?: Converter<O>;
  /** `sequence<T>` made by `sequence()`; chosen when the value is iterable. */
  sequence?: Converter<S>;
  /** A dictionary, a record or `object`: chosen for any other object. */
  object?: Converter<O>;
  /** Chosen for a value of type Boolean. */
  boolean?: Converter<T>;
  /** Chosen for a value of type Number. */
  number?: Converter<N>;
  /** What everything else becomes; a string type, where there is one. */
  fallback?: Converter<F>;
}

/** A union (https://webidl.spec.whatwg.org/#js-union), in the order of that algorithm. */
export function union<I = never, B = never, S = never, O = never, F = never, T = never, N = never>(
  members: UnionMembers<I, B, S, O, F, T, N>,
): Converter<I | B | S | O | F | T | N> {
  const fallback = members.fallback ?? members.number ?? members.boolean;
  return (value, context) => {
    if ((value === null || value === undefined) && members.object) return members.object(value, context);
    if (isObject(value)) {
      for (const recognises of members.interfaces ?? []) {
        if (recognises(value)) return value;
      }
      if (
        members.bufferSource &&
        (isArrayBuffer(value) || isArrayBufferView(value) || types.isSharedArrayBuffer(value))
      ) {
        return members.bufferSource(value, context);
      }
      if (members.callback && typeof value === 'function') return members.callback(value, context);
      if (members.sequence && iteratorMethodOf(value, context)) return members.sequence(value, context);
      if (members.object) return members.object(value, context);
    }
    if (typeof value === 'boolean' && members.boolean) return members.boolean(value, context);
    if (typeof value === 'number' && members.number) return members.number(value, context);
    if (fallback) return fallback(value, context);
    throw conversionError(context, 'The provided value is not of any type of the union.');
  };
}
