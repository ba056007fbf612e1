import type { NativeRtpTransportStats } from '../binding/native-addon';

/**
 * For how long a connection has played sound, whatever streams and transports it came over: of several at once the time
 * counts once, and it never goes back when one of them ends.
 */
export class PlayoutTime {
  /** Seconds that each transport has played, by its id, as they were told last. */
  readonly #played = new Map<string, number>();
  #total = 0;
  #hasBegun = false;

  /** Seconds until now; null before any sound has come. */
  update(snapshots: ReadonlyMap<string, NativeRtpTransportStats>): number | null {
    let growth = 0;
    for (const [id, { totalPlayoutDuration, receivers }] of snapshots) {
      const before = this.#played.get(id) ?? 0;
      this.#played.set(id, totalPlayoutDuration);
      // Less than before: it is another one, which began at zero.
      growth = Math.max(growth, totalPlayoutDuration - (totalPlayoutDuration < before ? 0 : before));
      this.#hasBegun ||= receivers.some(({ streams }) => streams.some((stream) => 'totalSamplesDuration' in stream));
    }
    this.#total += growth;
    return this.#hasBegun ? this.#total : null;
  }
}
