/**
 * What a program hands over reaches sinks of the same process a moment later, from other threads. Nothing else may hold a
 * process that has no connection: it would end before its own frames come.
 */
import { setImmediate, setTimeout } from 'node:timers';
import type { NativeAudioSource } from '../binding/native-addon';

const lookEveryMs = 10;
const waiting = new Set<NativeAudioSource>();
let isLooking = false;

/** Holds the process until what has been pushed is sent on, and told to sinks. */
export function holdForSound(source: NativeAudioSource): void {
  waiting.add(source);
  if (isLooking) return;
  isLooking = true;
  setTimeout(look, lookEveryMs);
}

/** Pictures are sent on at once; only the turn is missing in which sinks are told. */
export function holdForTurn(): void {
  setImmediate(() => undefined);
}

function look(): void {
  for (const source of waiting) if (source.waitingUs() === 0) waiting.delete(source);
  isLooking = waiting.size > 0;
  if (isLooking) setTimeout(look, lookEveryMs);
  else holdForTurn();
}
