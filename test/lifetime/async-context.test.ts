/** In which asynchronous context (AsyncLocalStorage, domain) programs are told: that in which the connection was made. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { RTCPeerConnection } from '../../lib';
import { measureProgram } from '../support/package-process';

const EVENTS = ['icecandidate', 'connectionstatechange', 'datachannel'] as const;

/** What the storage holds in each event of a pair that connects, sends one message and is asked for statistics. */
async function storesOfAPair(storage: AsyncLocalStorage<string>): Promise<Map<string, string | undefined>> {
  const stores = new Map<string, string | undefined>();
  const tell = (event: string) => stores.set(event, storage.getStore());
  const [a, b] = [new RTCPeerConnection(), new RTCPeerConnection()];
  for (const each of [a, b]) for (const event of EVENTS) each.addEventListener(event, () => tell(event));
  a.onicecandidate = ({ candidate }) => void b.addIceCandidate(candidate);
  b.onicecandidate = ({ candidate }) => void a.addIceCandidate(candidate);
  const channel = a.createDataChannel('x');
  channel.onopen = () => {
    tell('open');
    channel.send('x');
  };
  const arrived = new Promise<void>((resolve) => {
    b.ondatachannel = ({ channel: remote }) => {
      remote.onmessage = () => {
        tell('message');
        resolve();
      };
    };
  });
  await a.setLocalDescription();
  await b.setRemoteDescription(a.localDescription!);
  await b.setLocalDescription();
  await a.setRemoteDescription(b.localDescription!);
  await arrived;
  await a.getStats();
  tell('await');
  a.close();
  b.close();
  return stores;
}

describe('asynchronous contexts', () => {
  it('are those in which each connection was made', async () => {
    const storage = new AsyncLocalStorage<string>();
    const names = [...EVENTS, 'open', 'message', 'await'];
    for (const store of ['first', 'second']) {
      const stores = await storage.run(store, () => storesOfAPair(storage));
      expect(Object.fromEntries(stores)).toEqual(Object.fromEntries(names.map((name) => [name, store])));
    }
    const stores = await storesOfAPair(storage);
    expect([...new Set(stores.values())]).toEqual([undefined]);
  });

  it('are let go of when their connections are closed, that in which the package was first used as well', async () => {
    const result = await measureProgram(
      `const { AsyncLocalStorage } = require('node:async_hooks');
       const storage = new AsyncLocalStorage();
       const request = async () => {
         const { a, b } = await connectedPair();
         a.close();
         b.close();
       };
       let collected;
       const registry = new FinalizationRegistry(() => collected());
       const wasCollected = new Promise((resolve) => (collected = resolve));
       (() => {
         const store = { id: 1 };
         registry.register(store, 1);
         return storage.run(store, request);
       })().then(async () => {
         await request();
         const timer = setInterval(() => gc(), 20);
         await wasCollected;
         clearInterval(timer);
         console.log('collected');
       });`,
      10_000,
    );
    expect(result).toMatchObject({ code: 0, stdout: 'collected\n', stderr: '' });
  });

  it('hold no connection that nobody has any more, though they lead to it', async () => {
    const result = await measureProgram(
      `const { AsyncLocalStorage } = require('node:async_hooks');
       const storage = new AsyncLocalStorage();
       let collected;
       const registry = new FinalizationRegistry(() => collected());
       const wasCollected = new Promise((resolve) => (collected = resolve));
       const offer = async () => {
         const connection = new RTCPeerConnection();
         storage.getStore().connection = connection;
         registry.register(connection, 1);
         connection.createDataChannel('x');
         const gathered = new Promise((resolve) => (connection.onicecandidate = (event) => event.candidate ?? resolve()));
         await connection.setLocalDescription();
         await gathered;
       };
       await storage.run({}, offer);
       const timer = setInterval(() => gc(), 20);
       await wasCollected;
       clearInterval(timer);
       console.log('collected');`,
      10_000,
    );
    expect(result).toMatchObject({ code: 0, stdout: 'collected\n', stderr: '' });
  });

  it('are told of their end, as those expect who count them', async () => {
    const result = await measureProgram(
      `const { createHook } = require('node:async_hooks');
       const living = new Set();
       createHook({
         init: (id, type) => type === 'peerwire' && living.add(id),
         destroy: (id) => living.delete(id),
       }).enable();
       const use = async () => {
         const { a, b } = await connectedPair();
         const count = living.size;
         a.close();
         b.close();
         return count;
       };
       const most = await use();
       const timer = setInterval(() => {
         gc();
         if (living.size > 1) return;
         clearInterval(timer);
         console.log(most > 4 ? 'ended' : 'there were none');
       }, 20);`,
      10_000,
    );
    expect(result).toMatchObject({ code: 0, stdout: 'ended\n', stderr: '' });
  });
});

describe('a loading of the package', () => {
  it('is collected with the environment of its test', async () => {
    const result = await measureProgram(
      `const vm = require('node:vm');
       const { readFileSync } = require('node:fs');
       const { builtinModules, createRequire, wrap } = require('node:module');
       const { dirname, resolve } = require('node:path');
       const file = require.resolve('peerwire');
       const contexts = 4;
       let collected = 0;
       const registry = new FinalizationRegistry(() => (collected += 1));

       /** As Jest loads modules: each in the context of its test file. */
       function load(context, path, cache) {
         if (cache.has(path)) return cache.get(path).exports;
         const module = { exports: {} };
         cache.set(path, module);
         const own = createRequire(path);
         const required = (id) => (id.startsWith('.') ? load(context, own.resolve(id), cache) : own(id));
         required.resolve = own.resolve;
         const run = vm.runInContext(wrap(readFileSync(path, 'utf8')), context, { filename: path });
         run.call(module.exports, module.exports, required, module, path, dirname(path));
         return module.exports;
       }

       async function useInAContext() {
         // Those of "node -e" that are modules warn of themselves when they are read, and so does localStorage.
         const own = ['globalThis', 'global', 'localStorage', ...builtinModules.filter((name) => name !== 'process')];
         const names = Object.getOwnPropertyNames(globalThis).filter((name) => !own.includes(name));
         const globals = Object.fromEntries(names.map((name) => [name, globalThis[name]]));
         const context = vm.createContext(globals);
         registry.register(globals, 1);
         const { RTCPeerConnection } = load(context, file, new Map());
         const connection = new RTCPeerConnection();
         connection.createDataChannel('x');
         await connection.setLocalDescription();
         await connection.getStats();
         connection.close();
       }

       (async () => {
         for (let i = 0; i < contexts; i += 1) await useInAContext();
         const timer = setInterval(() => {
           gc();
           if (collected < contexts) return;
           clearInterval(timer);
           console.log('collected');
         }, 20);
       })();`,
      20_000,
    );
    expect(result).toMatchObject({ code: 0, stdout: 'collected\n', stderr: '' });
  });
});
