/** Servers of STUN and TURN that answer what a test says: over UDP, TCP or TLS, on loopback. */
import { createSocket } from 'node:dgram';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';

export const Method = { binding: 1, allocate: 3, refresh: 4, createPermission: 8 } as const;

/** One attribute (RFC 8489 section 14), padded. */
function attribute(type: number, value: Buffer): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt16BE(type, 0);
  head.writeUInt16BE(value.length, 2);
  return Buffer.concat([head, value, Buffer.alloc((4 - (value.length % 4)) % 4)]);
}

function octetsOf(ip: string): Buffer {
  if (!ip.includes(':')) return Buffer.from(ip.split('.').map(Number));
  const [before = '', after = ''] = ip.split('::');
  const groups = (text: string) => text.split(':').filter(Boolean);
  const [left, right] = [groups(before), groups(after)];
  const all = [...left, ...Array<string>(8 - left.length - right.length).fill('0'), ...right];
  return Buffer.from(all.map((group) => group.padStart(4, '0')).join(''), 'hex');
}

function addressValue(ip: string, port: number): Buffer {
  const octets = octetsOf(ip);
  return Buffer.concat([Buffer.from([0, octets.length === 4 ? 1 : 2, port >> 8, port & 255]), octets]);
}

/** Of IPv4. */
function xored(ip: string, port: number): Buffer {
  const value = addressValue(ip, port);
  [0x21, 0x12, 0x21, 0x12, 0xa4, 0x42].forEach((mask, index) => (value[2 + index]! ^= mask));
  return value;
}

export const attributes = {
  error: (code: number, reason: string) =>
    attribute(0x0009, Buffer.concat([Buffer.from([0, 0, Math.floor(code / 100), code % 100]), Buffer.from(reason)])),
  alternateServer: (ip: string, port: number) => attribute(0x8023, addressValue(ip, port)),
  alternateDomain: (name: string) => attribute(0x8003, Buffer.from(name, 'latin1')),
  lifetime: (seconds: number) => attribute(0x000d, Buffer.from([0, 0, seconds >> 8, seconds & 255])),
  mapped: (ip: string, port: number) => attribute(0x0020, xored(ip, port)),
  relayed: (ip: string, port: number) => attribute(0x0016, xored(ip, port)),
};

export class StunRequest {
  readonly method: number;

  constructor(
    readonly octets: Buffer,
    /** Where it has come from. */
    readonly from: { address: string; port: number },
  ) {
    const type = octets.readUInt16BE(0);
    this.method = (type & 0x000f) | ((type & 0x00e0) >> 1);
  }

  #answer(messageClass: number, values: Buffer[]): Buffer {
    const body = Buffer.concat(values);
    const head = Buffer.from(this.octets.subarray(0, 20));
    head.writeUInt16BE(head.readUInt16BE(0) | messageClass, 0);
    head.writeUInt16BE(body.length, 2);
    return Buffer.concat([head, body]);
  }
  success(...values: Buffer[]): Buffer {
    return this.#answer(0x0100, values);
  }
  error(code: number, reason: string, ...values: Buffer[]): Buffer {
    return this.#answer(0x0110, [attributes.error(code, reason), ...values]);
  }
  /** 300, to servers of this machine or elsewhere. */
  tryAlternate(...values: Buffer[]): Buffer {
    return this.error(300, 'Try Alternate', ...values);
  }
  /** An allocation, without credentials, that relays from 203.0.113.9. */
  allocated(port: number, lifetimeSeconds = 600): Buffer {
    const { address } = this.from;
    const mapped = attributes.mapped(address.includes(':') ? '203.0.113.1' : address, this.from.port);
    return this.success(attributes.relayed('203.0.113.9', port), mapped, attributes.lifetime(lifetimeSeconds));
  }
}

/** Null: no answer. */
export type Script = (request: StunRequest) => Buffer | null;
export type Transport = 'udp' | 'tcp' | 'tls';

export class ScriptedStunServer {
  port = 0;
  /** All requests, in order. */
  readonly requests: StunRequest[] = [];
  script: Script = () => null;
  #close: () => Promise<void> = () => Promise.resolve();

  /** @param tls certificate and key, for TLS */
  static async start(transport: Transport, address = '127.0.0.1', tls?: TlsOptions): Promise<ScriptedStunServer> {
    const server = new ScriptedStunServer();
    if (transport === 'udp') await server.#bind(address);
    else await server.#listen(transport === 'tls' ? createTlsServer(tls!) : createServer(), address);
    return server;
  }

  /** How many requests of a method have come. */
  count(method: number): number {
    return this.requests.filter((request) => request.method === method).length;
  }
  close(): Promise<void> {
    return this.#close();
  }

  #answer(octets: Buffer, address: string, port: number, send: (answer: Buffer) => unknown): void {
    const request = new StunRequest(octets, { address, port });
    if (octets.readUInt16BE(0) & 0x0110) return; // an indication
    this.requests.push(request);
    const answer = this.script(request);
    if (answer) send(answer);
  }
  async #bind(address: string): Promise<void> {
    const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
    socket.on('message', (octets, from) =>
      this.#answer(octets, from.address, from.port, (answer) => socket.send(answer, from.port, from.address)),
    );
    await new Promise<void>((done) => socket.bind(0, address, done));
    this.port = socket.address().port;
    this.#close = () => new Promise((done) => socket.close(() => done()));
  }
  async #listen(listener: Server, address: string): Promise<void> {
    const sockets = new Set<Socket>();
    listener.on('tlsClientError', () => {}); // the client's refusal, which is what is tested
    listener.on('connection', (socket: Socket) => {
      sockets.add(socket);
      socket.on('error', () => {}); // the client leaves as it likes
    });
    listener.on('setSecureContext' in listener ? 'secureConnection' : 'connection', (socket: Socket) => {
      socket.on('error', () => {});
      let received = Buffer.alloc(0);
      socket.on('data', (octets) => {
        received = Buffer.concat([received, octets as Buffer]);
        while (received.length >= 20 && received.length >= 20 + received.readUInt16BE(2)) {
          const length = 20 + received.readUInt16BE(2);
          const request = Buffer.from(received.subarray(0, length));
          received = received.subarray(length);
          this.#answer(request, socket.remoteAddress!, socket.remotePort!, (answer) => socket.write(answer));
        }
      });
    });
    await new Promise<void>((done) => listener.listen(0, address, done));
    this.port = (listener.address() as AddressInfo).port;
    this.#close = () => {
      sockets.forEach((socket) => socket.destroy());
      return new Promise((done) => listener.close(() => done()));
    };
  }
}
