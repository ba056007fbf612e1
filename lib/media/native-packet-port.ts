import type { RtpReceiver } from './rtp-receiver';
import type { PacketKind, RtpPacketPort } from './rtp-packets';
import type { RtpSender } from './rtp-sender';

/** The packets of one stream object of the engine, while it lives. */
export class NativePacketPort implements RtpPacketPort {
  readonly #stream: RtpSender | RtpReceiver;

  constructor(stream: RtpSender | RtpReceiver) {
    this.#stream = stream;
  }

  setObserver(observer: ((packet: Uint8Array, kind: PacketKind) => void) | null): void {
    this.#stream.onpacket =
      observer &&
      ((packet, isRtcp) => {
        observer(packet, isRtcp ? 'rtcp' : 'rtp');
      });
    this.#stream.setPacketTap(observer !== null);
  }

  write(packet: Uint8Array, kind: PacketKind): void {
    this.#stream.writePacket(packet, kind === 'rtcp');
  }
}
