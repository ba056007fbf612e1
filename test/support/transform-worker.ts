/** Workers with the built package, for transforms of connections of this thread. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { packageRoot } from './package-process';

const workers = new Set<Worker>();

/** @param source what it runs; `peerwire` and `parentPort` are there, and `tell(value)`, which {@link told} hears */
export function startWorker(source: string, load = 'index'): Worker {
  const worker = new Worker(
    `const { parentPort } = require('node:worker_threads');
     const tell = (value) => parentPort.postMessage(value);
     const peerwire = require(${JSON.stringify(`${packageRoot}/dist/${load}.js`)});
     ${source}`,
    { eval: true },
  );
  workers.add(worker);
  return worker;
}

/** The next message; an error of the worker rejects. */
export async function told(worker: Worker): Promise<unknown> {
  const [message] = (await once(worker, 'message')) as unknown[];
  return message;
}

export async function terminateWorkers(): Promise<void> {
  await Promise.all([...workers].map((worker) => worker.terminate()));
  workers.clear();
}

/** Gives every frame back, with an octet behind it. */
export const appending = `
  const append = async ({ transformer }) => {
    const reader = transformer.readable.getReader();
    const writer = transformer.writable.getWriter();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return tell('done');
      const data = new Uint8Array(value.data.byteLength + 1);
      data.set(new Uint8Array(value.data));
      data[data.length - 1] = transformer.options?.octet ?? 255;
      value.data = data.buffer;
      writer.write(value);
    }
  };`;
