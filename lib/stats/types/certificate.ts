import { createHash } from 'node:crypto';
import type { NativeCertificate } from '../../binding/native-addon';
import type { RTCCertificateStats } from '../../webidl/generated/stats';
import { certificateStatsId } from '../stats-ids';

/** Base64 of the DER in a PEM text, of its first certificate. */
function base64OfPem(pem: string): string {
  return /-----BEGIN CERTIFICATE-----([^-]*)-----END/.exec(pem)?.[1]?.replace(/\s/g, '') ?? '';
}

function entry(fingerprint: string, base64Certificate: string, timestamp: number): RTCCertificateStats {
  return {
    id: certificateStatsId(fingerprint),
    timestamp,
    type: 'certificate',
    fingerprint,
    fingerprintAlgorithm: 'sha-256',
    base64Certificate,
  };
}

/** https://w3c.github.io/webrtc-stats/#certificatestats-dict* */
export function localCertificateStats(certificate: NativeCertificate, timestamp: number): RTCCertificateStats {
  const fingerprint = certificate.fingerprint('sha-256').value.toUpperCase();
  return entry(fingerprint, base64OfPem(certificate.certificatePem()), timestamp);
}

/** The peer's chain: each points to its issuer. */
export function remoteCertificateStats(chain: readonly ArrayBuffer[], timestamp: number): RTCCertificateStats[] {
  const entries = chain.map((der) => {
    const octets = Buffer.from(new Uint8Array(der));
    const digest = createHash('sha256').update(octets).digest('hex').toUpperCase();
    return entry((digest.match(/../g) ?? []).join(':'), octets.toString('base64'), timestamp);
  });
  return entries.map((each, index) => {
    const issuer = entries[index + 1];
    return issuer ? { ...each, issuerCertificateId: issuer.id } : each;
  });
}
