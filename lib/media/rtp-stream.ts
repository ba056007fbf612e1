import { NativeEventKind, type NativeEncodedFrame, type NativeRtpStream } from '../binding/native-addon';
import { NativeLink } from '../transport/native-link';

/** What RTP senders and receivers have in common: parameters, and taps of frames and packets. */
export abstract class RtpStream<Parameters, Handle extends NativeRtpStream<Parameters>> {
  /** Coded frames on their way through JavaScript, while a tap is set. */
  onframe: ((frame: NativeEncodedFrame) => void) | null = null;
  /** While a packet tap is set. */
  onpacket: ((packet: Uint8Array, isRtcp: boolean) => void) | null = null;
  protected readonly link: NativeLink<Handle>;
  #parameters = '';

  constructor(handle: Handle) {
    this.link = new NativeLink(handle, (kind, number, value) => {
      this.receive(kind, number, value);
    });
  }

  get id(): number {
    return this.link.handle.id;
  }

  /** Told to the engine only when something has changed. */
  configure(parameters: Parameters): void {
    const text = JSON.stringify(parameters);
    if (text === this.#parameters) return;
    this.#parameters = text;
    this.link.handle.configure(parameters);
  }

  /** Negative numbers: as it was. */
  writeFrame(token: number, octets: ArrayBuffer, rtpTimestamp: number, audioLevel: number, captureTime: number): void {
    this.link.handle.writeFrame(token, octets, rtpTimestamp, audioLevel, captureTime);
  }

  setPacketTap(active: boolean): void {
    this.link.handle.setPacketTap(active);
  }

  writePacket(packet: Uint8Array, isRtcp: boolean): void {
    this.link.handle.writePacket(packet, isRtcp);
  }

  close(): void {
    this.link.close();
  }

  protected receive(kind: number, number: number, value: unknown): void {
    if (kind === NativeEventKind.RtpPacket) this.onpacket?.(new Uint8Array(value as ArrayBuffer), number === 1);
    else if (kind === NativeEventKind.EncodedFrame) this.onframe?.(value as NativeEncodedFrame);
  }
}
