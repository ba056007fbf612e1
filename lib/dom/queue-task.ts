import { clearImmediate, clearTimeout, setImmediate, setTimeout } from './timers';

/**
 * Queues a task (https://html.spec.whatwg.org/multipage/webappapis.html#queue-a-task): it runs after the current
 * JavaScript and all microtasks, in the order of queueing; microtasks run between two tasks. A queued task holds the
 * process until it has run, and no longer. What it throws is an uncaught exception; the tasks behind it still run.
 *
 * Whatever comes first runs it: the check phase, or a timer. Without the timer a setTimeout(…, 0) of the application's
 * that was set after it would overtake it whenever the loop's turn has taken a millisecond. Both queues are first in,
 * first out, so tasks keep their order among themselves.
 */
export function queueTask(task: () => void): void {
  const immediate = setImmediate(() => {
    clearTimeout(timer);
    task();
  });
  const timer = setTimeout(() => {
    clearImmediate(immediate);
    task();
  }, 0);
}
