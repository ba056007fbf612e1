import * as webidl from '../../lib/webidl';

const context = "Failed to execute 'f' on 'X'";

describe('numbers', () => {
  it.each([
    [webidl.octet, 256, 0],
    [webidl.octet, -1, 255],
    [webidl.unsignedShort, 65537.9, 1],
    [webidl.unsignedShort, '0x10', 16],
    [webidl.unsignedShort, NaN, 0],
    [webidl.unsignedShort, Infinity, 0],
    [webidl.short, 32768, -32768],
    [webidl.long, 2 ** 31, -(2 ** 31)],
    [webidl.unsignedLong, -1, 2 ** 32 - 1],
    [webidl.unsignedLong, null, 0],
    [webidl.unsignedLong, undefined, 0],
    [webidl.unsignedLong, { valueOf: () => 7 }, 7],
    [webidl.unsignedLongClamp, -1, 0],
    [webidl.unsignedLongLong, 2 ** 53 + 2, 2 ** 53 + 2],
    [webidl.double, '1.5', 1.5],
    [webidl.unrestrictedDouble, Infinity, Infinity],
  ])('%#: wraps, truncates and reads strings', (convert, value, expected) => {
    expect(convert(value, context)).toBe(expected);
  });

  it('has no negative zero', () => {
    expect(Object.is(webidl.unsignedShort(-0, context), 0)).toBe(true);
    expect(Object.is(webidl.long(-0.5, context), 0)).toBe(true);
  });

  it.each([-1, 65536, NaN, Infinity, '65536'])('[EnforceRange] unsigned short refuses %p', (value) => {
    expect(() => webidl.unsignedShortEnforceRange(value, context)).toThrow(TypeError);
  });

  it('says where a value was wrong', () => {
    expect(() => webidl.unsignedShortEnforceRange(65536, context)).toThrow(
      "Failed to execute 'f' on 'X': The provided value is outside the accepted range of 0 to 65535, inclusive.",
    );
    for (const wrong of [1n, Symbol('s')]) expect(() => webidl.unsignedShort(wrong, context)).toThrow(TypeError);
    for (const wrong of [NaN, Infinity, undefined]) expect(() => webidl.double(wrong, context)).toThrow(TypeError);
  });

  it('passes on what valueOf throws', () => {
    const error = new Error('mine');
    const value = {
      valueOf() {
        throw error;
      },
    };
    expect(() => webidl.unsignedShort(value, context)).toThrow(error);
  });
});

describe('strings', () => {
  it('DOMString keeps lone surrogates, USVString replaces them', () => {
    expect(webidl.DOMString('a\ud800', context)).toBe('a\ud800');
    expect(webidl.USVString('a\ud800', context)).toBe('a\ufffd');
    expect(webidl.USVString('\u{1f600}', context)).toBe('\u{1f600}');
    expect([webidl.DOMString(null, context), webidl.DOMString(undefined, context)]).toEqual(['null', 'undefined']);
    expect(() => webidl.DOMString(Symbol('x'), context)).toThrow(TypeError);
  });
});

describe('buffers', () => {
  it('gives the octets of a view, not those of its buffer', () => {
    const buffer = new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8]).buffer;
    expect([...webidl.bytesOf(new Uint16Array(buffer, 2, 2))]).toEqual([3, 4, 5, 6]);
    expect([...webidl.bytesOf(new DataView(buffer, 6))]).toEqual([7, 8]);
    expect(webidl.bytesOf(buffer)).toHaveLength(8);
    expect(webidl.bytesOf(Buffer.from('xyz'))).toHaveLength(3);
  });

  it('refuses shared and foreign things', () => {
    const shared = new SharedArrayBuffer(4);
    for (const wrong of [shared, new Uint8Array(shared), {}, null, 'text', [1]]) {
      expect(() => webidl.toBufferSource(wrong, context)).toThrow(TypeError);
    }
    expect(() => webidl.toArrayBuffer(new Uint8Array(1), context)).toThrow("is not of type 'ArrayBuffer'");
    const buffer = new ArrayBuffer(1);
    expect(webidl.toBufferSource(buffer, context)).toBe(buffer);
  });

  it('knows a buffer without octets once it is detached', () => {
    const buffer = new ArrayBuffer(4);
    const view = new Uint8Array(buffer);
    structuredClone(buffer, { transfer: [buffer] });
    expect(webidl.bytesOf(buffer)).toHaveLength(0);
    expect(webidl.bytesOf(view)).toHaveLength(0);
  });
});
