import { clearTimeout, setTimeout } from 'node:timers';

/** Taken when the package loads, as in queue-task.ts. */
const schedule = setTimeout;
const cancel = clearTimeout;

/**
 * Queues a task to be run in that many milliseconds. Unlike others it does not hold the process.
 * @returns what takes it back, and with it lets go of all that the task refers to
 */
export function queueDelayedTask(task: () => void, milliseconds: number): () => void {
  const timer = schedule(task, milliseconds).unref();
  return () => {
    cancel(timer);
  };
}
