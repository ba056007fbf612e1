export interface NativeFingerprint {
  algorithm: string;
  value: string;
}

export interface NativeCertificateOptions {
  keyType: 'ecdsa-p256' | 'rsa';
  rsaModulusBits: number;
  rsaPublicExponent: number;
  expiresInMs: number;
}

/** Not tied to an event queue; garbage collected. */
export interface NativeCertificate {
  readonly expires: number;
  readonly keyType: 'ecdsa-p256' | 'rsa';
  fingerprint(algorithm: 'sha-256' | 'sha-384' | 'sha-512'): NativeFingerprint;
  certificatePem(): string;
  privateKeyPem(): string;
}
