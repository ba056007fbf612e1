import type { NativeCertificate, NativeCertificateOptions } from './certificate';
import type { NativeDtlsTransport } from './dtls';
import type { NativeDispatcher } from './events';
import type { NativeIceOptions, NativeIceParameters, NativeIceTransport, NativeIceUdpPort } from './ice';
import type {
  NativeAudioShape,
  NativeAudioSource,
  NativeMediaTrack,
  NativeSinkConstructor,
  NativeSourceOptions,
  NativeVideoShape,
  NativeVideoSource,
} from './media';
import type { NativeMediaCapabilities } from './rtp-capabilities';
import type { NativeRtpReceiver, NativeRtpSender, NativeRtpTransport } from './rtp-streams';
import type { NativeSctpAssociation, NativeSctpOptions } from './sctp';

/** Version of this contract; native/addon/addon.cc states the same number. */
export const NATIVE_CONTRACT_VERSION = 9;

/** Four octets a pixel, in the order of memory. */
export type NativeRgbFormat = 'RGBA' | 'RGBX' | 'BGRA' | 'BGRX';

export interface NativeAddon {
  /** Version of this contract; load.ts refuses another. */
  readonly contractVersion: number;
  readonly versions: { openssl: string; usrsctp: string };
  /** Must be called once per loading of the package in an environment; a later call replaces the dispatcher. */
  setDispatcher(dispatch: NativeDispatcher): void;
  /** `now`: what it is in milliseconds since the Unix epoch, by the clock in which times are to be told from now on. */
  setClock(now: number): void;
  /** The environment's event queue holds the process open while `active` is true. Idempotent. */
  setKeepAlive(active: boolean): void;
  /**
   * What the first transport does by itself. Throws where the system refuses a thread or descriptors; once it has not,
   * none of this environment's transports will.
   */
  startNetwork(): void;
  /** Live transport handles in this environment, for leak tests. */
  liveHandles(): number;
  /** native/media/codec_registry.h; the same at each call. */
  mediaCapabilities(): { audio: NativeMediaCapabilities; video: NativeMediaCapabilities };
  generateCertificate(options: NativeCertificateOptions, requestId: number): void;
  /** Throws an Error whose message says what is wrong with the PEM. */
  certificateFromPem(certificatePem: string, privateKeyPem: string): NativeCertificate;
  IceTransport: new (options: NativeIceOptions, local: NativeIceParameters) => NativeIceTransport;
  /** `options`: those members that say where to listen; `portRangeBegin` is the port, 0: a free one. */
  IceUdpPort: new (options: NativeIceOptions) => NativeIceUdpPort;
  DtlsTransport: new (
    ice: NativeIceTransport,
    certificate: NativeCertificate,
    options: { offerSrtp: boolean; verifyFingerprints: boolean },
  ) => NativeDtlsTransport;
  SctpAssociation: new (dtls: NativeDtlsTransport, options: NativeSctpOptions) => NativeSctpAssociation;
  RtpTransport: new (dtls: NativeDtlsTransport) => NativeRtpTransport;
  RtpSender: new (transport: NativeRtpTransport, kind: 'audio' | 'video') => NativeRtpSender;
  /** @param source where received frames go: a program's source of that kind */
  RtpReceiver: new (
    transport: NativeRtpTransport,
    kind: 'audio' | 'video',
    source: NativeVideoSource | NativeAudioSource,
  ) => NativeRtpReceiver;
  VideoSource: new (options: NativeSourceOptions<NativeVideoShape>) => NativeVideoSource;
  AudioSource: new (options: NativeSourceOptions<NativeAudioShape>) => NativeAudioSource;
  MediaTrack: new (source: NativeVideoSource | NativeAudioSource) => NativeMediaTrack;
  /** @param from I420 without padding. @param stride octets from row to row */
  i420ToRgb(
    from: ArrayBuffer | ArrayBufferView,
    width: number,
    height: number,
    format: NativeRgbFormat,
    to: ArrayBuffer | ArrayBufferView,
    stride: number,
    matrix: 'bt601' | 'bt709' | 'bt2020',
    fullRange: boolean,
  ): void;
  /** @param to I420 without padding; BT.601, limited range */
  rgbToI420(
    from: ArrayBuffer | ArrayBufferView,
    width: number,
    height: number,
    format: NativeRgbFormat,
    stride: number,
    to: ArrayBuffer | ArrayBufferView,
  ): void;
  VideoSink: NativeSinkConstructor;
  AudioSink: NativeSinkConstructor;
}
