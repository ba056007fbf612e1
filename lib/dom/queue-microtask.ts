import { reportException } from './report-exception';

const settled = Promise.resolve();

/**
 * Queues a microtask (https://html.spec.whatwg.org/multipage/webappapis.html#queue-a-microtask). Not the global of that
 * name, which fake timers replace, often before the package loads. What it throws is an uncaught exception.
 */
export function queueMicrotask(task: () => void): void {
  settled.then(task).catch(reportException);
}
