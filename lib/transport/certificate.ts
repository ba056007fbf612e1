import { generateCertificate as generateNative } from '../binding/event-door';
import { nativeAddon } from '../binding/load';
import type { NativeCertificate, NativeCertificateOptions } from '../binding/native-addon';

export type { NativeCertificate, NativeCertificateOptions };

/** Milliseconds a default certificate is valid for: 30 days (webrtc-pc, generateCertificate). */
export const DEFAULT_EXPIRES_MS = 30 * 24 * 60 * 60 * 1000;
/** A generated certificate is valid for at most 365 days. */
export const MAX_EXPIRES_MS = 365 * 24 * 60 * 60 * 1000;

/** Makes key and certificate on another thread; rejects with a plain Error when the system refuses. */
export function generateCertificate(options: NativeCertificateOptions): Promise<NativeCertificate> {
  return generateNative(options);
}

/** What a connection without certificates of its own uses: ECDSA on P-256 with SHA-256, as every peer takes it. */
export function generateDefaultCertificate(): Promise<NativeCertificate> {
  return generateCertificate({
    keyType: 'ecdsa-p256',
    rsaModulusBits: 2048,
    rsaPublicExponent: 65537,
    expiresInMs: DEFAULT_EXPIRES_MS,
  });
}

/** @throws Error whose message says what is wrong with the PEM */
export function certificateFromPem(certificatePem: string, privateKeyPem: string): NativeCertificate {
  return nativeAddon().certificateFromPem(certificatePem, privateKeyPem);
}
