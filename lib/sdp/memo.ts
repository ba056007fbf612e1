/** What has been worked out of an object, kept with that object. */
export interface Memo<Key extends object, Value> {
  /** undefined where nothing has been set */
  get(key: Key): Value | undefined;
  set(key: Key, value: Value): void;
}

/** Makes the fields of a class that extends it those of the object that is given. */
class Given {
  constructor(object: object) {
    // eslint-disable-next-line no-constructor-return -- what a base class returns is the `this` of those that extend it
    return object;
  }
}

/**
 * In a private field, and not in a WeakMap: values of a WeakMap that is old outlive V8's collections of young objects
 * until it collects old ones, too, and with them whatever they refer to: collections took a sixth longer (docs/
 * performance.md). A copy of the object does not have it; the object has to be extensible.
 */
export function createMemo<Key extends object, Value>(): Memo<Key, Value> {
  return class Remembering extends Given {
    #value: Value | undefined;

    static get(key: Key): Value | undefined {
      return #value in key ? key.#value : undefined;
    }

    static set(key: Key, value: Value): void {
      // On what is made, though it is the key: bundlers leave out what nobody uses.
      (#value in key ? key : new Remembering(key)).#value = value;
    }
  };
}

/** `work`, done once for each object. What it gives is shared, and not undefined. */
export function remembered<Key extends object, Value>(work: (key: Key) => Value): (key: Key) => Value {
  const memo = createMemo<Key, Value>();
  return (key) => {
    let value = memo.get(key);
    if (value === undefined) memo.set(key, (value = work(key)));
    return value;
  };
}
