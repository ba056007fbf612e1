import { nativeAddon } from '../binding/load';
import {
  NativeEventKind,
  type NativeEncodedFrame,
  type NativeAudioSource,
  type NativeReceiveParameters,
  type NativeRtpReceiver,
  type NativeRtpSource,
  type NativeRtpTransport,
  type NativeVideoSource,
} from '../binding/native-addon';
import { NativeLink } from '../transport/native-link';

/** What one RTCRtpReceiver receives over one transport. */
export class RtpReceiver {
  /** Media comes, or has ended: of `unmute` and `mute`. */
  onflow: ((flows: boolean) => void) | null = null;
  /** Coded frames on their way through JavaScript, while a tap is set. */
  onframe: ((frame: NativeEncodedFrame) => void) | null = null;
  /** While a packet tap is set. */
  onpacket: ((packet: Uint8Array, isRtcp: boolean) => void) | null = null;
  readonly #link: NativeLink<NativeRtpReceiver>;
  #parameters = '';

  constructor(transport: NativeRtpTransport, kind: 'audio' | 'video', source: NativeVideoSource | NativeAudioSource) {
    const handle = new (nativeAddon().RtpReceiver)(transport, kind, source);
    this.#link = new NativeLink(handle, (eventKind, number, value) => {
      if (eventKind === NativeEventKind.RtpPacket) this.onpacket?.(new Uint8Array(value as ArrayBuffer), number === 1);
      else if (eventKind === NativeEventKind.RtpReceiverFlow) this.onflow?.(value as boolean);
      else if (eventKind === NativeEventKind.EncodedFrame) this.onframe?.(value as NativeEncodedFrame);
    });
  }

  get id(): number {
    return this.#link.handle.id;
  }

  /** While the connection is active, its events reach the track even where nobody else holds the receiver. */
  hold(active: boolean): void {
    this.#link.hold(active);
  }

  /** Told to the engine only when something has changed. */
  configure(parameters: NativeReceiveParameters): void {
    const text = JSON.stringify(parameters);
    if (text === this.#parameters) return;
    this.#parameters = text;
    this.#link.handle.configure(parameters);
  }

  /** @param target milliseconds; null: as the buffer sees fit */
  setJitterBufferTarget(target: number | null): void {
    this.#link.handle.setJitterBufferTarget(target ?? -1);
  }

  sources(): NativeRtpSource[] {
    return this.#link.handle.sources();
  }

  requestKeyFrame(): void {
    this.#link.handle.requestKeyFrame();
  }

  setFrameTap(active: boolean): void {
    this.#link.handle.setFrameTap(active);
  }

  /** Negative numbers: as it was. */
  writeFrame(token: number, octets: ArrayBuffer, rtpTimestamp: number, audioLevel: number, captureTime: number): void {
    this.#link.handle.writeFrame(token, octets, rtpTimestamp, audioLevel, captureTime);
  }

  setPacketTap(active: boolean): void {
    this.#link.handle.setPacketTap(active);
  }

  writePacket(packet: Uint8Array, isRtcp: boolean): void {
    this.#link.handle.writePacket(packet, isRtcp);
  }

  close(): void {
    this.#link.close();
  }
}
