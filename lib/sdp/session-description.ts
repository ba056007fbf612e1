/** The model of a session description (RFC 8866): grammar only, no negotiation. All of it is immutable. */
import type { MediaDescription } from './media-description';

/** One `a=` line. What it means is read by the functions of `attributes/`; unknown ones are kept as they are. */
export interface SdpAttribute {
  readonly name: string;
  /** null for a property attribute (`a=rtcp-mux`); the text behind the colon otherwise, which may be empty. */
  readonly value: string | null;
}

/** `o=` */
export interface SdpOrigin {
  readonly username: string;
  /** Decimal digits: 64 bits do not fit a number. */
  readonly sessionId: string;
  readonly sessionVersion: string;
  readonly networkType: string;
  readonly addressType: string;
  readonly unicastAddress: string;
}

/** `c=` */
export interface SdpConnection {
  readonly networkType: string;
  readonly addressType: string;
  readonly address: string;
}

/** A line that WebRTC gives no meaning to (`i= u= e= p= b= z= k= t= r=`), kept in its place. */
export interface SdpLine {
  readonly type: string;
  readonly value: string;
}

export interface SessionDescription {
  readonly origin: SdpOrigin;
  readonly sessionName: string;
  /** `i= u= e= p=`: what stands between `s=` and `c=`. */
  readonly linesAfterName: readonly SdpLine[];
  readonly connection: SdpConnection | null;
  /** `b= t= r= z= k=`: what stands between `c=` and the attributes. */
  readonly linesAfterConnection: readonly SdpLine[];
  readonly attributes: readonly SdpAttribute[];
  readonly media: readonly MediaDescription[];
}
