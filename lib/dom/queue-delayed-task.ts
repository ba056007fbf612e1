import { setTimeout } from 'node:timers';

/** Taken when the package loads, as in queue-task.ts. */
const schedule = setTimeout;

/** Queues a task to be run in that many milliseconds. Unlike others it does not hold the process. */
export function queueDelayedTask(task: () => void, milliseconds: number): void {
  schedule(task, milliseconds).unref();
}
