/** What a direction of a link does to datagrams. */
export interface LinkSettings {
  /** Bits a second, with the headers of IPv4 and UDP; 0: as fast as they come. */
  rateBps?: number;
  /** Datagrams that would wait longer than this for a link with a rate are dropped; 500. */
  queueMs?: number;
  /** Of every datagram, after the queue. */
  delayMs?: number;
  /** Up to so much more delay, evenly spread; datagrams stay in order. */
  jitterMs?: number;
  /** Probability, 0 to 1, that a datagram is lost before it comes to the queue. */
  loss?: number;
  duplication?: number;
  /** Probability that a datagram is held back for up to `reorderMs` and overtaken. */
  reordering?: number;
  reorderMs?: number;
  blackout?: boolean;
}

/** What went through a direction since the sample before. */
export interface LinkSample {
  octets: number;
  lost: number;
  /** Found the queue full. */
  overflowed: number;
  /** The longest wait for the link. */
  queueMs: number;
  /** As it was set. */
  rateBps: number;
}

/**
 * A link on a thread of its own. Each peer is given only the link's stand-ins for the candidates of the other, so that
 * every datagram goes through it.
 */
export class EmulatedLink {
  /** @param options.settings of both directions, or of the one from side 0 if `back` says what the other one is */
  static open(options: { seed: number; settings?: LinkSettings; back?: LinkSettings }): Promise<EmulatedLink>;
  /** Every 50 ms, `at` in milliseconds since the epoch; `directions[0]` is the one from side 0 to side 1. */
  readonly samples: { at: number; directions: [LinkSample, LinkSample] }[];
  onsample: ((sample: EmulatedLink['samples'][number]) => void) | null;
  /**
   * The candidate line to hand to the other peer instead of this one, or null for one that the link cannot stand for.
   * @param side whose candidate it is
   */
  stand(side: 0 | 1, candidate: string): string | null;
  /** Changes what it says, of one direction or of both. */
  set(settings: LinkSettings, direction?: 0 | 1): void;
  close(): Promise<void>;
}

/** A candidate line with this port of the loopback address instead of its own. */
export function standIn(candidate: string, port: number): string | null;
