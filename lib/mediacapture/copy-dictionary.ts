/** A deep copy of a dictionary's value: plain objects and arrays, and values that cannot change. */
export function copyDictionary<T>(value: T): T {
  if (Array.isArray(value)) return value.map((each: unknown) => copyDictionary(each)) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, copyDictionary<unknown>(each)])) as T;
}
