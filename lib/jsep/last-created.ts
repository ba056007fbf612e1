/** Whether the last created offer or answer still tells the truth. */
import type { DescriptionType, JsepSession, NegotiationNeeds } from './jsep-types';

/** All that an offer or answer is made of, save what the session decides by itself, as text that can be compared. */
export function inputsOf(session: JsepSession, type: DescriptionType, needs: NegotiationNeeds): string {
  const { pendingRemote, media } = session;
  const places = media.map(({ transceiverId, mid }) => [transceiverId, mid]);
  if (type === 'offer') {
    const { transceivers, hasDataChannels = false, credentialsToReplace = [] } = needs;
    return JSON.stringify([transceivers, hasDataChannels, credentialsToReplace, places]);
  }
  // As it was applied: candidates that come later are not in it.
  return `${JSON.stringify([needs.transceivers, places])}\n${pendingRemote?.text ?? ''}`;
}

export function lastCreated(session: JsepSession, type: DescriptionType, needs: NegotiationNeeds): string | null {
  const isOffer = type === 'offer';
  const created = isOffer ? session.lastCreatedOffer : session.lastCreatedAnswer;
  if (created === null) return null;
  const inputs = isOffer ? session.lastCreatedInputs.offer : session.lastCreatedInputs.answer;
  return inputs === inputsOf(session, type, needs) ? created.text : null;
}
