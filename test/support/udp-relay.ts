/**
 * A bad network between two peers: each is given only the relay's candidates of the other, so that every datagram goes
 * through it. What happens to a datagram is decided by a seeded generator.
 */
import { createSocket, type Socket } from 'node:dgram';
import { standIn } from './emulated-link.cjs';
import { seededRandom } from './seeded-random.cjs';

export interface Impairments {
  seed: number;
  /** Probability, 0 to 1, that a datagram is lost. */
  loss?: number;
  /** Probability that a datagram arrives twice. */
  duplication?: number;
  /** Probability that a datagram is held back for up to `reorderMs`. */
  reordering?: number;
  reorderMs?: number;
  /** Delay of every datagram in milliseconds. */
  delayMs?: number;
}

interface Side {
  /** Faces one peer, and stands for the other one. */
  socket: Socket;
  /** Where the peer on this side is, once its candidate is known. */
  peer: { address: string; port: number } | null;
}

export class UdpRelay {
  #random: () => number;
  #impairments: Impairments;
  #sides: [Side, Side];
  /** Both directions are dropped while true: a blackout. */
  blackout = false;
  /** What is passed on in place of a datagram: of an attacker on the path. */
  alter: ((datagram: Buffer, from: 0 | 1) => readonly Buffer[]) | null = null;
  forwarded = 0;
  dropped = 0;

  private constructor(impairments: Impairments, sockets: [Socket, Socket]) {
    this.#impairments = impairments;
    this.#random = seededRandom(impairments.seed);
    this.#sides = [
      { socket: sockets[0], peer: null },
      { socket: sockets[1], peer: null },
    ];
    for (const from of [0, 1] as const) {
      sockets[from].on('message', (datagram, source) => {
        // The peer's datagrams may come from another of its sockets than the one it named.
        this.#sides[from].peer = { address: source.address, port: source.port };
        this.captured[from].push(datagram);
        if (this.captured[from].length > 200) this.captured[from].shift();
        const altered = this.alter?.(datagram, from) ?? [datagram];
        for (const each of altered) this.#pass(each, this.#sides[from === 0 ? 1 : 0]);
      });
    }
  }

  static async open(impairments: Impairments): Promise<UdpRelay> {
    const bind = () =>
      new Promise<Socket>((done) => {
        const socket = createSocket({ type: 'udp4', recvBufferSize: 4 << 20, sendBufferSize: 4 << 20 });
        socket.bind(0, '127.0.0.1', () => done(socket));
      });
    return new UdpRelay(impairments, [await bind(), await bind()]);
  }

  /**
   * The candidate line to hand to the other peer instead of this one, or null for one that the relay cannot stand for.
   * @param side 0 or 1: whose candidate it is
   */
  stand(side: 0 | 1, candidate: string): string | null {
    const stand = standIn(candidate, this.#sides[side === 0 ? 1 : 0].socket.address().port);
    const [, , , , address, port] = candidate.split(' ');
    if (stand) this.#sides[side].peer ??= { address: address!, port: Number(port) };
    return stand;
  }

  #pass(datagram: Buffer, to: Side): void {
    const { loss = 0, duplication = 0, reordering = 0, reorderMs = 20, delayMs = 0 } = this.#impairments;
    // One draw each, whatever happens, so that a seed means the same run.
    const [lost, doubled, held] = [this.#random() < loss, this.#random() < duplication, this.#random() < reordering];
    const holdMs = delayMs + (held ? this.#random() * reorderMs : 0);
    if (lost || this.blackout || !to.peer) {
      this.dropped++;
      return;
    }
    for (let copies = doubled ? 2 : 1; copies > 0; copies--) {
      const { address, port } = to.peer;
      const send = () => {
        if (this.#closed) return;
        this.forwarded++;
        to.socket.send(datagram, port, address);
      };
      if (holdMs > 0) setTimeout(send, holdMs);
      else send();
    }
  }

  /** The last datagrams that came from a side, newest last. */
  readonly captured: [Buffer[], Buffer[]] = [[], []];

  /** Sends a forged datagram to the peer on `side`, from the address that it takes for the other peer's. */
  inject(side: 0 | 1, datagram: Uint8Array): Promise<void> {
    const { socket, peer } = this.#sides[side];
    return new Promise((done, fail) =>
      socket.send(datagram, peer!.port, peer!.address, (error) => (error ? fail(error) : done())),
    );
  }

  /** Where the peer on `side` receives, for a stranger's datagrams. */
  addressOf(side: 0 | 1): { address: string; port: number } {
    return this.#sides[side].peer!;
  }

  #closed = false;
  close(): void {
    this.#closed = true;
    for (const { socket } of this.#sides) socket.close();
  }
}
