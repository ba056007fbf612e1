import * as webidl from '../webidl';
import type { RTCStats } from '../webidl/generated/stats';

/** Readonly maplike, from the id of an entry to the entry. https://w3c.github.io/webrtc-pc/#rtcstatsreport-object */
export class RTCStatsReport {
  static {
    webidl.defineInterface('RTCStatsReport', this, (value) => #entries in value);
    // https://webidl.spec.whatwg.org/#js-maplike: @@iterator is the very function of entries().
    Object.defineProperty(this.prototype, Symbol.iterator, {
      value: this.prototype.entries,
      writable: true,
      configurable: true,
    });
  }

  declare [Symbol.iterator]: () => MapIterator<[string, RTCStats]>;

  readonly #entries = new Map<string, RTCStats>();

  /** For our own modules only: a report of these entries, in this order. */
  constructor(key: webidl.ConstructionKey, entries: Iterable<RTCStats>) {
    webidl.requireConstructionKey(key);
    for (const entry of entries) this.#entries.set(entry.id, entry);
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: string): RTCStats | undefined {
    const entries = this.#entries;
    const context = webidl.operationContext('get', 'RTCStatsReport');
    webidl.requireArguments(arguments.length, 1, context);
    return entries.get(webidl.DOMString(key, context));
  }

  has(key: string): boolean {
    const entries = this.#entries;
    const context = webidl.operationContext('has', 'RTCStatsReport');
    webidl.requireArguments(arguments.length, 1, context);
    return entries.has(webidl.DOMString(key, context));
  }

  entries(): MapIterator<[string, RTCStats]> {
    return this.#entries.entries();
  }

  keys(): MapIterator<string> {
    return this.#entries.keys();
  }

  values(): MapIterator<RTCStats> {
    return this.#entries.values();
  }

  forEach(callback: (value: RTCStats, key: string, report: RTCStatsReport) => void, thisArgument?: unknown): void {
    const entries = this.#entries;
    const context = webidl.operationContext('forEach', 'RTCStatsReport');
    webidl.requireArguments(arguments.length, 1, context);
    const call = webidl.toCallbackFunction(callback, context);
    for (const [key, value] of entries) Reflect.apply(call, thisArgument, [value, key, this]);
  }
}

declare module '../webidl/types' {
  interface InterfaceTypes {
    RTCStatsReport: RTCStatsReport;
  }
}
