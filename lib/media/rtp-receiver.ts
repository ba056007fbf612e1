import { nativeAddon } from '../binding/load';
import {
  NativeEventKind,
  type NativeAudioSource,
  type NativeReceiveParameters,
  type NativeRtpReceiver,
  type NativeRtpSource,
  type NativeRtpTransport,
  type NativeVideoSource,
} from '../binding/native-addon';
import { RtpStream } from './rtp-stream';

/** What one RTCRtpReceiver receives over one transport. */
export class RtpReceiver extends RtpStream<NativeReceiveParameters, NativeRtpReceiver> {
  /** Media comes, or has ended: of `unmute` and `mute`. */
  onflow: ((flows: boolean) => void) | null = null;

  constructor(transport: NativeRtpTransport, kind: 'audio' | 'video', source: NativeVideoSource | NativeAudioSource) {
    super(new (nativeAddon().RtpReceiver)(transport, kind, source));
  }

  /** While the connection is active, its events reach the track even where nobody else holds the receiver. */
  hold(active: boolean): void {
    this.link.hold(active);
  }

  /** @param target milliseconds; null: as the buffer sees fit */
  setJitterBufferTarget(target: number | null): void {
    this.link.handle.setJitterBufferTarget(target ?? -1);
  }

  sources(): NativeRtpSource[] {
    return this.link.handle.sources();
  }

  requestKeyFrame(): void {
    this.link.handle.requestKeyFrame();
  }

  setFrameTap(active: boolean): void {
    this.link.handle.setFrameTap(active);
  }

  protected override receive(kind: number, number: number, value: unknown): void {
    if (kind === NativeEventKind.RtpReceiverFlow) this.onflow?.(value as boolean);
    else super.receive(kind, number, value);
  }
}
