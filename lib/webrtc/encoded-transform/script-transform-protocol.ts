import type { MessagePort } from 'node:worker_threads';
import type { EncodedFrame, WrittenFrame } from '../../media/encoded-frames';
import type { Refusal } from './key-frame-tasks';

/** The one member of the message that takes a transform to its worker; what is behind it is ours alone. */
export const messageKey = 'peerwire.rtctransform';

/** Posted to the worker itself; everything else goes through the port. */
export interface TransformMessage {
  readonly [messageKey]: { readonly options: unknown; readonly port: MessagePort };
}

/** From the connection's thread to the transformer's. */
export type ToTransformer =
  | { readonly type: 'attached'; readonly kind: 'audio' | 'video'; readonly side: 'sender' | 'receiver' }
  | { readonly type: 'frame'; readonly frame: EncodedFrame }
  | { readonly type: 'key-frame-request'; readonly rid: string | undefined }
  | {
      readonly type: 'settled';
      readonly id: number;
      readonly refusal: Refusal | null;
      readonly timestamp?: number | undefined;
    };

/** And back. `read`: frames that scripts have read in all, so that no more than so many are under way. */
export type FromTransformer =
  | { readonly type: 'write'; readonly frame: WrittenFrame; readonly read: number }
  | { readonly type: 'read'; readonly read: number }
  | { readonly type: 'cancelled' }
  | { readonly type: 'generate-key-frame'; readonly id: number; readonly rid: string | undefined }
  | { readonly type: 'send-key-frame-request'; readonly id: number };
