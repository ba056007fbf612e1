import * as webidl from '../webidl';

/** What send() is given: of a view its octets. */
export type Payload = string | Blob | ArrayBuffer | Uint8Array;
/** What goes to the transport. */
export type Sendable = Exclude<Payload, Blob>;

/** A Blob or File of any realm: Node's, a window's, or another copy's. jsdom's can't be read, happy-dom's have no tag. */
export function isBlob(value: unknown): value is Blob {
  if (typeof value !== 'object' || value === null) return false;
  const { size, type, slice, arrayBuffer } = value as Partial<Blob>;
  if (typeof size !== 'number' || typeof type !== 'string' || typeof slice !== 'function') return false;
  const tag = Object.prototype.toString.call(value);
  return tag === '[object Blob]' || tag === '[object File]' || typeof arrayBuffer === 'function';
}

/** jsdom's Blob has no arrayBuffer(); its window has a FileReader. */
async function readBlob(blob: Blob): Promise<ArrayBuffer> {
  if (typeof blob.arrayBuffer === 'function') return blob.arrayBuffer();
  const { FileReader } = globalThis as { FileReader?: new () => FileReaderLike };
  if (!FileReader) throw new TypeError('This Blob has no arrayBuffer() method');
  const reader = new FileReader();
  return new Promise((resolve, reject) => {
    reader.onload = () => {
      resolve(reader.result);
    };
    reader.onerror = () => {
      reject(new Error('FileReader failed'));
    };
    reader.readAsArrayBuffer(blob);
  });
}

interface FileReaderLike {
  result: ArrayBuffer;
  onload: () => void;
  onerror: () => void;
  readAsArrayBuffer(blob: Blob): void;
}

interface Item {
  readonly payload: Payload;
  /** In octets. */
  readonly size: number;
  send(data: Sendable): void;
}

/** Keeps messages in the order of the calls of send() while a Blob before them is being read. */
export class SendQueue {
  #items: Item[] = [];
  #reading = false;
  #whenEmpty: (() => void) | null = null;
  readonly #onReadError: (reason: string, size: number) => void;

  /** @param onReadError told why a Blob cannot be sent, and how large it was said to be */
  constructor(onReadError: (reason: string, size: number) => void) {
    this.#onReadError = onReadError;
  }

  get isEmpty(): boolean {
    return this.#items.length === 0;
  }

  /** Buffers are copied at once, as their owner may change them afterwards. */
  push({ payload, size, send }: Item): void {
    const kept = typeof payload === 'string' || isBlob(payload) ? payload : new Uint8Array(webidl.bytesOf(payload));
    this.#items.push({ payload: kept, size, send });
    this.#advance();
  }

  /** Calls back when everything pushed until now was given to `send`; at once when there is nothing. */
  whenEmpty(callback: () => void): void {
    if (this.isEmpty) callback();
    else this.#whenEmpty = callback;
  }

  clear(): void {
    this.#items = [];
    this.#whenEmpty = null;
  }

  #advance(): void {
    if (this.#reading) return;
    for (let item = this.#items[0]; item; item = this.#items[0]) {
      if (isBlob(item.payload)) {
        this.#read(item, item.payload);
        return;
      }
      this.#items.shift();
      item.send(item.payload);
    }
    const callback = this.#whenEmpty;
    this.#whenEmpty = null;
    callback?.();
  }

  #read(item: Item, blob: Blob): void {
    this.#reading = true;
    const done = (): void => {
      this.#reading = false;
      if (this.#items[0] === item) this.#items.shift();
      this.#advance();
    };
    const read = readBlob(blob).then(
      (data) => {
        if (this.#items[0] === item) item.send(data);
      },
      (error: unknown) => {
        const reason = error instanceof Error ? error.message : String(error);
        if (this.#items[0] === item) this.#onReadError(reason, item.size);
      },
    );
    void read.finally(done);
  }
}
