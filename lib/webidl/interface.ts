import { defineEventHandler } from '../dom/event-handler';
import { conversionError } from './errors';
import { interfaceTable } from './generated/interfaces';
import { isObject } from './containers';
import { defineInspection } from './inspect';
import type { Converter, InterfaceType } from './types';

/** What the IDL says of an interface; generated/interfaces.ts holds one for each. */
export interface InterfaceDescription {
  readonly inherits: string | null;
  /** Required arguments of the constructor; null when the interface cannot be constructed by scripts. */
  readonly constructorLength: number | null;
  /** Attributes, event handlers excepted. */
  readonly attributes: readonly string[];
  /** `on…` attributes of type EventHandler. */
  readonly eventHandlers: readonly string[];
  /** Operation → required arguments (the fewest of its overloads). */
  readonly operations: Readonly<Record<string, number>>;
  readonly staticOperations: Readonly<Record<string, number>>;
}

type Brand = (value: object) => boolean;

interface InterfaceClass {
  readonly name: string;
  readonly prototype: object;
}

const brands = new Map<string, Brand>();

function redefine(target: object, name: string | symbol, changes: PropertyDescriptor): void {
  const descriptor = Object.getOwnPropertyDescriptor(target, name);
  if (descriptor) Object.defineProperty(target, name, { ...descriptor, ...changes });
}

function defineOperations(target: object, lengths: Readonly<Record<string, number>>): void {
  for (const [name, length] of Object.entries(lengths)) {
    const operation: unknown = Object.getOwnPropertyDescriptor(target, name)?.value;
    if (typeof operation === 'function') {
      Object.defineProperty(operation, 'length', { value: length, configurable: true });
    }
  }
}

/**
 * Makes a class an interface object as https://webidl.spec.whatwg.org/#js-interfaces wants it: called in the class's
 * static block with a brand check. From the IDL of that name come `length`s and the `on…` attributes; members become
 * enumerable, the prototype gets its Symbol.toStringTag. Members that are not in the IDL (our own, documented ones)
 * become enumerable too. The name is given and set, as bundlers and minifiers rename classes.
 */
export function defineInterface(name: string, interfaceClass: InterfaceClass, isInstance: Brand): void {
  const { prototype } = interfaceClass;
  const description: InterfaceDescription | undefined = interfaceTable[name];
  if (description === undefined) throw new Error(`No IDL for ${name}: add its file to scripts/generate-webidl.mjs`);
  brands.set(name, isInstance);

  for (const key of Reflect.ownKeys(prototype)) {
    if (typeof key === 'string' && key !== 'constructor') redefine(prototype, key, { enumerable: true });
  }
  for (const key of Object.getOwnPropertyNames(interfaceClass)) {
    if (key !== 'prototype' && key !== 'name' && key !== 'length') redefine(interfaceClass, key, { enumerable: true });
  }
  defineOperations(prototype, description.operations);
  defineOperations(interfaceClass, description.staticOperations);
  for (const handler of description.eventHandlers) defineEventHandler(prototype, handler, isInstance);
  Object.defineProperty(interfaceClass, 'name', { value: name, configurable: true });
  Object.defineProperty(interfaceClass, 'length', { value: description.constructorLength ?? 0, configurable: true });
  Object.defineProperty(prototype, Symbol.toStringTag, { value: name, configurable: true });
  defineInspection(name, prototype, isInstance);
}

/** Whether the value is a platform object that implements the interface (of this loading of the package). */
export function isInterface(name: string, value: unknown): boolean {
  return isObject(value) && (brands.get(name)?.(value) ?? false);
}

/** {@link isInterface} as a union wants it. */
export function interfacePredicate<const Name extends string>(
  name: Name,
): (value: object) => value is InterfaceType<Name> & object {
  return (value): value is InterfaceType<Name> & object => isInterface(name, value);
}

/** A converter for an interface type (https://webidl.spec.whatwg.org/#js-interface): the object itself, or a TypeError. */
export function interfaceConverter<const Name extends string>(name: Name): Converter<InterfaceType<Name>> {
  return (value, context) => {
    // In the words of wrtc, which its users' tests look for.
    if (!isInterface(name, value)) throw conversionError(context, `This is not an instance of ${name}.`);
    return value as InterfaceType<Name>;
  };
}

/** First argument of the constructors that scripts may not call; only our own modules can get at it. */
export const constructionKey: unique symbol = Symbol('construction');
export type ConstructionKey = typeof constructionKey;

/** First line of a constructor that scripts may not call. */
export function requireConstructionKey(key: unknown): void {
  if (key !== constructionKey) throw new TypeError('Illegal constructor');
}
