import { WritableStream, type WritableStreamDefaultWriter } from 'node:stream/web';

/** A stream that its maker can end: to who writes it looks as if he had closed it himself. */
export interface GeneratorStream {
  readonly writable: WritableStream;
  /** "Close writable": what was written before is still taken. Idempotent. */
  close(): void;
}

/**
 * A WritableStream whose chunks go to `write`, and which tells when a script has closed or aborted it. Streams of scripts
 * have no way to be closed from behind; the writer that holds the lock has one, so it is kept in mind.
 */
export function createGeneratorStream(write: (chunk: unknown) => void, ended: () => void): GeneratorStream {
  let isEnded = false;
  /** A write to what is closed is a TypeError. In Node 20 it is a failed assertion, once the stream has forgotten how to. */
  const refuseWrites = (writer: WritableStreamDefaultWriter) => {
    const write = () => Promise.reject(new TypeError('The stream has been closed.'));
    Object.defineProperty(writer, 'write', { value: write, writable: true, configurable: true });
  };
  let fail: ((reason: unknown) => void) | null = null;
  const end = () => {
    isEnded = true;
    ended();
  };
  const writable = new WritableStream({
    start: (controller) => {
      fail = (reason) => {
        controller.error(reason);
      };
    },
    write,
    close: end,
    abort: end,
  });
  let writer: WritableStreamDefaultWriter | null = null;
  const { getWriter } = writable;
  Object.defineProperty(writable, 'getWriter', {
    value(this: WritableStream) {
      writer = Reflect.apply(getWriter, this, []);
      if (isEnded) refuseWrites(writer);
      return writer;
    },
    writable: true,
    configurable: true,
  });
  return {
    writable,
    close: () => {
      if (isEnded) return;
      isEnded = true;
      if (writer) refuseWrites(writer);
      const closing = writable.locked ? writer?.close() : writable.close();
      if (!closing) {
        // A pipe holds the lock.
        fail?.(new TypeError('The track has ended.'));
        return;
      }
      // It was closing or in error already; or a pipe holds the lock, and the writer we know has let go of it.
      closing.catch(() => fail?.(new TypeError('The track has ended.')));
    },
  };
}
