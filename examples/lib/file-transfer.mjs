/**
 * A file over one data channel: a JSON header, the file in chunks, and the receiver's word on the checksum.
 * Runs unchanged in Node.js and in a browser: it needs only RTCDataChannel, Blob and Web Crypto.
 */

/** Fits the 64 KiB that every implementation takes, also those that do not state a maximum. */
const chunkBytes = 64 * 1024;
/** Above this much waiting in the channel the sender pauses, below the lower mark it goes on. */
const highWaterBytes = 1024 * 1024;
const lowWaterBytes = 256 * 1024;
export const maxFileBytes = 512 * 1024 * 1024;

/** The messages of a channel as something to await, in order; rejects once the channel has closed and all are read. */
class Inbox {
  #messages = [];
  #waiting;
  #closed = false;

  constructor(channel) {
    channel.binaryType = 'arraybuffer';
    channel.addEventListener('message', ({ data }) => {
      this.#messages.push(data);
      this.#serve();
    });
    channel.addEventListener('close', () => {
      this.#closed = true;
      this.#serve();
    });
  }

  next() {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#serve();
    });
  }

  #serve() {
    if (!this.#waiting || (this.#messages.length === 0 && !this.#closed)) return;
    const { resolve, reject } = this.#waiting;
    this.#waiting = undefined;
    if (this.#messages.length > 0) resolve(this.#messages.shift());
    else reject(new Error('the channel closed before the file was through'));
  }
}

/** Resolves once the channel has room again; rejects when it closes. */
export function waitForRoom(channel) {
  if (channel.readyState !== 'open') return Promise.reject(new Error('the channel is not open'));
  if (channel.bufferedAmount <= highWaterBytes) return Promise.resolve();
  channel.bufferedAmountLowThreshold = lowWaterBytes;
  return new Promise((resolve, reject) => {
    const finish = (settle) => () => {
      channel.removeEventListener('bufferedamountlow', onLow);
      channel.removeEventListener('close', onClose);
      settle();
    };
    const onLow = finish(resolve);
    const onClose = finish(() => reject(new Error('the channel closed')));
    channel.addEventListener('bufferedamountlow', onLow);
    channel.addEventListener('close', onClose);
  });
}

export async function sha256(blob) {
  const digest = await crypto.subtle.digest('SHA-256', await blob.arrayBuffer());
  return Array.from(new Uint8Array(digest), (octet) => octet.toString(16).padStart(2, '0')).join('');
}

/** Both directions of one channel. `onProgress(direction, bytesDone, bytesTotal)`, direction: 'sent' or 'received'. */
export class FileTransfer {
  #channel;
  #inbox;
  #onProgress;

  constructor(channel, onProgress = () => {}) {
    this.#channel = channel;
    this.#inbox = new Inbox(channel);
    this.#onProgress = onProgress;
  }

  /** Sends a file; resolves to its SHA-256 (hexadecimal) once the other side has confirmed it. */
  async send(blob, name) {
    if (blob.size > maxFileBytes) throw new Error(`files over ${maxFileBytes / 1024 / 1024} MiB are not taken`);
    const channel = this.#channel;
    const checksum = await sha256(blob);
    channel.send(JSON.stringify({ name, size: blob.size, type: blob.type, sha256: checksum }));
    for (let offset = 0; offset < blob.size; offset += chunkBytes) {
      await waitForRoom(channel);
      channel.send(await blob.slice(offset, offset + chunkBytes).arrayBuffer());
      const handedOver = Math.min(offset + chunkBytes, blob.size);
      this.#onProgress('sent', Math.max(0, handedOver - channel.bufferedAmount), blob.size);
    }
    const answer = JSON.parse(await this.#inbox.next());
    if (answer.sha256 !== checksum) throw new Error('the other side received something else');
    this.#onProgress('sent', blob.size, blob.size);
    return checksum;
  }

  /** Receives a file; resolves to {blob, name, sha256}, rejects when it is not what its header promised. */
  async receive() {
    const header = JSON.parse(await this.#inbox.next());
    if (!(header.size >= 0 && header.size <= maxFileBytes))
      throw new Error(`a file of ${header.size} octets is not taken`);
    const chunks = [];
    let received = 0;
    while (received < header.size) {
      const chunk = await this.#inbox.next();
      received += chunk.byteLength;
      chunks.push(chunk);
      this.#onProgress('received', received, header.size);
    }
    const blob = new Blob(chunks, { type: header.type });
    const checksum = await sha256(blob);
    this.#channel.send(JSON.stringify({ sha256: checksum }));
    if (checksum !== header.sha256) throw new Error('the checksum of the received file is wrong');
    return { blob, name: header.name, sha256: checksum };
  }
}
