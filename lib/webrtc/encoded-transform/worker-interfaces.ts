/** Interfaces that only workers have ([Exposed=DedicatedWorker]). */
import { isMainThread } from 'node:worker_threads';
import * as transformEvent from './RTCTransformEvent';
import * as transformer from './RTCRtpScriptTransformer';
import * as keyFrameRequestEvent from './KeyFrameRequestEvent';
import './worker-scope';

/** undefined in the main thread, as a window has none of that name. */
function inWorkers<T>(interfaceObject: T): T {
  return isMainThread ? (undefined as T) : interfaceObject;
}

export const KeyFrameRequestEvent = inWorkers(keyFrameRequestEvent.KeyFrameRequestEvent);
export const RTCRtpScriptTransformer = inWorkers(transformer.RTCRtpScriptTransformer);
export const RTCTransformEvent = inWorkers(transformEvent.RTCTransformEvent);
