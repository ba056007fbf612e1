/** Why a frame could not be decrypted, or encrypted. */
export type SFrameErrorKind = 'syntax' | 'keyID' | 'authentication' | 'replay' | 'exhausted';

/** What SFrame refuses. Nothing of the frame was given out, and nothing of the state has changed. */
export class SFrameError extends Error {
  override readonly name = 'SFrameError';
  readonly kind: SFrameErrorKind;
  /** Of the frame's header, once that could be read. */
  readonly keyId: bigint | null;

  constructor(kind: SFrameErrorKind, message: string, keyId: bigint | null = null) {
    super(message);
    this.kind = kind;
    this.keyId = keyId;
  }
}
