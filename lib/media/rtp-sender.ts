import { nativeAddon } from '../binding/load';
import {
  NativeEventKind,
  type NativeMediaTrack,
  type NativePushedFrame,
  type NativeRtpSender,
  type NativeRtpTransport,
  type NativeSendParameters,
} from '../binding/native-addon';
import { RtpStream } from './rtp-stream';

/** What one RTCRtpSender sends over one transport. */
export class RtpSender extends RtpStream<NativeSendParameters, NativeRtpSender> {
  /** The peer asks for a keyframe; '' without rid. */
  onkeyframerequest: ((rid: string) => void) | null = null;
  /** Of frames that are pushed: the next one should be a key frame; '' without rid. */
  onsourcekeyframewanted: ((rid: string) => void) | null = null;
  readonly #kind: 'audio' | 'video';
  #track: NativeMediaTrack | 'ended' | null = null;

  constructor(transport: NativeRtpTransport, kind: 'audio' | 'video') {
    super(new (nativeAddon().RtpSender)(transport, kind));
    this.#kind = kind;
  }

  setTrack(track: NativeMediaTrack | null): void {
    if (track === this.#track) return;
    this.#track = track;
    this.link.handle.setTrack(track);
  }

  /** It has a track that has ended, whichever: a black picture a second is sent for it, or silence. */
  setEndedTrack(): void {
    if (this.#track === 'ended') return;
    this.#track = 'ended';
    const { VideoSource, AudioSource, MediaTrack } = nativeAddon();
    const Source = this.#kind === 'video' ? VideoSource : AudioSource;
    const source = new Source({ type: 'program', reportsDemand: false });
    const track = new MediaTrack(source);
    track.end();
    this.link.handle.setTrack(track);
    track.close();
    source.close();
  }

  /** Whether frames come by {@link pushFrame}, and not from a track. */
  setPushed(pushed: boolean): void {
    this.link.handle.setPushed(pushed);
  }

  pushFrame(frame: NativePushedFrame): void {
    this.link.handle.pushFrame(frame);
  }

  playTone(tone: string, duration: number): void {
    this.link.handle.playTone(tone, duration);
  }

  requestKeyFrame(rids: readonly string[]): void {
    this.link.handle.requestKeyFrame([...rids]);
  }

  /** @param takesKeyFrameRequests the encoder does not follow them by itself */
  setFrameTap(active: boolean, takesKeyFrameRequests: boolean): void {
    this.link.handle.setFrameTap(active, takesKeyFrameRequests);
  }

  protected override receive(kind: number, number: number, value: unknown): void {
    if (kind === NativeEventKind.KeyFrameRequest) {
      (number === 1 ? this.onsourcekeyframewanted : this.onkeyframerequest)?.(value as string);
    } else {
      super.receive(kind, number, value);
    }
  }
}
