import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';

const packageRoot = path.resolve(__dirname, '../..');

/** Runs a program, in a process of its own, that uses the built package and ends by printing JSON. */
async function evaluate(source: string, flags: string[] = []): Promise<unknown> {
  const program = `const root = ${JSON.stringify(packageRoot)};\n${source}`;
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [...flags, '-e', program], {
    timeout: 20_000,
  });
  expect(stderr).toBe('');
  return JSON.parse(stdout);
}

describe('the package', () => {
  it('installs no globals when it is only required', async () => {
    const source = `
      const before = Object.getOwnPropertyNames(globalThis).length;
      require(root);
      console.log(JSON.stringify(Object.getOwnPropertyNames(globalThis).length - before));`;
    expect(await evaluate(source)).toBe(0);
  });

  it('reads the global MessageEvent, which is costly in Node.js 22, with the first message', async () => {
    const source = `
      const { MessageEvent } = globalThis;
      let reads = 0;
      Object.defineProperty(globalThis, 'MessageEvent', { get: () => (reads += 1, MessageEvent), configurable: true });
      const { RTCPeerConnection } = require(root);
      const [a, b] = [new RTCPeerConnection(), new RTCPeerConnection()];
      const result = [];
      a.onicecandidate = ({ candidate }) => b.addIceCandidate(candidate);
      b.onicecandidate = ({ candidate }) => a.addIceCandidate(candidate);
      b.ondatachannel = ({ channel }) => {
        result.push(reads);
        channel.onmessage = (event) => {
          result.push(event instanceof MessageEvent, reads);
          if (event.data === 'one') return;
          console.log(JSON.stringify(result));
          a.close();
          b.close();
        };
      };
      const channel = a.createDataChannel('x');
      channel.onopen = () => { channel.send('one'); channel.send('two'); };
      (async () => {
        await a.setLocalDescription();
        await b.setRemoteDescription(a.localDescription);
        await b.setLocalDescription();
        await a.setRemoteDescription(b.localDescription);
      })();`;
    expect(await evaluate(source)).toEqual([0, true, 1, true, 1]);
  });

  it('gives the same classes to require and import', async () => {
    const source = `
      (async () => {
        const required = require(root);
        const imported = await import(root + '/dist/index.mjs');
        const names = Object.keys(required);
        console.log(JSON.stringify([
          names.length > 15,
          names.every((name) => imported[name] === required[name]),
          imported.default === required,
          Object.keys(imported).length - 1 === names.length,
        ]));
      })();`;
    expect(await evaluate(source)).toEqual([true, true, true, true]);
  });

  it('gives the same classes to every entry', async () => {
    const source = `
      (async () => {
        const { nonstandard, RTCPeerConnection } = require(root);
        const required = require(root + '/dist/nonstandard.js');
        const imported = await import(root + '/dist/nonstandard.mjs');
        const { uninstall } = await import(root + '/dist/polyfill.mjs');
        const result = [
          required === nonstandard,
          Object.keys(nonstandard).every((name) => imported[name] === nonstandard[name]),
          Object.keys(imported).length - 1 === Object.keys(nonstandard).length,
          globalThis.RTCPeerConnection === RTCPeerConnection,
          uninstall === require(root + '/dist/polyfill.js').uninstall,
        ];
        console.log(JSON.stringify(result));
      })();`;
    expect(await evaluate(source)).toEqual([true, true, true, true, true]);
  });

  it('lets tests put classes of their own in place of its exports', async () => {
    const source = `
      const peerwire = require(root);
      peerwire.RTCPeerConnection = 'mine';
      console.log(JSON.stringify(require(root).RTCPeerConnection));`;
    expect(await evaluate(source)).toBe('mine');
  });

  // As Vite's module runner does with linked packages.
  it('is found by who evaluates its files as ES modules without require and module', async () => {
    const source = `
      const { readFileSync } = require('node:fs');
      const { pathToFileURL } = require('node:url');
      const vm = require('node:vm');
      const evaluated = async (file) => {
        const identifier = pathToFileURL(file).href;
        const initializeImportMeta = (meta) => { meta.url = identifier; };
        const module = new vm.SourceTextModule(readFileSync(file, 'utf8'), { identifier, initializeImportMeta });
        await module.link(async (specifier) => {
          if (specifier.startsWith('.')) return evaluated(require('node:path').join(root, 'dist', specifier));
          const builtin = require(specifier);
          return new vm.SyntheticModule(Object.keys(builtin), function () {
            for (const [name, value] of Object.entries(builtin)) this.setExport(name, value);
          });
        });
        await module.evaluate();
        return module;
      };
      (async () => {
        const { namespace } = await evaluated(root + '/dist/index.mjs');
        const peerwire = require(root);
        console.log(JSON.stringify([
          namespace.default === peerwire,
          Object.keys(peerwire).every((name) => namespace[name] === peerwire[name]),
        ]));
      })();`;
    expect(await evaluate(source, ['--experimental-vm-modules', '--no-warnings'])).toEqual([true, true]);
  });

  it('has a browser entry below 5 kB that takes the globals', async () => {
    const file = path.join(packageRoot, 'dist/browser.mjs');
    expect(readFileSync(file).length).toBeLessThan(5_000);
    const source = `
      globalThis.RTCPeerConnection = class {};
      const mediaDevices = { getUserMedia: (constraints) => constraints };
      Object.defineProperty(globalThis, 'navigator', { value: { mediaDevices } });
      import(${JSON.stringify(file)}).then((browser) => {
        console.log(JSON.stringify([
          browser.RTCPeerConnection === globalThis.RTCPeerConnection,
          browser.mediaDevices === mediaDevices,
          browser.getUserMedia('x'),
        ]));
      });`;
    expect(await evaluate(source)).toEqual([true, true, 'x']);
  });

  it('has a browser entry for require, which in Node (Jest under jsdom resolves so) is the package', async () => {
    const file = path.join(packageRoot, 'dist/browser.js');
    expect(readFileSync(file).length).toBeLessThan(5_000);
    const source = `
      const file = ${JSON.stringify(file)};
      const result = [require(file) === require(root)];
      delete require.cache[file];
      globalThis.RTCPeerConnection = class {};
      result.push(require(file).RTCPeerConnection === globalThis.RTCPeerConnection, 'RTCDataChannel' in require(file));
      console.log(JSON.stringify(result));`;
    expect(await evaluate(source)).toEqual([true, true, true]);
  });

  it.each(['polyfill', 'nonstandard'])(
    'has an entry of %s for browsers, with its names and nothing of Node',
    async (entry) => {
      const exported = JSON.parse(readFileSync(path.join(packageRoot, 'package.json'), 'utf8')).exports[`./${entry}`];
      const file = (condition: string) => path.join(packageRoot, exported.browser[condition]);
      for (const condition of ['require', 'module']) {
        expect(readFileSync(file(condition), 'utf8')).not.toMatch(/\bimport\b|(?<!module\[name\])\(['"]\.|node:/);
      }
      const source = `
      (async () => {
        const own = Object.keys(require(root + '/dist/${entry}.js')).sort();
        const before = Object.getOwnPropertyNames(globalThis).length;
        const bundled = await import(${JSON.stringify(file('module'))});
        const inNode = require(${JSON.stringify(file('require'))}) === require(root + '/dist/${entry}.js');
        delete require.cache[${JSON.stringify(file('require'))}];
        Object.defineProperty(process, 'versions', { value: {} });
        const required = require(${JSON.stringify(file('require'))});
        bundled.installGlobals?.()();
        console.log(JSON.stringify([
          own.every((name) => name in bundled && name in required && name in bundled.default),
          inNode, required !== require(root + '/dist/${entry}.js'), Object.getOwnPropertyNames(globalThis).length - before,
        ]));
      })();`;
      expect(await evaluate(source)).toEqual([true, true, true, 0]);
    },
  );

  it('needs no TextEncoder, structuredClone and setImmediate of its environment', async () => {
    const source = `
      globalThis.MessageEvent; // Node 22 and later load it when it is first read, and need a TextEncoder to do so
      for (const name of ['TextEncoder', 'TextDecoder', 'structuredClone', 'setImmediate', 'queueMicrotask']) {
        delete globalThis[name];
      }
      const { RTCPeerConnection } = require(root);
      const [a, b] = [new RTCPeerConnection(), new RTCPeerConnection()];
      a.onicecandidate = ({ candidate }) => b.addIceCandidate(candidate);
      b.onicecandidate = ({ candidate }) => a.addIceCandidate(candidate);
      b.ondatachannel = ({ channel }) => {
        channel.onmessage = ({ data }) => {
          console.log(JSON.stringify(data));
          a.close();
          b.close();
        };
      };
      const channel = a.createDataChannel('caf\u00e9');
      channel.onopen = () => channel.send(channel.label);
      (async () => {
        await a.setLocalDescription();
        await b.setRemoteDescription(a.localDescription);
        await b.setLocalDescription();
        await a.setRemoteDescription(b.localDescription);
      })();`;
    expect(await evaluate(source)).toBe('caf\u00e9');
  });
});

describe('installGlobals()', () => {
  it('defines writable, configurable, not enumerable properties, and takes them back', async () => {
    const source = `
      globalThis.RTCIceCandidate = 'before';
      const { uninstall } = require(root + '/dist/polyfill.js');
      const { value, ...attributes } = Object.getOwnPropertyDescriptor(globalThis, 'RTCPeerConnection');
      const result = [value === require(root).RTCPeerConnection, attributes, typeof RTCIceCandidate];
      globalThis.RTCDataChannel = 'mine';
      uninstall();
      result.push(typeof RTCPeerConnection, RTCIceCandidate, RTCDataChannel);
      console.log(JSON.stringify(result));`;
    expect(await evaluate(source)).toEqual([
      true,
      { writable: true, enumerable: false, configurable: true },
      'function',
      'undefined',
      'before',
      'mine',
    ]);
  });

  it('installs navigator.mediaDevices as an accessor, and takes it back', async () => {
    const source = `
      const had = typeof navigator;
      const { uninstall } = require(root + '/dist/polyfill.js');
      const { mediaDevices } = require(root);
      const owner = Object.getPrototypeOf(navigator);
      const { get, enumerable, configurable } = Object.getOwnPropertyDescriptor(owner, 'mediaDevices');
      const result = [navigator.mediaDevices === mediaDevices, get.call(navigator) === mediaDevices, enumerable, configurable];
      result.push(navigator.mediaDevices instanceof MediaDevices, typeof MediaStream, typeof OverconstrainedError);
      uninstall();
      result.push(typeof navigator === had, had === 'object' && 'mediaDevices' in navigator, typeof MediaStream);
      console.log(JSON.stringify(result));`;
    expect(await evaluate(source)).toEqual([
      true,
      true,
      true,
      true,
      true,
      'function',
      'function',
      true,
      false,
      'undefined',
    ]);
  });

  it('makes a navigator that says what it is where there is none', async () => {
    const source = `
      delete globalThis.navigator;
      const { uninstall } = require(root + '/dist/polyfill.js');
      const result = [navigator.userAgent, typeof navigator.mediaDevices.getUserMedia, Object.keys(navigator)];
      uninstall();
      console.log(JSON.stringify([...result, typeof navigator]));`;
    const userAgent = `Node.js/${process.versions.node.split('.')[0]!}`;
    expect(await evaluate(source)).toEqual([userAgent, 'function', [], 'undefined']);
  });

  it('gives each window a navigator.mediaDevices of its own', async () => {
    const source = `
      const { mediaDevices } = require(root);
      const { installGlobals, uninstall: uninstallOurs } = require(root + '/dist/polyfill.js');
      uninstallOurs();
      class Navigator {}
      Object.defineProperty(Navigator.prototype, Symbol.toStringTag, { value: 'Navigator' });
      const view = {
        EventTarget: class EventTarget extends globalThis.EventTarget {},
        Event: class Event extends globalThis.Event {},
        DOMException: class DOMException extends globalThis.DOMException {},
        MessageEvent, Blob, navigator: new Navigator(),
      };
      const uninstall = installGlobals(view);
      const devices = view.navigator.mediaDevices;
      const result = [devices !== mediaDevices, devices instanceof view.EventTarget, Object.keys(view.navigator)];
      devices.getUserMedia({ video: { width: { exact: 1e6 } } }).catch((error) => {
        result.push(error instanceof view.OverconstrainedError, error instanceof view.DOMException);
        uninstall();
        result.push('mediaDevices' in view.navigator);
        console.log(JSON.stringify(result));
      });`;
    expect(await evaluate(source)).toEqual([true, true, [], true, true, false]);
  });

  it('says what is wrong with a target that is no window', async () => {
    const source = `
      const { installGlobals } = require(root + '/dist/polyfill.js');
      const targets = [{}, require('node:vm').runInNewContext('globalThis')];
      const messageOf = (target) => { try { installGlobals(target); } catch (error) { return error.message; } };
      console.log(JSON.stringify(targets.map(messageOf)));`;
    const message = 'installGlobals() needs a window for its target, and this one has no EventTarget';
    expect(await evaluate(source)).toEqual([message, message]);
  });

  it('builds classes on the Event, EventTarget and DOMException of another window', async () => {
    const source = `
      const { RTCPeerConnectionIceEvent, RTCIceCandidate } = require(root);
      const { installGlobals, uninstall: uninstallOurs } = require(root + '/dist/polyfill.js');
      uninstallOurs();
      const makeWindow = () => ({
        EventTarget: class EventTarget extends globalThis.EventTarget {},
        Event: class Event extends globalThis.Event {},
        DOMException: class DOMException extends globalThis.DOMException {},
        MessageEvent, Blob,
      });
      const [one, two] = [makeWindow(), makeWindow()];
      const loaded = Object.keys(require.cache).length;
      const remove = installGlobals(one);
      installGlobals(two);
      const connection = new one.RTCPeerConnection();
      const event = new one.RTCPeerConnectionIceEvent('x', { candidate: new one.RTCIceCandidate({ sdpMid: '0' }) });
      const result = [
        connection instanceof one.EventTarget,
        event instanceof one.Event,
        new one.RTCError({ errorDetail: 'sctp-failure' }) instanceof one.DOMException,
        one.RTCPeerConnection !== two.RTCPeerConnection,
        new two.RTCPeerConnectionIceEvent('x') instanceof one.Event,
        require(root).RTCIceCandidate === RTCIceCandidate,
        new RTCPeerConnectionIceEvent('x') instanceof one.Event,
        loaded - Object.keys(require.cache).length,
      ];
      const before = one.RTCPeerConnection;
      remove();
      result.push('RTCPeerConnection' in one);
      installGlobals(one);
      result.push(one.RTCPeerConnection === before);
      connection.close();
      console.log(JSON.stringify(result));`;
    expect(await evaluate(source)).toEqual([true, true, true, true, false, true, false, 0, false, true]);
  });
});
