/** The state machine of RFC 9429 section 3.2 as a table. 'closed' is a matter of the W3C layer. */
import { JsepError } from './jsep-error';
import type { DescriptionType, SignalingState } from './jsep-types';

export type Side = 'local' | 'remote';

const NEXT_STATE: Readonly<Record<SignalingState, Readonly<Record<string, SignalingState>>>> = {
  stable: { 'local offer': 'have-local-offer', 'remote offer': 'have-remote-offer' },
  'have-local-offer': {
    'local offer': 'have-local-offer',
    'remote pranswer': 'have-remote-pranswer',
    'remote answer': 'stable',
  },
  'have-remote-offer': {
    'remote offer': 'have-remote-offer',
    'local pranswer': 'have-local-pranswer',
    'local answer': 'stable',
  },
  'have-local-pranswer': { 'local pranswer': 'have-local-pranswer', 'local answer': 'stable' },
  'have-remote-pranswer': { 'remote pranswer': 'have-remote-pranswer', 'remote answer': 'stable' },
};

/** null: not allowed in this state. */
export function nextState(state: SignalingState, side: Side, type: DescriptionType): SignalingState | null {
  return NEXT_STATE[state][`${side} ${type}`] ?? null;
}

export function requireNextState(state: SignalingState, side: Side, type: DescriptionType): SignalingState {
  const next = nextState(state, side, type);
  if (next === null) throw new JsepError('InvalidStateError', `Cannot set a ${side} ${type} in state ${state}`);
  return next;
}

/** A rollback cancels an offer and nothing else (RFC 9429 section 4.1.10.2). */
export function canRollBack(state: SignalingState, side: Side): boolean {
  return state === (side === 'local' ? 'have-local-offer' : 'have-remote-offer');
}
