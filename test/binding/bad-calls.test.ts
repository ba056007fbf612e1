import { once } from 'node:events';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import * as fc from 'fast-check';
import { generateCertificate } from '../../lib/binding/event-door';
import { nativeAddon } from '../../lib/binding/load';
import { iceOptions } from './native-pair';

type AnyFunction = (...args: unknown[]) => unknown;
const addonPath = process.env['PEERWIRE_ADDON'] ?? join(__dirname, '..', '..', 'build', 'native', 'peerwire.node');
const local = { usernameFragment: 'abcd', password: 'abcdefghijklmnopqrstuv01', iceLite: false };

/** Calls with a value that is wrong in every way; what comes out is an Error or nothing. */
function call(target: AnyFunction, self: unknown, args: unknown[]): void {
  try {
    Reflect.apply(target, self, args);
  } catch (error) {
    expect(Object.prototype.toString.call(error)).toBe('[object Error]');
  }
}

const rogue = fc.oneof(
  fc.anything({ withTypedArray: true, withBigInt: true, withDate: true, withMap: true, withNullPrototype: true }),
  fc.string({ unit: 'binary' }),
  fc.constantFrom<unknown>(NaN, -1, 1e300, Symbol('x'), new Proxy({}, {}), new DataView(new ArrayBuffer(4)), () => 0),
);

test('wrong this and wrong arguments throw a plain Error and never crash', async () => {
  const addon = nativeAddon();
  const certificate = await generateCertificate({
    keyType: 'ecdsa-p256',
    rsaModulusBits: 2048,
    rsaPublicExponent: 65537,
    expiresInMs: 1e9,
  });
  const ice = new addon.IceTransport(iceOptions, local);
  const dtls = new addon.DtlsTransport(ice, certificate, { offerSrtp: false, verifyFingerprints: true });
  const sctp = new addon.SctpAssociation(dtls, { localPort: 5000, remotePort: 5000, maxReceiveMessageSize: 65536 });
  const objects: object[] = [ice, dtls, sctp, certificate];
  const functions: AnyFunction[] = [addon.certificateFromPem as AnyFunction, addon.setKeepAlive as AnyFunction];
  for (const object of objects) {
    const members = Object.getOwnPropertyDescriptors(Object.getPrototypeOf(object) as object);
    for (const [name, member] of Object.entries(members)) {
      // close() is right with any arguments, and would end the test early.
      if (name === 'close' || name === 'constructor') continue;
      for (const one of [member.value, member.get] as unknown[]) {
        if (typeof one === 'function') functions.push(one as AnyFunction);
      }
    }
  }
  const selves = fc.oneof(fc.constantFrom<unknown>(...objects, addon, undefined, null, 1), rogue);
  fc.assert(fc.property(fc.constantFrom(...functions), selves, fc.array(rogue, { maxLength: 7 }), call), {
    numRuns: 20_000,
  });
  const classes = [addon.IceTransport, addon.DtlsTransport, addon.SctpAssociation] as unknown as AnyFunction[];
  fc.assert(
    fc.property(
      fc.constantFrom(...classes),
      fc.array(fc.oneof(rogue, fc.constantFrom<unknown>(...objects, iceOptions, local)), { maxLength: 4 }),
      (target, args) => {
        expect(() => target(...args)).toThrow(/must be called with new/);
        try {
          (Reflect.construct(target, args) as { close(): void }).close();
        } catch (error) {
          expect(Object.prototype.toString.call(error)).toBe('[object Error]');
        }
      },
    ),
    { numRuns: 5000 },
  );
  addon.setKeepAlive(false);
  ice.close();
  expect(addon.liveHandles()).toBe(0);
});

test('a getter that closes the handle in the middle of the call does no harm', () => {
  const addon = nativeAddon();
  const ice = new addon.IceTransport(iceOptions, local);
  const closing = {
    get usernameFragment() {
      ice.close();
      return 'abcd';
    },
    password: 'x',
    iceLite: false,
  };
  ice.setRemoteParameters(closing);
  const again = new addon.IceTransport(iceOptions, local);
  const throwing = {
    get usernameFragment(): string {
      throw new RangeError('mine');
    },
  };
  expect(() => again.setRemoteParameters(throwing as never)).toThrow('mine');
  again.close();
  expect(addon.liveHandles()).toBe(0);
});

test('a dispatcher that throws ends in uncaughtException, and every other event still comes', async () => {
  // In a worker: jest keeps uncaught exceptions of its own process for itself.
  const worker = new Worker(
    `const { workerData, parentPort } = require('node:worker_threads');
     const found = { exports: {} };
     process.dlopen(found, workerData.path);
     const addon = found.exports;
     let thrown = 0;
     let uncaught = 0;
     let gathering = 2;
     process.on('uncaughtException', () => (uncaught += 1));
     const local = { usernameFragment: 'abcd', password: 'abcdefghijklmnopqrstuv01', iceLite: false };
     const first = new addon.IceTransport(workerData.iceOptions, local);
     const second = new addon.IceTransport(workerData.iceOptions, { ...local, usernameFragment: 'efgh' });
     addon.setDispatcher((id, kind, number, value) => {
       if (value === 'complete' && --gathering === 0) {
         // After the exception of this very event, should it be the last one of \`first\`.
         setImmediate(() => { addon.setKeepAlive(false); parentPort.postMessage({ thrown, uncaught }); });
       }
       if (id === first.id) { thrown += 1; throw new Error('from a listener'); }
     });
     addon.setKeepAlive(true);
     first.gather();
     second.gather();`,
    { eval: true, workerData: { path: addonPath, iceOptions } },
  );
  const exit = once(worker, 'exit'); // it may come right behind the message
  const [{ thrown, uncaught }] = (await once(worker, 'message')) as [{ thrown: number; uncaught: number }];
  expect(thrown).toBeGreaterThan(1);
  expect(uncaught).toBe(thrown);
  expect(await exit).toEqual([0]);
});
