import { nativeAddon } from '../binding/load';
import {
  NativeEventKind,
  type NativeEncodedFrame,
  type NativeMediaTrack,
  type NativePushedFrame,
  type NativeRtpSender,
  type NativeRtpTransport,
  type NativeSendParameters,
} from '../binding/native-addon';
import { NativeLink } from '../transport/native-link';

/** What one RTCRtpSender sends over one transport. */
export class RtpSender {
  /** Coded frames on their way through JavaScript, while a tap is set. */
  onframe: ((frame: NativeEncodedFrame) => void) | null = null;
  /** The peer asks for a keyframe; '' without rid. */
  onkeyframerequest: ((rid: string) => void) | null = null;
  /** Of frames that are pushed: the next one should be a key frame; '' without rid. */
  onsourcekeyframewanted: ((rid: string) => void) | null = null;
  /** While a packet tap is set. */
  onpacket: ((packet: Uint8Array, isRtcp: boolean) => void) | null = null;
  readonly #link: NativeLink<NativeRtpSender>;
  #parameters = '';
  #track: NativeMediaTrack | null = null;

  constructor(transport: NativeRtpTransport, kind: 'audio' | 'video') {
    this.#link = new NativeLink(new (nativeAddon().RtpSender)(transport, kind), (eventKind, number, value) => {
      if (eventKind === NativeEventKind.RtpPacket) this.onpacket?.(new Uint8Array(value as ArrayBuffer), number === 1);
      else if (eventKind === NativeEventKind.EncodedFrame) this.onframe?.(value as NativeEncodedFrame);
      else if (eventKind === NativeEventKind.KeyFrameRequest) {
        (number === 1 ? this.onsourcekeyframewanted : this.onkeyframerequest)?.(value as string);
      }
    });
  }

  get id(): number {
    return this.#link.handle.id;
  }

  /** Told to the engine only when something has changed. */
  configure(parameters: NativeSendParameters): void {
    const text = JSON.stringify(parameters);
    if (text === this.#parameters) return;
    this.#parameters = text;
    this.#link.handle.configure(parameters);
  }

  setTrack(track: NativeMediaTrack | null): void {
    if (track === this.#track) return;
    this.#track = track;
    this.#link.handle.setTrack(track);
  }

  /** Whether frames come by {@link pushFrame}, and not from a track. */
  setPushed(pushed: boolean): void {
    this.#link.handle.setPushed(pushed);
  }

  pushFrame(frame: NativePushedFrame): void {
    this.#link.handle.pushFrame(frame);
  }

  playTone(tone: string, duration: number): void {
    this.#link.handle.playTone(tone, duration);
  }

  requestKeyFrame(rids: readonly string[]): void {
    this.#link.handle.requestKeyFrame([...rids]);
  }

  /** @param takesKeyFrameRequests the encoder does not follow them by itself */
  setFrameTap(active: boolean, takesKeyFrameRequests: boolean): void {
    this.#link.handle.setFrameTap(active, takesKeyFrameRequests);
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
