/** Makes a thread's global object look like a DedicatedWorkerGlobalScope, and runs the worker's script in it. */
import { existsSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import vm from 'node:vm';
import { parentPort, workerData } from 'node:worker_threads';
import { ImageBitmap, OffscreenCanvas } from './canvas.mjs';
import { makeSteadyIntervals } from './steady-interval.mjs';
import { aliases, origin } from './test-file.mjs';
import { installInterfaces } from './window-global.mjs';

const { root, url, blob, packageModule } = workerData;
const events = new EventTarget();
const define = (name, value) =>
  Object.defineProperty(globalThis, name, { value, writable: true, enumerable: false, configurable: true });
/** Node's global object cannot be made an instance of it. */
class DedicatedWorkerGlobalScope extends EventTarget {
  static [Symbol.hasInstance](value) {
    return value === globalThis;
  }
}
const interfaces = { DedicatedWorkerGlobalScope, ImageBitmap, OffscreenCanvas };
for (const [name, value] of Object.entries({ ...interfaces, ...makeSteadyIntervals(globalThis) })) define(name, value);
define('self', globalThis);
define('location', new URL(url));
for (const name of ['addEventListener', 'removeEventListener', 'dispatchEvent'])
  define(name, events[name].bind(events));
define('postMessage', (message, transfer = []) => parentPort.postMessage(message, transfer));

// The package before the worker's own listener: as an application would load it at the top of its script.
const loaded = await import(existsSync(packageModule) ? pathToFileURL(packageModule).href : packageModule);
installInterfaces({ ...loaded.default, ...loaded });

const blobText = await blob?.text();

parentPort.on('message', (data) => {
  const event = new MessageEvent('message', { data });
  globalThis.onmessage?.(event);
  events.dispatchEvent(event);
});

/** A script that has no place of its own stands at the root. The checkout is the whole web. */
const base = /^(data|blob):/.test(url) ? origin : url;
function read(address) {
  if (address.startsWith('data:')) return decodeURIComponent(address.slice(address.indexOf(',') + 1));
  const { pathname } = new URL(address, base);
  return readFileSync(join(root, aliases.get(pathname) ?? pathname), 'utf8');
}
define('fetch', async (address) => new Response(await readFile(join(root, new URL(address, base).pathname))));
const runText = (text, address) => vm.runInThisContext(text, { filename: address.slice(0, 200) });
const run = (address) => runText(read(address), address);
define('importScripts', (...addresses) => addresses.forEach(run));
runText(blobText ?? read(url), url);
