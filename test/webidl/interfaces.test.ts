import { interfaceTable } from '../../lib/webidl/generated/interfaces';
import * as interfaces from '../../lib/index';

const { getUserMedia: _function, mediaDevices: _instance, nonstandard: _namespace, ...interfaceObjects } = interfaces;
const classes = Object.entries(interfaceObjects).map(([name, each]) => [name, each] as const);

describe.each(classes)('%s', (name, interfaceClass) => {
  const description = interfaceTable[name]!;
  const prototype = interfaceClass.prototype as object;

  it('has every attribute and event handler of its IDL as an enumerable accessor', () => {
    for (const attribute of [...description.attributes, ...description.eventHandlers]) {
      const descriptor = Object.getOwnPropertyDescriptor(prototype, attribute);
      expect([attribute, typeof descriptor?.get, descriptor?.enumerable, descriptor?.configurable]).toEqual([
        attribute,
        'function',
        true,
        true,
      ]);
      expect(() => Reflect.apply(descriptor!.get!, {}, []) as unknown).toThrow(TypeError);
    }
  });

  it('has every operation of its IDL as an enumerable method of the right length', () => {
    for (const target of [prototype, interfaceClass]) {
      const operations = target === prototype ? description.operations : description.staticOperations;
      for (const operation of Object.keys(operations)) {
        const { value, enumerable } = Object.getOwnPropertyDescriptor(target, operation) ?? {};
        const length = typeof value === 'function' ? value.length : undefined;
        expect([operation, length, enumerable]).toEqual([operation, operations[operation], true]);
      }
    }
  });

  it('has the name, length and prototype chain of its IDL', () => {
    expect([interfaceClass.name, interfaceClass.length]).toEqual([name, description.constructorLength ?? 0]);
    const scope = { ...interfaceObjects, Event, EventTarget, DOMException } as Readonly<Record<string, unknown>>;
    const parent = description.inherits && scope[description.inherits];
    expect(Object.getPrototypeOf(interfaceClass)).toBe(parent ?? Function.prototype);
    expect(Object.getOwnPropertyDescriptor(prototype, Symbol.toStringTag)?.value).toBe(name);
    if (description.constructorLength === null) {
      const construct = interfaceClass as unknown as new () => object;
      expect(() => new construct()).toThrow('Illegal constructor');
    }
  });
});
