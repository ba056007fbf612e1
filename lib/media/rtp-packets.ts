/** RTP and RTCP packets of one sender or receiver, as they are without SRTP. */
export type PacketKind = 'rtp' | 'rtcp';

/** What the engine offers for each sender and receiver, from when its transport is there. On the JavaScript thread. */
export interface RtpPacketPort {
  /**
   * Packets are shown to the observer, and go their way. Sender: RTP that goes out (retransmissions among it), and RTCP that
   * comes for it. Receiver: RTP that comes in, and RTCP that goes out for it. Packets are the observer's own. null: none is shown.
   */
  setObserver(observer: ((packet: Uint8Array, kind: PacketKind) => void) | null): void;
  /** Sender: is protected and sent as it is. Receiver: as if it had come. */
  write(packet: Uint8Array, kind: PacketKind): void;
}

type Observer = (packet: Buffer, kind: PacketKind) => void;

/** The packets of one sender or receiver, for as many as want to see them. */
export class RtpPackets {
  readonly #observers = new Set<Observer>();
  #port: RtpPacketPort | null = null;

  /** The engine has made the stream; null: it is gone. */
  attachPort(port: RtpPacketPort | null): void {
    if (this.#port && this.#port !== port) this.#port.setObserver(null);
    this.#port = port;
    if (this.#observers.size > 0) this.#connect();
  }

  /** @returns how to stop */
  observe(observer: Observer): () => void {
    this.#observers.add(observer);
    if (this.#observers.size === 1) this.#connect();
    return () => {
      if (this.#observers.delete(observer) && this.#observers.size === 0) this.#port?.setObserver(null);
    };
  }

  /** @returns false where there is nothing that could take it */
  write(packet: Uint8Array, kind: PacketKind): boolean {
    this.#port?.write(packet, kind);
    return this.#port !== null;
  }

  #connect(): void {
    this.#port?.setObserver((packet, kind) => {
      const buffer = Buffer.from(packet.buffer, packet.byteOffset, packet.byteLength);
      for (const observer of [...this.#observers]) observer(buffer, kind);
    });
  }
}
