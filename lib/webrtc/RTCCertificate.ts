import { createDOMException } from '../dom/dom-exception';
import {
  certificateFromPem,
  DEFAULT_EXPIRES_MS,
  generateCertificate,
  MAX_EXPIRES_MS,
  type NativeCertificate,
} from '../transport/certificate';
import * as webidl from '../webidl';
import { toRTCCertificateExpiration, type RTCDtlsFingerprint } from '../webidl/generated/dictionaries';
import { normalizeKeygenAlgorithm } from './keygen-algorithm';

/** Friend access for the machinery of lib/webrtc: [[KeyingMaterialHandle]] and [[Certificate]]. */
export let nativeCertificateOf: (certificate: RTCCertificate) => NativeCertificate;

/** https://w3c.github.io/webrtc-pc/#rtccertificate-interface */
export class RTCCertificate {
  static {
    webidl.defineInterface('RTCCertificate', this, (value) => #certificate in value);
    nativeCertificateOf = (certificate) => certificate.#certificate;
  }

  readonly #certificate: NativeCertificate;
  readonly #expires: number;

  constructor(key: webidl.ConstructionKey, certificate: NativeCertificate, expires: number) {
    webidl.requireConstructionKey(key);
    this.#certificate = certificate;
    this.#expires = expires;
  }

  /** Milliseconds since the Unix epoch; afterwards no connection can be constructed with it. */
  get expires(): number {
    return this.#expires;
  }

  getFingerprints(): RTCDtlsFingerprint[] {
    const { algorithm, value } = this.#certificate.fingerprint('sha-256');
    return [{ algorithm, value: value.toLowerCase() }];
  }

  /**
   * Nonstandard. A certificate that was kept elsewhere, so that peers see the same fingerprint again.
   * @param certificatePem PEM; certificates behind the first are its chain
   * @param privateKeyPem unencrypted PEM (PKCS #8, SEC 1 or PKCS #1), ECDSA P-256 or RSA of 2048 bits and more
   * @throws DOMException "InvalidAccessError" that says what is wrong with the PEM
   */
  static fromPem(certificatePem: string, privateKeyPem: string): RTCCertificate {
    const context = webidl.operationContext('fromPem', 'RTCCertificate');
    webidl.requireArguments(arguments.length, 2, context);
    const certificateText = webidl.DOMString(certificatePem, context);
    const keyText = webidl.DOMString(privateKeyPem, context);
    let native: NativeCertificate;
    try {
      native = certificateFromPem(certificateText, keyText);
    } catch (error) {
      throw createDOMException(`${context}: ${messageOf(error)}`, 'InvalidAccessError');
    }
    return new RTCCertificate(webidl.constructionKey, native, native.expires);
  }

  /** Nonstandard. The other way: keep the private key as what it is, a secret. */
  static toPem(certificate: RTCCertificate): { certificate: string; privateKey: string } {
    const context = webidl.operationContext('toPem', 'RTCCertificate');
    webidl.requireArguments(arguments.length, 1, context);
    if (!webidl.isInterface('RTCCertificate', certificate)) {
      throw webidl.conversionError(context, 'This is not an instance of RTCCertificate.');
    }
    const native = certificate.#certificate;
    return { certificate: native.certificatePem(), privateKey: native.privateKeyPem() };
  }
}

/** https://w3c.github.io/webrtc-pc/#dom-rtcpeerconnection-generatecertificate */
export async function generateRTCCertificate(keygenAlgorithm: unknown, context: string): Promise<RTCCertificate> {
  // 1. Let keygenAlgorithm be the first argument.
  // 2. Let expires be a value of 2592000000.
  let expires = DEFAULT_EXPIRES_MS;
  // 3. If keygenAlgorithm is an object:
  if (webidl.isObject(keygenAlgorithm)) {
    // 3.1 – 3.2 Convert it to an RTCCertificateExpiration; errors reject.
    const expiration = toRTCCertificateExpiration(keygenAlgorithm, context);
    // 3.3 – 3.4 At most 365 days.
    expires = Math.min(expiration.expires ?? expires, MAX_EXPIRES_MS);
  }
  // 4. – 6. Normalize the algorithm; NotSupportedError for what makes no certificate here.
  const algorithm = normalizeKeygenAlgorithm(keygenAlgorithm, context);
  // 7. – 8. In parallel, generate key and certificate.
  let native: NativeCertificate;
  try {
    native = await generateCertificate({ ...algorithm, expiresInMs: expires });
  } catch (error) {
    throw createDOMException(`${context}: ${messageOf(error)}`, 'OperationError');
  }
  // 8.4 Set certificate.[[Expires]] to the current time plus expires value.
  return new RTCCertificate(webidl.constructionKey, native, Date.now() + expires);
}

function messageOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : String(error);
}

declare module '../webidl/types' {
  interface InterfaceTypes {
    RTCCertificate: RTCCertificate;
  }
}
