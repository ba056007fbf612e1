/** https://www.rfc-editor.org/rfc/rfc9429#section-5.7 */
import { effectsBetween } from './effects';
import { JsepError } from './jsep-error';
import type { JsepResult, JsepSession } from './jsep-types';
import { canRollBack, type Side } from './signaling-state';

export function rollback(session: JsepSession, side: Side): JsepResult {
  if (!canRollBack(session.signalingState, side)) {
    throw new JsepError('InvalidStateError', `There is no ${side} offer to roll back in ${session.signalingState}`);
  }
  return {
    session: {
      ...session,
      ...session.stable,
      signalingState: 'stable',
      pendingLocal: null,
      pendingRemote: null,
    },
    effects: effectsBetween(session, session.stable, session.stable),
    media: [],
  };
}
