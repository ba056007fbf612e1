import type { DtlsRole } from './dtls-role';

/** 65535 is reserved (RFC 8832 section 6). */
export const MAX_STREAM_ID = 65534;

/**
 * SCTP streams in use by data channels of one association. Channels announced in-band take even ids on the DTLS
 * client's side and odd ones on the server's (RFC 8832 section 6); negotiated channels take what the application says.
 */
export class StreamIds {
  readonly #used = new Set<number>();
  /** Where the search for the next free id of our parity begins: ids are handed out without looking at each again. */
  #from = 0;

  has(id: number): boolean {
    return this.#used.has(id);
  }

  /** @returns false when the id is taken already */
  claim(id: number): boolean {
    if (this.#used.has(id)) return false;
    this.#used.add(id);
    return true;
  }

  /**
   * Takes the lowest free id of our parity.
   * @param limit ids must be smaller than this
   * @returns null when there is none
   */
  generate(role: DtlsRole, limit: number): number | null {
    const parity = role === 'client' ? 0 : 1;
    const highest = Math.min(limit - 1, MAX_STREAM_ID);
    let id = this.#from + (((this.#from & 1) ^ parity) === 0 ? 0 : 1);
    while (id <= highest && this.#used.has(id)) id += 2;
    if (id > highest) return null;
    this.#from = id + 2;
    this.#used.add(id);
    return id;
  }

  /** Once both directions of the stream are reset, another channel may have it. */
  release(id: number): void {
    if (this.#used.delete(id) && id < this.#from) this.#from = id;
  }
}
