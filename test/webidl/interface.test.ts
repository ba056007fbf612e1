import { EventTarget } from '../../lib/dom/realm';
import type { EventHandler } from '../../lib/dom/event-handler';
import * as webidl from '../../lib/webidl';

class RTCSctpTransport extends EventTarget {
  static {
    webidl.defineInterface('RTCSctpTransport', this, (value) => #state in value);
  }

  declare onstatechange: EventHandler;
  #state = 'connecting';

  constructor(key: webidl.ConstructionKey, _more: string) {
    webidl.requireConstructionKey(key);
    super();
  }

  get state(): string {
    return this.#state;
  }
}

const make = () => new RTCSctpTransport(webidl.constructionKey, '');

describe('defineInterface()', () => {
  it('names the interface, whatever a bundler calls the class', () => {
    const renamed = class Renamed {
      static {
        webidl.defineInterface('RTCIceCandidatePair', this, () => false);
      }
    };
    expect([renamed.name, String(renamed.prototype)]).toEqual(['RTCIceCandidatePair', '[object RTCIceCandidatePair]']);
  });

  it('makes a non-constructible interface object of length 0', () => {
    expect(RTCSctpTransport.length).toBe(0);
    expect(() => new (RTCSctpTransport as unknown as new () => object)()).toThrow(new TypeError('Illegal constructor'));
    expect(Object.getOwnPropertyDescriptor(RTCSctpTransport, 'prototype')).toMatchObject({
      writable: false,
      enumerable: false,
      configurable: false,
    });
  });

  it('puts enumerable accessors and the toStringTag on the prototype', () => {
    const descriptor = Object.getOwnPropertyDescriptor(RTCSctpTransport.prototype, 'state');
    expect(descriptor).toMatchObject({ enumerable: true, configurable: true, set: undefined });
    expect(descriptor?.get?.name).toBe('get state');
    expect(Object.prototype.toString.call(make())).toBe('[object RTCSctpTransport]');
    expect(Object.getOwnPropertyDescriptor(RTCSctpTransport.prototype, Symbol.toStringTag)).toEqual({
      value: 'RTCSctpTransport',
      writable: false,
      enumerable: false,
      configurable: true,
    });
    expect(Object.keys(make())).toEqual([]);
  });

  it('checks brands of attributes and event handlers', () => {
    for (const name of ['state', 'onstatechange']) {
      const { get, set } = Object.getOwnPropertyDescriptor(RTCSctpTransport.prototype, name) ?? {};
      for (const wrong of [{}, new EventTarget(), Object.create(RTCSctpTransport.prototype), undefined, null, 1]) {
        expect(() => get?.call(wrong)).toThrow(TypeError);
        if (set) expect(() => set.call(wrong, null)).toThrow(TypeError);
      }
    }
  });

  it('names, counts and enumerates event handler accessors as WebIDL does', () => {
    const { get, set, enumerable } = Object.getOwnPropertyDescriptor(RTCSctpTransport.prototype, 'onstatechange') ?? {};
    expect([get?.name, get?.length, set?.name, set?.length, enumerable]).toEqual([
      'get onstatechange',
      0,
      'set onstatechange',
      1,
      true,
    ]);
  });

  it('registers the brand for interface types', () => {
    const convert = webidl.interfaceConverter('RTCSctpTransport');
    const transport = make();
    expect(convert(transport, 'X')).toBe(transport);
    expect(() => convert({}, 'X')).toThrow(new TypeError('X: This is not an instance of RTCSctpTransport.'));
    expect(webidl.isInterface('RTCSctpTransport', null)).toBe(false);
    expect(webidl.isInterface('NoSuchInterface', transport)).toBe(false);
  });
});
