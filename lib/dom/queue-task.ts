import { setImmediate } from 'node:timers';

/**
 * Taken from node:timers when the package loads: jsdom's window has no setImmediate, and fake timers replace the
 * global one.
 */
const schedule = setImmediate;

/**
 * Queues a task (https://html.spec.whatwg.org/multipage/webappapis.html#queue-a-task): it runs after the current
 * JavaScript and all microtasks, in the order of queueing; microtasks run between two tasks. A queued task holds the
 * process until it has run, and no longer. What it throws is an uncaught exception; the tasks behind it still run.
 */
export function queueTask(task: () => void): void {
  schedule(task);
}
