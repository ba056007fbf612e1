import { loadedAddon, nativeAddon } from './load';
import {
  NativeEventKind,
  type NativeAddon,
  type NativeAudioBlock,
  type NativeCertificate,
  type NativeCertificateOptions,
  type NativeDtlsInfo,
  type NativeDtlsStateChange,
  type NativeTransportHandle,
  type NativeVideoFrame,
} from './native-addon';

/** Takes the events of one native handle. What it throws becomes an uncaught exception; nobody else's event is lost. */
export interface NativeSink {
  receive(kind: number, number: number, value: unknown): void;
}

interface Request {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

const sinks = new Map<number, NativeSink>();
const requests = new Map<number, Request>();
const holders = new Set<object>();
const statsHolder = {};
let lastRequestId = 0;
let pendingStats = 0;
let connected: NativeAddon | undefined;

/** The addon, with its events coming here. */
function connect(): NativeAddon {
  if (connected) return connected;
  connected = nativeAddon();
  connected.setDispatcher(dispatch);
  return connected;
}

/** From now on `sink` takes the events of the handle. Nothing has been delivered before: events come from the loop. */
export function openSink(handleId: number, sink: NativeSink): void {
  connect();
  sinks.set(handleId, sink);
}

export function closeSink(handleId: number): void {
  sinks.delete(handleId);
}

/** The process stays alive while `token` holds it. Idempotent. */
export function holdProcess(token: object): void {
  holders.add(token);
  if (holders.size === 1) connect().setKeepAlive(true);
}

/** Undoes holdProcess(). Idempotent. */
export function releaseProcess(token: object): void {
  if (holders.delete(token) && holders.size === 0) connect().setKeepAlive(false);
}

/** The handle's statistics; also after close(), with the last values. Holds the process until they are there. */
export function requestStats(handle: NativeTransportHandle): Promise<unknown> {
  const { id, answer } = openRequest();
  pendingStats += 1;
  holdProcess(statsHolder);
  const settled = () => {
    pendingStats -= 1;
    if (pendingStats === 0) releaseProcess(statsHolder);
  };
  try {
    handle.requestStats(id);
  } catch (error) {
    requests.delete(id);
    settled();
    throw error;
  }
  return answer.finally(settled);
}

/** Makes key and certificate on a thread of libuv's pool; rejects with an Error that says why there is none. */
export function generateCertificate(options: NativeCertificateOptions): Promise<NativeCertificate> {
  const addon = connect();
  const { id, answer } = openRequest();
  try {
    addon.generateCertificate(options, id);
  } catch (error) {
    requests.delete(id);
    throw error;
  }
  return answer as Promise<NativeCertificate>;
}

/** Live transport handles, and sinks that somebody left open: for tests of leaks. */
export function liveNativeObjects(): { handles: number; sinks: number; holders: number; requests: number } {
  return {
    handles: loadedAddon()?.liveHandles() ?? 0,
    sinks: sinks.size,
    holders: holders.size,
    requests: requests.size,
  };
}

function openRequest(): { id: number; answer: Promise<unknown> } {
  lastRequestId = (lastRequestId + 1) % 0x1_0000_0000;
  const id = lastRequestId;
  const answer = new Promise<unknown>((resolve, reject) => {
    requests.set(id, { resolve, reject });
  });
  return { id, answer };
}

function dispatch(handleId: number, kind: number, number: number, value: unknown): void {
  switch (kind) {
    case NativeEventKind.Stats:
    case NativeEventKind.CertificateGenerated: {
      const request = requests.get(number);
      requests.delete(number);
      if (typeof value === 'string') request?.reject(new Error(value));
      else request?.resolve(kind === NativeEventKind.Stats ? inThisRealm(value) : value);
      return;
    }
    case NativeEventKind.SctpBinary:
    case NativeEventKind.SctpControl:
      adoptBuffer(value as ArrayBuffer);
      break;
    case NativeEventKind.VideoFrame:
    case NativeEventKind.AudioBlock:
      // undefined: what it announced was dropped meanwhile.
      if (value === undefined) return;
      adoptBuffer((value as NativeVideoFrame | NativeAudioBlock).data);
      break;
    case NativeEventKind.DtlsState:
      inThisRealm((value as NativeDtlsStateChange).info);
      break;
  }
  sinks.get(handleId)?.receive(kind, number, value);
}

/**
 * What is made natively belongs to the main realm. Here it becomes one of the realm that asks, which is looked up now:
 * test environments replace the global during their life. No octet is copied.
 */
function adoptBuffer(buffer: ArrayBuffer): void {
  const { prototype } = globalThis.ArrayBuffer;
  if (Object.getPrototypeOf(buffer) !== prototype) Object.setPrototypeOf(buffer, prototype);
}

function inThisRealm(value: unknown): unknown {
  const certificates = (value as Partial<NativeDtlsInfo> | null)?.peerCertificates;
  certificates?.forEach(adoptBuffer);
  return value;
}
