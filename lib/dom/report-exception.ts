import { queueTask } from './queue-task';

/**
 * Reports an exception (https://html.spec.whatwg.org/multipage/webappapis.html#report-an-exception): in Node that is
 * `uncaughtException`, thrown outside of the code that found it.
 */
export function reportException(error: unknown): void {
  queueTask(() => {
    throw error;
  });
}
