import { clearTimeout, setTimeout } from './timers';

/**
 * Queues a task to be run in that many milliseconds. Unlike others it does not hold the process.
 * @returns what takes it back, and with it lets go of all that the task refers to
 */
export function queueDelayedTask(task: () => void, milliseconds: number): () => void {
  const timer = setTimeout(task, milliseconds).unref();
  return () => {
    clearTimeout(timer);
  };
}
