import type { SdpAttribute, SdpConnection, SdpLine } from './session-description';

/** A media section: an `m=` line and what follows it. */
export interface MediaDescription {
  /** `audio`, `video`, `application`, or any other token. */
  readonly kind: string;
  /** 0 to 65535. 0 is a rejected section, or a bundled one that is `bundle-only`. */
  readonly port: number;
  /** The `/2` of `49170/2`; null when there is none. */
  readonly portCount: number | null;
  /** As in the line: `UDP/DTLS/SCTP`. */
  readonly protocol: string;
  /** Payload types, or `webrtc-datachannel`; at least one. */
  readonly formats: readonly string[];
  /** `i=` */
  readonly title: string | null;
  /** Usually none or one. */
  readonly connections: readonly SdpConnection[];
  /** `b= k=` */
  readonly linesAfterConnection: readonly SdpLine[];
  readonly attributes: readonly SdpAttribute[];
}
