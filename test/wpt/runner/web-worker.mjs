/**
 * A page's Worker, on node:worker_threads: as much as the tests of encoded transforms use. The worker's global scope has an
 * EventTarget's methods, postMessage() and the interfaces of the package.
 */
import { resolveObjectURL } from 'node:buffer';
import { Worker as NodeWorker } from 'node:worker_threads';

const scopeModule = new URL('worker-scope.mjs', import.meta.url);

/** @returns {typeof globalThis.Worker} */
export function makeWorkerInterface({ root, location, packageModule }) {
  return class Worker extends EventTarget {
    #thread;
    constructor(script) {
      super();
      const url = new URL(script, location).href;
      // The page may revoke the address of a Blob at once.
      const blob = url.startsWith('blob:') ? resolveObjectURL(url) : undefined;
      this.#thread = new NodeWorker(scopeModule, { workerData: { root, url, blob, packageModule } });
      this.#thread.on('message', (data) => this.#fire(new MessageEvent('message', { data })));
      this.#thread.on('messageerror', (data) => this.#fire(new MessageEvent('messageerror', { data })));
      this.#thread.on('error', (error) => this.#fire(new ErrorEvent('error', { message: String(error), error })));
    }
    postMessage(message, transfer = []) {
      this.#thread.postMessage(message, transfer);
    }
    terminate() {
      this.#thread.terminate();
    }
    #fire(event) {
      this[`on${event.type}`]?.(event);
      this.dispatchEvent(event);
    }
  };
}
