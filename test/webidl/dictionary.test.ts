import * as webidl from '../../lib/webidl';
import {
  toRTCConfiguration,
  toRTCDataChannelInit,
  toRTCLocalIceCandidateInit,
  toRTCOfferOptions,
} from '../../lib/webidl/generated/dictionaries';

const context = 'X';

describe('dictionaries', () => {
  it('read inherited members first, each level in lexicographic order, each property once', () => {
    const reads: PropertyKey[] = [];
    const init = new Proxy(
      {},
      {
        get: (_, name) => {
          reads.push(name);
          return undefined;
        },
      },
    );
    toRTCLocalIceCandidateInit(init, context);
    expect(reads).toEqual(['candidate', 'sdpMLineIndex', 'sdpMid', 'usernameFragment', 'relayProtocol', 'url']);
  });

  it('fill in defaults anew each time and leave out what is not given', () => {
    const configuration = toRTCConfiguration(undefined, context);
    expect(configuration).toEqual({
      alwaysNegotiateDataChannels: false,
      bundlePolicy: 'balanced',
      certificates: [],
      iceCandidatePoolSize: 0,
      iceServers: [],
      iceTransportPolicy: 'all',
      rtcpMuxPolicy: 'require',
    });
    expect(toRTCConfiguration(null, context).iceServers).not.toBe(configuration.iceServers);
    expect(Object.keys(toRTCOfferOptions({}, context))).toEqual(['iceRestart']);
  });

  it('accept any object, also a function, and its prototype chain', () => {
    expect(toRTCOfferOptions(Object.create({ iceRestart: 1 }), context).iceRestart).toBe(true);
    expect(toRTCOfferOptions(() => undefined, context).iceRestart).toBe(false);
    for (const wrong of [1, 'x', true, Symbol('x'), 1n]) {
      expect(() => toRTCOfferOptions(wrong, context)).toThrow(
        "X: The provided value is not of type 'RTCOfferOptions'.",
      );
    }
  });

  it('tell the way to a wrong member', () => {
    expect(() => toRTCConfiguration({ iceServers: [{}] }, context)).toThrow(
      "X: Failed to read the 'iceServers' property from 'RTCConfiguration': " +
        "Failed to read the 'urls' property from 'RTCIceServer': Required member is undefined.",
    );
    expect(() => toRTCConfiguration({ bundlePolicy: null }, context)).toThrow(
      "The provided value 'null' is not a valid enum value of type RTCBundlePolicy.",
    );
    expect(() => toRTCDataChannelInit({ id: 65536 }, context)).toThrow("Failed to read the 'id' property");
    expect(() => toRTCConfiguration({ certificates: [null] }, context)).toThrow(
      'This is not an instance of RTCCertificate',
    );
  });

  it('convert urls: one string or any iterable of them', () => {
    const urls = (value: unknown) => toRTCConfiguration({ iceServers: [{ urls: value }] }, context).iceServers[0]?.urls;
    expect(urls('stun:a')).toBe('stun:a');
    expect(urls(['stun:a', 1])).toEqual(['stun:a', '1']);
    expect(urls(new Set(['a']))).toEqual(['a']);
    expect(urls(null)).toBe('null');
    expect(urls({})).toBe('[object Object]');
  });
});

describe('containers', () => {
  it('sequences are objects with an iterator, strings are none', () => {
    const convert = webidl.sequence(webidl.DOMString);
    for (const wrong of ['ab', 1, null, undefined, {}, { [Symbol.iterator]: 1 }]) {
      expect(() => convert(wrong, context)).toThrow(TypeError);
    }
    const given = ['a'];
    expect(convert(given, context)).toEqual(given);
    expect(convert(given, context)).not.toBe(given);
  });

  it('records take own enumerable properties', () => {
    const convert = webidl.record(webidl.DOMString, webidl.double);
    const hidden = Object.defineProperty({ a: 1, __proto__: { c: 3 } }, 'b', { value: 2, enumerable: false });
    expect(convert(hidden, context)).toEqual({ a: 1 });
    expect(() => convert({ [Symbol('x')]: 1 }, context)).toThrow(TypeError);
  });

  it('nullable types make undefined null', () => {
    const convert = webidl.nullable(webidl.unsignedShort);
    expect([convert(null, context), convert(undefined, context), convert(0, context)]).toEqual([null, null, 0]);
  });

  it('unions choose by kind of value', () => {
    const convert = webidl.union({ object: webidl.object, fallback: webidl.DOMString });
    const value = { name: 'ECDSA' };
    expect(convert(value, context)).toBe(value);
    expect(convert('ECDSA', context)).toBe('ECDSA');
    expect(convert(5, context)).toBe('5');
    const data = webidl.union({ bufferSource: webidl.toBufferSource, fallback: webidl.USVString });
    const buffer = new ArrayBuffer(1);
    expect([data(buffer, context), data(12.5, context)]).toEqual([buffer, '12.5']);
  });

  it('enumerations of attributes ignore what they do not know', () => {
    const convert = webidl.enumerationOrIgnore(['blob', 'arraybuffer']);
    expect([convert('blob', context), convert('text', context)]).toEqual(['blob', undefined]);
  });

  it('callbacks must be callable', () => {
    for (const wrong of [null, undefined, {}, 'f']) {
      expect(() => webidl.toCallbackFunction(wrong, context)).toThrow('X: The provided value is not a function.');
    }
  });
});
