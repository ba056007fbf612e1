/**
 * What a program hands over reaches sinks of the same process a moment later, from other threads. Nothing else may hold a
 * process that has no connection: it would end before its own frames come. So does a file that ends by itself. Where no sink
 * takes them, nothing is held: what goes to a peer is the connection's business.
 */
import { holdProcess, releaseProcess } from '../binding/event-door';
import type { NativeAudioSource } from '../binding/native-addon';
import { setImmediate, setTimeout } from '../dom/timers';
import type { TrackSource } from './track-source';

const lookEveryMs = 10;
/** Sources with sound that has not been sent on. */
const waiting = new Map<TrackSource, NativeAudioSource>();
/** How many sinks of this process there are on tracks of a source. */
const sinkCounts = new WeakMap<TrackSource, number>();
/** How many of those that wait have sinks: they would have to be looked at with every block otherwise. */
let awaited = 0;
let timer: NodeJS.Timeout | null = null;

/** Holds the process until what has been pushed is sent on, and told to sinks; as long as there are sinks. */
export function holdForSound(source: TrackSource, native: NativeAudioSource): void {
  if (!waiting.has(source)) {
    waiting.set(source, native);
    if (hasSinks(source)) awaited++;
  }
  timer ??= setTimeout(look, lookEveryMs);
  holdOrLetGo();
}

/** Pictures are sent on at once; only the turn is missing in which sinks are told. */
export function holdForTurn(): void {
  setImmediate(() => undefined);
}

/** A sink takes what the source delivers, until the function that is returned is called. A file holds the process then. */
export function countSink(source: TrackSource): () => void {
  const file = {};
  if (source.isFinite) holdProcess(file);
  const count = (change: number): void => {
    const had = hasSinks(source);
    sinkCounts.set(source, (sinkCounts.get(source) ?? 0) + change);
    if (waiting.has(source)) awaited += Number(hasSinks(source)) - Number(had);
    holdOrLetGo();
  };
  count(1);
  return () => {
    count(-1);
    releaseProcess(file);
  };
}

function hasSinks(source: TrackSource): boolean {
  return (sinkCounts.get(source) ?? 0) > 0;
}

function holdOrLetGo(): void {
  if (awaited > 0) timer?.ref();
  else timer?.unref();
}

function look(): void {
  for (const [source, native] of waiting) {
    if (native.waitingUs() > 0) continue;
    waiting.delete(source);
    if (hasSinks(source)) awaited--;
  }
  timer = waiting.size > 0 ? setTimeout(look, lookEveryMs) : null;
  if (timer) holdOrLetGo();
  else holdForTurn();
}
