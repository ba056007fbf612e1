import { isObject } from './containers';
import { conversionError } from './errors';
import type { Converter } from './types';

/** One member of a dictionary, as the generator writes it. */
export interface DictionaryMember {
  readonly name: string;
  readonly convert: Converter<unknown>;
  readonly required?: true;
  /** Makes the default value; absent when the member has none. */
  readonly default?: () => unknown;
  /** Precomputed tail of the message prefix. */
  readonly context: string;
}

/** A dictionary's converter; carries its members so that dictionaries that inherit can read them first. */
export interface DictionaryConverter<T> extends Converter<T> {
  readonly levels: readonly (readonly DictionaryMember[])[];
}

/** Describes a member; `extra` is `{required: true}` or `{default: () => …}`. */
export function member(
  name: string,
  convert: Converter<unknown>,
  extra: { required?: true; default?: () => unknown } = {},
): Omit<DictionaryMember, 'context'> {
  return { name, convert, ...extra };
}

/**
 * A converter for a dictionary (https://webidl.spec.whatwg.org/#js-dictionary): inherited dictionaries first, members
 * in lexicographic order, each property read once. The result is a new plain object holding only what is present.
 */
export function dictionary<T>(
  name: string,
  inherited: DictionaryConverter<unknown> | null,
  members: readonly Omit<DictionaryMember, 'context'>[],
): DictionaryConverter<T> {
  const own = [...members]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map((each) => ({ ...each, context: `: Failed to read the '${each.name}' property from '${name}'` }));
  const levels = [...(inherited?.levels ?? []), own];
  const convert = (value: unknown, context: string): T => {
    // 1. If jsDict is not undefined, null or an Object, throw a TypeError.
    const absent = value === undefined || value === null;
    if (!absent && !isObject(value)) {
      throw conversionError(context, `The provided value is not of type '${name}'.`);
    }
    // 2. – 4. Members, least derived dictionary first, in lexicographical order.
    const result: Record<string, unknown> = {};
    for (const level of levels) {
      for (const each of level) {
        const given = absent ? undefined : (value as Record<string, unknown>)[each.name];
        if (given !== undefined) {
          result[each.name] = each.convert(given, context + each.context);
        } else if (each.default) {
          result[each.name] = each.default();
        } else if (each.required) {
          throw conversionError(context + each.context, 'Required member is undefined.');
        }
      }
    }
    return result as T;
  };
  return Object.assign(convert, { levels });
}
