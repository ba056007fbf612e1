import { createMemo } from '../../lib/sdp/memo';

test('keeps with each object what is set last', () => {
  const memo = createMemo<object, string | null>();
  const [one, other] = [{ name: 'one' }, { name: 'other' }];
  expect(memo.get(one)).toBeUndefined();
  memo.set(one, 'first');
  memo.set(one, null);
  memo.set(other, 'other');
  expect(memo.get(one)).toBeNull();
  expect(memo.get(other)).toBe('other');
});

test('is not seen in the object, nor has a copy of the object any of it', () => {
  const memo = createMemo<object, string>();
  const key = { name: 'one' };
  memo.set(key, 'first');
  expect(Reflect.ownKeys(key)).toEqual(['name']);
  expect(Object.getPrototypeOf(key)).toBe(Object.prototype);
  expect(memo.get(structuredClone(key))).toBeUndefined();
  // Also once V8 copies objects of this shape by a way that it has learned.
  for (let i = 0; i < 10_000; i++) {
    const copy = { ...key };
    if (memo.get(copy) !== undefined) throw new Error(`copy ${i} has it`);
    memo.set(copy, 'copy');
  }
});

test('has nothing to do with another memo of the same object', () => {
  const [one, other] = [createMemo<object, string>(), createMemo<object, string>()];
  const key = {};
  one.set(key, 'one');
  expect(other.get(key)).toBeUndefined();
  other.set(key, 'other');
  expect(one.get(key)).toBe('one');
});
