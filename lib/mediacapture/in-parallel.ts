import { queueTask } from '../dom/queue-task';

/** What "in parallel" comes to here: the steps after it run in a task of their own, in the order of the calls. */
export function inParallel(): Promise<void> {
  return new Promise((resolve) => {
    queueTask(resolve);
  });
}
