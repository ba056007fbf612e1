import * as workerThreads from 'node:worker_threads';

/** From Node.js 22.10 on. */
const { markAsUncloneable } = workerThreads as { markAsUncloneable?: (object: object) => void };

/**
 * Our objects lose their slots when they are cloned, as Node.js lets nobody say how to do it (docs/deviations.md): where it
 * can be had, an error is better than an empty object.
 */
export function refuseCloning(object: object): void {
  markAsUncloneable?.(object);
}
