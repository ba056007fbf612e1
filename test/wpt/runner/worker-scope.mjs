/** Makes a thread's global object look like a DedicatedWorkerGlobalScope, and runs the worker's script in it. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import vm from 'node:vm';
import { parentPort, workerData } from 'node:worker_threads';
import { installInterfaces } from './window-global.mjs';

const { root, url, packageModule } = workerData;
const events = new EventTarget();
const define = (name, value) =>
  Object.defineProperty(globalThis, name, { value, writable: true, enumerable: false, configurable: true });
define('self', globalThis);
define('location', new URL(url));
for (const name of ['addEventListener', 'removeEventListener', 'dispatchEvent'])
  define(name, events[name].bind(events));
define('postMessage', (message, transfer = []) => parentPort.postMessage(message, transfer));

// The package before the worker's own listener: as an application would load it at the top of its script.
const loaded = await import(existsSync(packageModule) ? pathToFileURL(packageModule).href : packageModule);
installInterfaces({ ...loaded.default, ...loaded });

parentPort.on('message', (data) => {
  const event = new MessageEvent('message', { data });
  globalThis.onmessage?.(event);
  events.dispatchEvent(event);
});

/** The checkout is the whole web. */
function read(address) {
  const { protocol, pathname } = new URL(address, url);
  if (protocol !== 'data:') return readFileSync(join(root, pathname), 'utf8');
  return decodeURIComponent(pathname.slice(pathname.indexOf(',') + 1));
}
const run = (address) => vm.runInThisContext(read(address), { filename: address.slice(0, 200) });
define('importScripts', (...addresses) => addresses.forEach(run));
run(url);
