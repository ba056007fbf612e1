/**
 * What an offer/answer operation failed with, as plain data: the W3C layer makes the DOMException, RTCError or
 * TypeError of the right realm out of it.
 */
export type JsepErrorName =
  /** Wrong signaling state, nothing to answer, description type not allowed now. */
  | 'InvalidStateError'
  /** The local description is not what was created. */
  | 'InvalidModificationError'
  /** The syntax is right and the content is not (missing fingerprint, duplicate mid…). */
  | 'InvalidAccessError'
  /** Could not be applied (unknown mid of a candidate…). */
  | 'OperationError'
  /** RTCError with errorDetail 'sdp-syntax-error'; `sdpLineNumber` is set. */
  | 'sdp-syntax-error'
  | 'TypeError';

/** Never crosses into user code itself. Test it with {@link isJsepError}, as `instanceof` fails between realms. */
export class JsepError extends Error {
  override readonly name: JsepErrorName;
  /** Only with 'sdp-syntax-error': the line, counted from 1. */
  readonly sdpLineNumber: number | null;
  readonly isJsepError = true;

  constructor(name: JsepErrorName, message: string, sdpLineNumber: number | null = null) {
    super(message);
    this.name = name;
    this.sdpLineNumber = sdpLineNumber;
  }
}

export function isJsepError(value: unknown): value is JsepError {
  return typeof value === 'object' && value !== null && (value as { isJsepError?: unknown }).isJsepError === true;
}
