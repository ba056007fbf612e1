import * as webidl from '../../webidl';
import { type RTCRtpScriptTransformType, toRTCRtpScriptTransformType } from '../../webidl/generated/enums';
import type { FrameTransform } from './encoded-frame-stage';
import { ScriptTransformPort, type WorkerLike } from './script-transform-port';

const INTERFACE = 'RTCRtpScriptTransform';

export interface WorkerAndParameters {
  worker: WorkerLike;
  type?: RTCRtpScriptTransformType;
}

function isWorker(value: unknown): value is WorkerLike {
  return webidl.isObject(value) && typeof (value as Partial<WorkerLike>).postMessage === 'function';
}

const toWorker: webidl.Converter<WorkerLike> = (value, context) => {
  if (!isWorker(value)) throw webidl.conversionError(context, "The provided value is not of type 'Worker'.");
  return value;
};

const toWorkerAndParameters = webidl.dictionary<WorkerAndParameters>('WorkerAndParameters', null, [
  webidl.member('type', toRTCRtpScriptTransformType),
  webidl.member('worker', toWorker, { required: true }),
]);

const toTransfer = webidl.sequence(webidl.object);

/** Friend access for the senders and receivers: null where the value is no such transform. */
export let scriptTransformPortOf: (value: unknown) => FrameTransform | null;

/** Encoded frames are processed in a worker. https://w3c.github.io/webrtc-encoded-transform/#scriptTransform */
export class RTCRtpScriptTransform {
  static {
    webidl.defineInterface(INTERFACE, this, (value) => #port in value);
    scriptTransformPortOf = (value) => (webidl.isObject(value) && #port in value ? value.#port : null);
  }

  readonly #port: ScriptTransformPort;

  /** https://w3c.github.io/webrtc-encoded-transform/#dom-rtcrtpscripttransform-rtcrtpscripttransform */
  constructor(workerOrWorkerAndParameters: WorkerLike | WorkerAndParameters, options?: unknown, transfer?: object[]) {
    const context = webidl.constructorContext(INTERFACE);
    webidl.requireArguments(arguments.length, 1, context);
    const worker = isWorker(workerOrWorkerAndParameters)
      ? workerOrWorkerAndParameters
      : toWorkerAndParameters(workerOrWorkerAndParameters, context).worker;
    const transferred = transfer === undefined ? [] : toTransfer(transfer, context);
    // 1. – 7. There are no streams of ours to be transferred: their two ends are made where they are used.
    // 8. "Queue a task … on worker's global scope": it makes the transformer, and fires the event.
    this.#port = new ScriptTransformPort(worker, options, transferred);
  }
}

declare module '../../webidl/types' {
  interface InterfaceTypes {
    RTCRtpScriptTransform: RTCRtpScriptTransform;
  }
}
