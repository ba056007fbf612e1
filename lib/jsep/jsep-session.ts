/**
 * The offer/answer engine of RFC 9429 (JSEP) as a pure value machine.
 *
 * A {@link JsepSession} is an immutable value. Every function takes one and gives back a new one; nothing here has a
 * handle, a timer or an event, so that giving up a result undoes it. What the caller has to do to the transports is
 * told as {@link JsepEffect}s: plain data, to be carried out in their order after the new session has been stored.
 *
 * Functions throw {@link JsepError} and nothing else; the session given stays as it was.
 *
 * How the W3C layer uses it:
 * - setLocalDescription/setRemoteDescription: `needsImplicitRollback` → `rollback` (store it, fire events), then
 *   `applyLocal` / `applyRemote`, store `result.session`, carry out `result.effects`, fire events.
 * - The description attributes read `session.pendingLocal` etc. through {@link descriptionText}; identity of a
 *   {@link JsepDescription} changes exactly when its text does.
 */
import type { Candidate } from '../sdp/attributes/candidate';
import { iceOptionsOf } from '../sdp/attributes/ice';
import { applyLocal as applyLocalDescription, applyRemote as applyRemoteDescription } from './apply-description';
import { addLocalCandidate as addLocal, addRemoteCandidate as addRemote } from './candidates';
import { createAnswer as makeAnswer } from './create-answer';
import { createOffer as makeOffer } from './create-offer';
import { descriptionText as textOf } from './description-record';
import { JsepError } from './jsep-error';
import type {
  CreatedDescription,
  DescriptionType,
  IceParameters,
  JsepDescription,
  JsepResult,
  JsepSession,
  JsepSessionOptions,
  LocalCandidateResult,
  LocalParameters,
  NegotiatedState,
  NegotiationNeeds,
  RemoteCandidateInit,
} from './jsep-types';
import type { NumberBindings } from './number-bindings';
import { lastCreated as lastCreatedText } from './last-created';
import { rollback as rollBack } from './rollback';
import type { TransceiverView } from './rtp-types';
import { analysisOf } from './section';
import { isNegotiationNeeded as needsNegotiation } from './negotiation-needed';
import { nextState } from './signaling-state';

export { JsepError, isJsepError, type JsepErrorName } from './jsep-error';
export type { Candidate } from '../sdp/attributes/candidate';
export type { Fingerprint } from '../sdp/attributes/dtls';
export type * from './jsep-types';
export type * from './rtp-types';

/** @throws JsepError 'TypeError' for a session id that is no decimal number below 2^63 */
export function createJsepSession(options: JsepSessionOptions): JsepSession {
  if (!/^[0-9]{1,19}$/.test(options.sessionId) || BigInt(options.sessionId) >= 2n ** 63n) {
    throw new JsepError('TypeError', 'The session id is no decimal number below 2^63');
  }
  return sessionOf(options, [], NO_DESCRIPTIONS);
}

/**
 * What is left of a session when its connection is closed: descriptions to look at, as text, and what statistics tell of
 * media. Nothing can be created or applied any more. Programs hold closed connections longer than they know: V8 puts
 * functions written as `connection.onopen = () => …` among its old objects, and those refer to the connection.
 */
export function closedSession(session: JsepSession): JsepSession {
  const { options, media, signalingState, currentLocal, pendingLocal, currentRemote, pendingRemote } = session;
  for (const description of [currentLocal, pendingLocal, currentRemote, pendingRemote]) description?.forgetModel();
  const descriptions = { signalingState, currentLocal, pendingLocal, currentRemote, pendingRemote };
  return sessionOf(options, media, descriptions);
}

const NO_BINDINGS: NumberBindings = new Map();
const NO_MIDS: JsepSession['offeredMids'] = new Map();
const NO_DESCRIPTIONS = {
  signalingState: 'stable',
  currentLocal: null,
  pendingLocal: null,
  currentRemote: null,
  pendingRemote: null,
} as const;

/** Without transports, and with nothing created. */
function sessionOf(
  options: JsepSessionOptions,
  media: JsepSession['media'],
  descriptions: Pick<JsepSession, keyof typeof NO_DESCRIPTIONS>,
): JsepSession {
  const negotiated: NegotiatedState = {
    transports: [],
    sctp: null,
    media,
    payloadTypes: NO_BINDINGS,
    headerExtensions: NO_BINDINGS,
    iceRole: null,
  };
  return {
    // Not spread: V8 takes twenty microseconds and seven kilobytes to add so many members to a copy.
    transports: negotiated.transports,
    sctp: negotiated.sctp,
    media: negotiated.media,
    payloadTypes: negotiated.payloadTypes,
    headerExtensions: negotiated.headerExtensions,
    iceRole: negotiated.iceRole,
    options,
    signalingState: descriptions.signalingState,
    currentLocal: descriptions.currentLocal,
    pendingLocal: descriptions.pendingLocal,
    currentRemote: descriptions.currentRemote,
    pendingRemote: descriptions.pendingRemote,
    remoteFragments: [],
    lastCreatedOffer: null,
    lastCreatedAnswer: null,
    lastCreatedInputs: { offer: '', answer: '' },
    offeredMids: NO_MIDS,
    stable: negotiated,
    origin: { version: 0, content: '' },
    nextTransport: 0,
    nextMid: 0,
    nextRemoteTransceiver: 0,
  };
}

/**
 * RFC 9429 section 5.2. Allowed in stable and have-local-offer.
 * With `hasDataChannels` false and nothing negotiated the offer has no media section.
 * @throws JsepError 'InvalidStateError' in another state
 */
export function createOffer(session: JsepSession, parameters: LocalParameters): CreatedDescription {
  return makeOffer(session, parameters);
}

/**
 * RFC 9429 section 5.3. Allowed in have-remote-offer and have-local-pranswer.
 * @throws JsepError 'InvalidStateError' in another state
 */
export function createAnswer(session: JsepSession, parameters: LocalParameters): CreatedDescription {
  return makeAnswer(session, parameters);
}

/**
 * What setLocalDescription applies when its `sdp` is empty: the last created offer or answer if it still tells the
 * truth, null when the caller has to create one first. (Creating again gives the same text when nothing changed, save
 * that it forgets an ICE restart that was only asked for in createOffer's options.)
 */
export function lastCreated(session: JsepSession, type: DescriptionType, needs: NegotiationNeeds): string | null {
  return lastCreatedText(session, type, needs);
}

/** The type that setLocalDescription() without one implies. */
export function implicitLocalType(session: JsepSession): 'offer' | 'answer' {
  const { signalingState } = session;
  return signalingState === 'have-remote-offer' || signalingState === 'have-local-pranswer' ? 'answer' : 'offer';
}

/** Whether a remote description of this type makes the caller {@link rollback} first (glare). */
export function needsImplicitRollback(session: JsepSession, type: DescriptionType): boolean {
  return type === 'offer' && session.signalingState === 'have-local-offer';
}

/**
 * Whether a description of this type can be applied now; the state machine of RFC 9429 section 3.2.
 * {@link needsImplicitRollback} aside.
 */
export function canApply(session: JsepSession, side: 'local' | 'remote', type: DescriptionType): boolean {
  return nextState(session.signalingState, side, type) !== null;
}

/**
 * RFC 9429 sections 5.5, 5.9.
 * @param sdp must be what createOffer/createAnswer gave last
 * @param transceivers all of the connection, as they are now
 * @throws JsepError 'InvalidStateError', 'InvalidModificationError'
 */
export function applyLocal(
  session: JsepSession,
  type: DescriptionType,
  sdp: string,
  transceivers: readonly TransceiverView[],
): JsepResult {
  return applyLocalDescription(session, type, sdp, transceivers);
}

/**
 * RFC 9429 sections 5.6, 5.8, 5.10, 5.11.
 * @param transceivers all of the connection, in the order of their creation: an offer may take one that addTrack() made
 * @throws JsepError 'InvalidStateError', 'sdp-syntax-error', 'InvalidAccessError'
 */
export function applyRemote(
  session: JsepSession,
  type: DescriptionType,
  sdp: string,
  transceivers: readonly TransceiverView[],
): JsepResult {
  return applyRemoteDescription(session, type, sdp, transceivers);
}

/**
 * RFC 9429 section 5.7.
 * @throws JsepError 'InvalidStateError' when the pending offer is not of this side, in stable, and after a pranswer
 */
export function rollback(session: JsepSession, side: 'local' | 'remote'): JsepResult {
  return rollBack(session, side);
}

/**
 * Adds a gathered candidate to the local descriptions of its generation; null marks the end of candidates.
 * Call it before the event is fired. The default candidate of `m=` and `c=` follows.
 */
export function addLocalCandidate(
  session: JsepSession,
  transportId: string,
  usernameFragment: string,
  candidate: Candidate | null,
): LocalCandidateResult {
  return addLocal(session, transportId, usernameFragment, candidate);
}

/**
 * The steps of addIceCandidate behind "if remoteDescription is null" (included).
 * An empty `candidate` with neither mid nor index ends the candidates of all sections.
 * @throws JsepError 'InvalidStateError' without remote description; 'OperationError' for an unknown mid, index or
 *   ufrag and for a candidate that does not parse; 'TypeError' for a candidate without mid and index
 */
export function addRemoteCandidate(session: JsepSession, init: RemoteCandidateInit): JsepResult {
  return addRemote(session, init);
}

/** The description as text: as applied, with the candidates added since. Cached by identity. */
export function descriptionText(description: JsepDescription): string {
  return textOf(description);
}

/** RTCPeerConnection.canTrickleIceCandidates: null without a remote description. */
export function canTrickleIceCandidates(session: JsepSession): boolean | null {
  const remote = session.pendingRemote ?? session.currentRemote;
  if (remote === null) return null;
  const owners = [remote.model, ...remote.model.media];
  return owners.some((owner) => iceOptionsOf(owner).includes('trickle'));
}

/** All credentials in the current and pending local descriptions. */
export function localIceCredentials(session: JsepSession): readonly IceParameters[] {
  const credentials = new Map<string, IceParameters>();
  for (const description of [session.currentLocal, session.pendingLocal]) {
    if (description === null) continue;
    for (const { ice } of analysisOf(description).sections) {
      if (ice !== null) credentials.set(`${ice.usernameFragment} ${ice.password}`, ice);
    }
  }
  return [...credentials.values()];
}

/**
 * Steps 2 to 6 of https://w3c.github.io/webrtc-pc/#dfn-check-if-negotiation-is-needed: what the descriptions in force say
 * against what the application wants by now.
 */
export function isNegotiationNeeded(session: JsepSession, needs: NegotiationNeeds): boolean {
  return needsNegotiation(session, needs);
}
