import { packageScope } from '../binding/async-scope';
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

function generateDefault(): Promise<NativeCertificate> {
  return generateCertificate({
    keyType: 'ecdsa-p256',
    rsaModulusBits: 2048,
    rsaPublicExponent: 65537,
    expiresInMs: DEFAULT_EXPIRES_MS,
  });
}

/** A spare is thrown away when it has lain for longer than this. */
const SPARE_LIFE_MS = 60 * 60 * 1000;
/** Made once the last one was taken, so that the next connection need not wait; null before the first, and meanwhile. */
let spare: Promise<NativeCertificate | null> | null = null;

/** Somebody will ask for a default certificate: the first of a process is begun with, beside what comes before. */
export function expectDefaultCertificate(): void {
  spare ??= generateSpare();
}

/** Whoever asked for one before has nothing to do with it. */
function generateSpare(): Promise<NativeCertificate | null> {
  return packageScope.runInAsyncScope(() => generateDefault().catch(() => null));
}

/**
 * What a connection without certificates of its own uses: ECDSA on P-256 with SHA-256, as every peer takes it. It is nobody
 * else's: who waits at the same time makes another, as peers would take two connections with one fingerprint for the same.
 */
export async function generateDefaultCertificate(): Promise<NativeCertificate> {
  const taken = spare;
  spare = null;
  const made = await taken;
  const isFresh = made !== null && made.expires > Date.now() + DEFAULT_EXPIRES_MS - SPARE_LIFE_MS;
  const certificate = isFresh ? made : await generateDefault();
  spare ??= generateSpare();
  return certificate;
}

/** @throws Error whose message says what is wrong with the PEM */
export function certificateFromPem(certificatePem: string, privateKeyPem: string): NativeCertificate {
  return nativeAddon().certificateFromPem(certificatePem, privateKeyPem);
}
