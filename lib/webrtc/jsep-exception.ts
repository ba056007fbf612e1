import { createDOMException } from '../dom/dom-exception';
import { isJsepError } from '../jsep/jsep-session';
import { RTCError } from './RTCError';

/** What scripts see of an error of the offer/answer engine; anything else is a bug of ours, and goes on as it is. */
export function toException(error: unknown): unknown {
  if (!isJsepError(error)) return error;
  switch (error.name) {
    case 'TypeError':
      return new TypeError(error.message);
    case 'sdp-syntax-error': {
      const { sdpLineNumber } = error;
      const init = { errorDetail: 'sdp-syntax-error' as const, ...(sdpLineNumber === null ? {} : { sdpLineNumber }) };
      return new RTCError(init, error.message);
    }
    default:
      return createDOMException(error.message, error.name);
  }
}
