import { DOMException } from '../dom/realm';
import * as webidl from '../webidl';
import { type RTCErrorInit, toRTCErrorInit } from '../webidl/generated/dictionaries';
import type { RTCErrorDetailType } from '../webidl/generated/enums';

const context = webidl.constructorContext('RTCError');

/**
 * A DOMException that tells what went wrong in WebRTC terms; its name is always 'OperationError'.
 * https://w3c.github.io/webrtc-pc/#rtcerror-interface
 */
export class RTCError extends DOMException {
  static {
    webidl.defineInterface('RTCError', this, (value) => #errorDetail in value);
  }

  readonly #errorDetail: RTCErrorDetailType;
  readonly #sdpLineNumber: number | null;
  readonly #sctpCauseCode: number | null;
  readonly #receivedAlert: number | null;
  readonly #sentAlert: number | null;

  constructor(init: RTCErrorInit, message?: string) {
    webidl.requireArguments(arguments.length, 1, context);
    const details = toRTCErrorInit(init, context);
    const text = message === undefined ? '' : webidl.DOMString(message, context);
    super(text, 'OperationError');
    this.#errorDetail = details.errorDetail;
    this.#sdpLineNumber = details.sdpLineNumber ?? null;
    this.#sctpCauseCode = details.sctpCauseCode ?? null;
    this.#receivedAlert = details.receivedAlert ?? null;
    this.#sentAlert = details.sentAlert ?? null;
  }

  get errorDetail(): RTCErrorDetailType {
    return this.#errorDetail;
  }

  /** With 'sdp-syntax-error': the line, counted from 1. */
  get sdpLineNumber(): number | null {
    return this.#sdpLineNumber;
  }

  /** With 'sctp-failure': the cause code of RFC 9260 section 3.3.10. */
  get sctpCauseCode(): number | null {
    return this.#sctpCauseCode;
  }

  /** With 'dtls-failure': the TLS alert that came from the peer (RFC 8446 section 6). */
  get receivedAlert(): number | null {
    return this.#receivedAlert;
  }

  /** With 'dtls-failure': the TLS alert that was sent to the peer. */
  get sentAlert(): number | null {
    return this.#sentAlert;
  }
}

declare module '../webidl/types' {
  interface InterfaceTypes {
    RTCError: RTCError;
  }
}
