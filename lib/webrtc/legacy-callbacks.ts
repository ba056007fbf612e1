import { reportException } from '../dom/report-exception';
import type { CallbackFunction } from '../webidl';

/**
 * The last steps of the legacy methods (https://w3c.github.io/webrtc-pc/#legacy-interface-extensions): one of the
 * callbacks is invoked, and what is returned is a promise resolved with undefined.
 */
export function invokeCallbacks(
  result: Promise<unknown>,
  success: CallbackFunction,
  failure: CallbackFunction,
): Promise<void> {
  const invoke =
    (callback: CallbackFunction) =>
    (value: unknown): void => {
      try {
        Reflect.apply(callback, undefined, [value]);
      } catch (error) {
        reportException(error);
      }
    };
  void result.then(invoke(success), invoke(failure));
  return Promise.resolve();
}
