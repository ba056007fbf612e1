/** What every transport handle has. After close() each method does nothing, and no event of it is delivered. */
export interface NativeTransportHandle {
  /** Positive, unique in the environment; the first entry of its events. */
  readonly id: number;
  /** Asks for the stats struct; answered by a Stats event with this request id (also after close, with the last values). */
  requestStats(requestId: number): void;
  /** Idempotent. Closing a parent closes its children first. */
  close(): void;
}
