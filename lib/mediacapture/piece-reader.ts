import type { Readable } from 'node:stream';

/**
 * Pieces of known sizes out of a stream of octets. Nothing is read ahead beyond what the stream buffers by itself, so that
 * whoever writes into it is held up.
 */
export class PieceReader {
  readonly #stream: Readable;
  #isOver = false;
  #wake: (() => void) | null = null;

  constructor(stream: Readable) {
    this.#stream = stream;
    const wake = () => {
      this.#wake?.();
    };
    stream.on('readable', wake);
    for (const event of ['end', 'close', 'error']) {
      stream.on(event, () => {
        this.#isOver = true;
        wake();
      });
    }
  }

  /** So many octets; null at the end, also when only some of them are left. */
  async read(size: number): Promise<Buffer | null> {
    for (;;) {
      const piece = this.#stream.read(size) as Buffer | null;
      // At its end the stream gives what is left.
      if (piece) return piece.length === size ? piece : null;
      if (this.#isOver) return null;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = null;
    }
  }

  /** Up to and with the octet 0x0a, which is left out; null at the end. */
  async readLine(longest: number): Promise<string | null> {
    let line = '';
    while (line.length < longest) {
      const octet = await this.read(1);
      if (!octet) return null;
      if (octet[0] === 0x0a) return line;
      line += octet.toString('latin1');
    }
    return null;
  }
}
