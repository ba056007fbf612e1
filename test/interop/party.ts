/** One side of a media session, on which the steps of media-steps.ts and flow-steps.ts are taken. */
import type { RTCPeerConnection } from '../../lib';
import type { Message, StepContext } from './media-steps';

export type Step<A extends unknown[], R> = (pc: RTCPeerConnection, context: StepContext, ...args: A) => R | Promise<R>;

export interface Party {
  readonly name: string;
  do<A extends unknown[], R>(step: Step<A, R>, ...args: A): Promise<R>;
  onSend: (message: Message) => void;
  close(): Promise<unknown>;
}
