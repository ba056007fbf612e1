import { StreamIds } from '../../lib/transport/stream-ids';

describe('StreamIds', () => {
  test('the DTLS client takes even ids, the server odd ones', () => {
    const ids = new StreamIds();
    expect([ids.generate('client', 1024), ids.generate('client', 1024)]).toEqual([0, 2]);
    const others = new StreamIds();
    expect([others.generate('server', 1024), others.generate('server', 1024)]).toEqual([1, 3]);
  });

  test('passes over claimed ids, and uses released ones again', () => {
    const ids = new StreamIds();
    expect(ids.claim(2)).toBe(true);
    expect(ids.claim(2)).toBe(false);
    expect([ids.generate('client', 1024), ids.generate('client', 1024)]).toEqual([0, 4]);
    ids.release(0);
    expect(ids.generate('client', 1024)).toBe(0);
    expect(ids.generate('client', 1024)).toBe(6);
  });

  test('never reaches the limit, nor 65535', () => {
    const ids = new StreamIds();
    expect([ids.generate('server', 3), ids.generate('server', 3)]).toEqual([1, null]);
    const all = new StreamIds();
    let last: number | null = null;
    for (let id = all.generate('server', 65536); id !== null; id = all.generate('server', 65536)) last = id;
    expect(last).toBe(65533);
  });
});
