import { isMainThread, type MessagePort, parentPort } from 'node:worker_threads';
import { EventTarget } from '../../dom/realm';
import { reportException } from '../../dom/report-exception';
import * as webidl from '../../webidl';
import { RTCRtpScriptTransformer } from './RTCRtpScriptTransformer';
import { RTCTransformEvent } from './RTCTransformEvent';
import { messageKey } from './script-transform-protocol';

/**
 * How a transform reaches the code of its worker. Node's workers have no global EventTarget and no implicit port that
 * browsers' have; what they have is parentPort. We listen to it from the moment on at which someone wants transforms, and
 * not before: to listen is to start it, and to hold the worker (docs/nonstandard.md).
 */

/** As much of a global scope as there may be. */
interface Scope {
  onrtctransform?: unknown;
  addEventListener?: unknown;
  dispatchEvent?: (event: unknown) => unknown;
}

const scope = globalThis as Scope;
const listeners = new Set<(event: RTCTransformEvent) => unknown>();
/** Made before anyone wanted them. */
const waiting: RTCRtpScriptTransformer[] = [];
let isListening = false;

function hasGlobalEventTarget(): boolean {
  return typeof scope.addEventListener === 'function' && typeof scope.dispatchEvent === 'function';
}

function call(listener: (event: RTCTransformEvent) => unknown, thisValue: unknown, event: RTCTransformEvent): void {
  try {
    Reflect.apply(listener, thisValue, [event]);
  } catch (error) {
    reportException(error);
  }
}

/** Other global scopes' EventTargets write to what they dispatch, as our Event does not allow. */
function dispatchGlobally(event: RTCTransformEvent): void {
  if (!(globalThis instanceof EventTarget)) {
    for (const name of ['target', 'currentTarget']) {
      Object.defineProperty(event, name, { value: null, writable: true, configurable: true });
    }
  }
  // Some of them call the handler, some do not: we do.
  const handler = scope.onrtctransform;
  scope.onrtctransform = null;
  try {
    scope.dispatchEvent?.(event);
  } catch (error) {
    reportException(error);
  } finally {
    scope.onrtctransform ??= handler;
  }
}

/** Fires `rtctransform`; without anyone to hear it, it waits. */
function fire(transformer: RTCRtpScriptTransformer): void {
  const isWanted = listeners.size > 0 || typeof scope.onrtctransform === 'function' || hasGlobalEventTarget();
  if (!isWanted) {
    waiting.push(transformer);
    return;
  }
  const event = new RTCTransformEvent(webidl.constructionKey, transformer);
  if (hasGlobalEventTarget()) dispatchGlobally(event);
  const handler = scope.onrtctransform;
  if (typeof handler === 'function') call(handler as (event: RTCTransformEvent) => unknown, globalThis, event);
  for (const listener of [...listeners]) call(listener, undefined, event);
}

function fireWaiting(): void {
  for (const transformer of waiting.splice(0)) fire(transformer);
}

interface Addressed {
  readonly options: unknown;
  readonly port: MessagePort;
}

function addressedIn(message: unknown): Addressed | null {
  if (typeof message !== 'object' || message === null || !Object.hasOwn(message, messageKey)) return null;
  return (message as Record<typeof messageKey, Addressed>)[messageKey];
}

/**
 * For messages that come another way than through parentPort, or to a listener that was there first.
 * @returns whether the message was one of ours: a new transform
 */
export function receiveRtcTransform(message: unknown): boolean {
  const addressed = addressedIn(message);
  if (!addressed) return false;
  fire(new RTCRtpScriptTransformer(webidl.constructionKey, addressed.options, addressed.port));
  return true;
}

function listen(): void {
  if (isListening || !parentPort) return;
  isListening = true;
  const port = parentPort as unknown as EventTarget;
  port.addEventListener('message', (event) => {
    // Nobody else's business.
    if (receiveRtcTransform((event as MessageEvent).data)) event.stopImmediatePropagation();
  });
}

/** Calls the listener with every `rtctransform` event of this worker, also with those of transforms made before. */
export function onRtcTransform(listener: (event: RTCTransformEvent) => unknown): void {
  const context = "Failed to execute 'onRtcTransform'";
  webidl.requireArguments(arguments.length, 1, context);
  listeners.add(webidl.toCallbackFunction(listener, context));
  listen();
  fireWaiting();
}

/** `onrtctransform` of the global scope: https://w3c.github.io/webrtc-encoded-transform/#RTCRtpScriptTransformer-interfaces */
function defineGlobalHandler(): void {
  let value: unknown = null;
  Object.defineProperty(globalThis, 'onrtctransform', {
    get: () => value,
    set: (handler: unknown) => {
      value = webidl.isObject(handler) ? handler : null;
      if (typeof value !== 'function') return;
      listen();
      fireWaiting();
    },
    enumerable: true,
    configurable: true,
  });
}

if (!isMainThread && !('onrtctransform' in globalThis)) {
  defineGlobalHandler();
  // A package that gives workers a global EventTarget listens to parentPort itself: nothing can get lost by listening, too.
  if (hasGlobalEventTarget()) listen();
}
