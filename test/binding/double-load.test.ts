import { resolve } from 'node:path';
import type * as Door from '../../lib/binding/event-door';
import type * as Load from '../../lib/binding/load';
import { iceOptions } from './native-pair';

const local = { usernameFragment: 'abcd', password: 'abcdefghijklmnopqrstuv01', iceLite: false };

function loadCopy(): typeof Door & typeof Load {
  jest.resetModules();
  return {
    ...(require('../../lib/binding/load') as typeof Load),
    ...(require('../../lib/binding/event-door') as typeof Door),
  };
}

test('two copies of the package in one process have addons of their own', async () => {
  const one = loadCopy();
  const two = loadCopy();
  expect(one.nativeAddon()).not.toBe(two.nativeAddon());
  const done = [one, two].map(async (copy) => {
    const token = {};
    copy.holdProcess(token);
    const ice = new (copy.nativeAddon().IceTransport)(iceOptions, local);
    await new Promise<void>((resolve) => {
      copy.openSink(ice.id, { receive: (_kind, _number, value) => value === 'complete' && resolve() });
      ice.gather();
    });
    expect(copy.nativeAddon().liveHandles()).toBe(1);
    copy.closeSink(ice.id);
    ice.close();
    copy.releaseProcess(token);
    return copy.nativeAddon().liveHandles();
  });
  expect(await Promise.all(done)).toEqual([0, 0]);
});

test('a handle of one copy is refused by the other, with an Error', () => {
  const one = loadCopy().nativeAddon();
  const two = loadCopy().nativeAddon();
  const ice = new one.IceTransport(iceOptions, local);
  expect(() => Reflect.apply(two.IceTransport.prototype.gather as () => void, ice, [])).toThrow(
    /not a native|Illegal invocation/,
  );
  ice.close();
});

describe('with PEERWIRE_ADDON', () => {
  const before = process.env['PEERWIRE_ADDON'];
  afterEach(() => {
    if (before === undefined) delete process.env['PEERWIRE_ADDON'];
    else process.env['PEERWIRE_ADDON'] = before;
  });

  function loadFrom(named: string): Error & { code?: string } {
    process.env['PEERWIRE_ADDON'] = named;
    try {
      loadCopy().nativeAddon();
    } catch (error) {
      return error as Error;
    }
    throw new Error('was loaded');
  }

  test('an addon that cannot be loaded says what was tried and what to do', () => {
    const { message, code, cause } = loadFrom('/nowhere/peerwire.node');
    expect(message).toMatch(/could not be loaded on \w+ \w+ \(.*libc.*\)[^]*PEERWIRE_ADDON names, and nothing else/);
    expect(message).toMatch(/^ {2}[^/\n]*\/nowhere\/peerwire\.node: ((?!nowhere)[^])*let PEERWIRE_ADDON name/m);
    expect(message).not.toContain('npm run build:native');
    expect(code).toBe('ERR_DLOPEN_FAILED');
    expect(cause).toMatchObject({ code: 'ERR_DLOPEN_FAILED' });
  });

  test('a name without a folder is one of the current folder', () => {
    expect(loadFrom('nowhere.node').message).toContain(`${resolve('nowhere.node')}: `);
  });
});
