/** Whether the last created offer or answer still tells the truth. */
import type { DescriptionType, JsepSession, NegotiationNeeds } from './jsep-types';

const TRICKLED: ReadonlySet<string> = new Set(['candidate', 'end-of-candidates']);

/** All that an offer or answer is made of, save what the session decides by itself, as text that can be compared. */
export function inputsOf(session: JsepSession, type: DescriptionType, needs: NegotiationNeeds): string {
  const { pendingRemote, media } = session;
  const places = media.map(({ transceiverId, mid }) => [transceiverId, mid]);
  if (type === 'offer') {
    const { transceivers, hasDataChannels = false, credentialsToReplace = [] } = needs;
    return JSON.stringify([transceivers, hasDataChannels, credentialsToReplace, places]);
  }
  const offer = pendingRemote?.model.media.map((section) => [
    section.kind,
    section.port === 0,
    section.formats,
    section.attributes.filter(({ name }) => !TRICKLED.has(name)),
  ]);
  return JSON.stringify([needs.transceivers, offer, places]);
}

export function lastCreated(session: JsepSession, type: DescriptionType, needs: NegotiationNeeds): string | null {
  const isOffer = type === 'offer';
  const created = isOffer ? session.lastCreatedOffer : session.lastCreatedAnswer;
  if (created === null) return null;
  const inputs = isOffer ? session.lastCreatedInputs.offer : session.lastCreatedInputs.answer;
  return inputs === inputsOf(session, type, needs) ? created.text : null;
}
