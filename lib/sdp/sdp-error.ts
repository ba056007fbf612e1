/** Why a text is no session description. The W3C layer makes an RTCError 'sdp-syntax-error' out of it. */
export class SdpError extends Error {
  /** Counted from 1: RTCError.sdpLineNumber. */
  readonly line: number;
  readonly reason: string;
  /** For {@link isSdpError}: `instanceof` fails between realms. */
  readonly isSdpError = true;

  constructor(line: number, reason: string) {
    super(`SDP line ${line}: ${reason}`);
    this.name = 'SdpError';
    this.line = line;
    this.reason = reason;
  }
}

export function isSdpError(value: unknown): value is SdpError {
  return typeof value === 'object' && value !== null && (value as { isSdpError?: unknown }).isSdpError === true;
}
