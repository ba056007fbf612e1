/** Applying local and remote descriptions: https://www.rfc-editor.org/rfc/rfc9429#section-5.5 to 5.11 */
import { candidatesOf } from '../sdp/attributes/ice';
import { effectsBetween } from './effects';
import { readDescription, withLocalCandidate } from './description-record';
import { JsepError } from './jsep-error';
import type { DescriptionType, JsepDescription, JsepResult, JsepSession, NegotiatedState } from './jsep-types';
import type { TransceiverView } from './rtp-types';
import { analysisOf, sameIce } from './section';
import { requireNextState } from './signaling-state';
import { sctpOf, transportsOfAnswer, transportsOfLocalOffer, withRemoteCandidates } from './transports';
import { validateAnswerFits, validateOfferFollows, validateRemote } from './validate-description';

function negotiatedOf(session: JsepSession): NegotiatedState {
  const { transports, sctp, media, iceRole } = session;
  return { transports, sctp, media, iceRole };
}

/** Candidates that were gathered after the text had been created still belong into it. */
function withLateCandidates(session: JsepSession, description: JsepDescription): JsepDescription {
  let result = description;
  for (const section of analysisOf(description).sections) {
    if (!section.isLive || section.ice === null) continue;
    for (const earlier of [session.currentLocal, session.pendingLocal]) {
      const source =
        earlier === null
          ? undefined
          : analysisOf(earlier).sections.find((each) => each.isLive && sameIce(each.ice, section.ice));
      if (source === undefined) continue;
      for (const candidate of candidatesOf(source.media)) result = withLocalCandidate(result, section.index, candidate);
      if (source.endOfCandidates) result = withLocalCandidate(result, section.index, null);
    }
  }
  return result;
}

/** Stores an answer or provisional answer and what follows from it. */
function applyAnswer(
  session: JsepSession,
  local: JsepDescription,
  remote: JsepDescription,
  answer: JsepDescription,
  state: JsepSession['signalingState'],
): JsepResult {
  const { transports, nextTransport } = transportsOfAnswer(session, local, remote, answer);
  const isFinal = answer.type === 'answer';
  const isOfferer = answer === remote;
  const negotiated: NegotiatedState = {
    transports,
    sctp: sctpOf(transports, local, remote),
    media: session.media,
    iceRole: session.iceRole ?? (isFinal && transports.length > 0 ? transports[0]!.iceRole : null),
  };
  const effects = effectsBetween(session, negotiated, session.stable);
  const applied = { ...session, ...negotiated, signalingState: state, nextTransport };
  if (!isFinal) {
    return {
      session: isOfferer ? { ...applied, pendingRemote: answer } : { ...applied, pendingLocal: answer },
      effects,
      media: [],
    };
  }
  const numbers = answer.mids.filter((mid) => /^[0-9]{1,9}$/.test(mid)).map(Number);
  return {
    session: {
      ...applied,
      currentLocal: local,
      currentRemote: remote,
      pendingLocal: null,
      pendingRemote: null,
      lastCreatedOffer: '',
      lastCreatedAnswer: '',
      stable: negotiatedOf(applied),
      nextMid: Math.max(session.nextMid, ...numbers.map((number) => number + 1)),
    },
    effects,
    media: [],
  };
}

export function applyLocal(
  session: JsepSession,
  type: DescriptionType,
  sdp: string,
  _transceivers: readonly TransceiverView[],
): JsepResult {
  const state = requireNextState(session.signalingState, 'local', type);
  const created = type === 'offer' ? session.lastCreatedOffer : session.lastCreatedAnswer;
  if (created === '' || sdp !== created) {
    throw new JsepError(
      'InvalidModificationError',
      `The ${type} is not the one that was created last: local descriptions cannot be rewritten`,
    );
  }
  if (type === 'offer') {
    const offer = withLateCandidates(session, readDescription(type, sdp, []));
    validateOfferFollows(session, offer, 'InvalidModificationError');
    const { transports, nextTransport } = transportsOfLocalOffer(session, offer);
    const negotiated = { ...negotiatedOf(session), transports };
    return {
      session: { ...session, ...negotiated, signalingState: state, pendingLocal: offer, nextTransport },
      effects: effectsBetween(session, negotiated, session.stable),
      media: [],
    };
  }
  const offer = session.pendingRemote!;
  const answer = withLateCandidates(session, readDescription(type, sdp, offer.mids));
  validateAnswerFits(offer, answer, 'InvalidModificationError');
  return applyAnswer(session, answer, offer, answer, state);
}

export function applyRemote(
  session: JsepSession,
  type: DescriptionType,
  sdp: string,
  _transceivers: readonly TransceiverView[],
): JsepResult {
  const state = requireNextState(session.signalingState, 'remote', type);
  if (type === 'offer') {
    const offer = readDescription(type, sdp, session.currentRemote?.mids ?? []);
    validateRemote(session, offer);
    validateOfferFollows(session, offer);
    const transports = session.transports.map((transport) => withRemoteCandidates(transport, offer));
    const negotiated = { ...negotiatedOf(session), transports };
    return {
      session: {
        ...session,
        ...negotiated,
        signalingState: state,
        pendingRemote: offer,
        // They belong to transports that stay whatever becomes of the offer.
        stable: { ...session.stable, transports },
      },
      effects: effectsBetween(session, negotiated, session.stable),
      media: [],
    };
  }
  const offer = session.pendingLocal!;
  const answer = readDescription(type, sdp, offer.mids);
  validateRemote(session, answer);
  validateAnswerFits(offer, answer);
  return applyAnswer(session, offer, answer, answer, state);
}
