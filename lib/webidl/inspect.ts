/** What `console.log()` of Node.js shows of a platform object: its attributes, which are accessors of its prototype. */
import { inspect as inspectOfNode } from 'node:util';
import { interfaceTable } from './generated/interfaces';

/** https://nodejs.org/api/util.html#utilinspectcustom */
const inspectCustom = Symbol.for('nodejs.util.inspect.custom');

interface InspectOptions {
  readonly depth?: number | null;
}
type Inspect = (value: unknown, options: InspectOptions) => string;

/** Its own attributes, then those it inherits from interfaces of ours; an event also has its type. */
function attributesOf(name: string): string[] {
  const names: string[] = [];
  for (let each: string | null = name; each !== null; each = interfaceTable[each]?.inherits ?? null) {
    if (each === 'Event') names.unshift('type');
    names.push(...(interfaceTable[each]?.attributes ?? []));
  }
  return names;
}

function valueOf(object: object, attribute: string): unknown {
  try {
    return Reflect.get(object, attribute);
  } catch (error) {
    return error; // As a value: showing an object must not throw.
  }
}

/** Errors are left as they are: their stack is what there is to see. */
export function defineInspection(name: string, prototype: object, isInstance: (value: object) => boolean): void {
  if (interfaceTable[name]?.inherits === 'DOMException') return;
  // Chai before version 5 calls it as Node.js did before version 17, without a function to go on with.
  const inspectObject = function (
    this: object,
    depth: number,
    options: InspectOptions,
    inspect: Inspect = inspectOfNode,
  ): string {
    if (depth < 0) return `[${name}]`;
    if (!isInstance(this)) return `${name} {}`;
    const shown =
      Symbol.iterator in this
        ? new Map(this as Iterable<[unknown, unknown]>)
        : Object.fromEntries([
            ...attributesOf(name)
              .filter((attribute) => attribute in this)
              .map((attribute) => [attribute, valueOf(this, attribute)]),
            ...Object.entries(this), // what the application has put there
          ]);
    return `${name} ${inspect(shown, { ...options, depth: options.depth == null ? null : options.depth - 1 })}`;
  };
  Object.defineProperty(prototype, inspectCustom, { value: inspectObject, writable: true, configurable: true });
}
