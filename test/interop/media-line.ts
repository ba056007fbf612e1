/**
 * Raw media from and to an agent in a process of its own, over a TCP connection that it makes: what it receives is judged
 * here, and what it sends is made here. A record is the length of its head (four octets, the highest first), the head
 * (JSON) and `length` octets.
 */
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';

/** Video: I420 without padding. Audio: 16 bit, little endian, interleaved. Encoded: what the codec makes of a frame. */
export interface MediaHead {
  pc: string;
  kind: 'video' | 'audio' | 'encoded';
  /** Milliseconds of any one clock: of what is sent, since its begin; of what came, when it is to be shown or heard. */
  time: number;
  length: number;
  width?: number;
  height?: number;
  rate?: number;
  channels?: number;
}

/** Splits a stream of octets into records. */
export function recordReader(take: (head: MediaHead, payload: Buffer) => void): (chunk: Buffer) => void {
  let chunks: Buffer[] = [];
  let octets = 0;
  let wanted = 4;
  return (chunk) => {
    chunks.push(chunk);
    octets += chunk.length;
    while (octets >= wanted) {
      const all = Buffer.concat(chunks);
      chunks = [all];
      if (all.length < 4) return;
      const headEnd = 4 + all.readUInt32BE(0);
      wanted = headEnd;
      if (all.length < headEnd) continue;
      const head = JSON.parse(all.toString('utf8', 4, headEnd)) as MediaHead;
      wanted = headEnd + head.length;
      if (all.length < wanted) continue;
      const rest = all.subarray(wanted);
      take(head, all.subarray(headEnd, wanted));
      chunks = [rest];
      octets = rest.length;
      wanted = 4;
    }
  };
}

export class MediaLine {
  onRecord: (head: MediaHead, payload: Buffer) => void = () => {};
  readonly #server: Server;
  #socket: Socket | null = null;

  private constructor(server: Server) {
    this.#server = server;
    server.on('connection', (socket) => {
      this.#socket = socket;
      socket.setNoDelay(true);
      socket.on('error', () => {}); // the agent ended
      socket.on(
        'data',
        recordReader((head, payload) => this.onRecord(head, payload)),
      );
    });
  }

  static async open(): Promise<MediaLine> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new MediaLine(server);
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Left out when the agent does not keep up. */
  write(head: Omit<MediaHead, 'length'>, payload: Uint8Array): void {
    if (!this.#socket || this.#socket.writableLength > 1 << 22) return;
    const text = Buffer.from(JSON.stringify({ ...head, length: payload.length }));
    const length = Buffer.alloc(4);
    length.writeUInt32BE(text.length);
    this.#socket.write(Buffer.concat([length, text, payload]));
  }

  close(): void {
    this.#socket?.destroy();
    this.#server.close();
  }
}
