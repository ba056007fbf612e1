/** Applying local and remote descriptions: https://www.rfc-editor.org/rfc/rfc9429#section-5.5 to 5.11 */
import { effectsBetween } from './effects';
import { DescriptionRecord, readDescription, withCandidate } from './description-record';
import { extensionsOf } from './header-extensions';
import { JsepError } from './jsep-error';
import type { DescriptionType, JsepDescription, JsepResult, JsepSession, NegotiatedState } from './jsep-types';
import { mediaOfAnswer, mediaOfLocalOffer, mediaOfRemoteOffer } from './media-sections';
import { withBindings } from './number-bindings';
import type { JsepMedia, TransceiverView } from './rtp-types';
import { analysisOf, candidatesIn, carrierOf, hasAllCandidates, type Section } from './section';
import { codecsOf } from './section-codecs';
import { isTakenForCreated } from './rewritten-description';
import { requireNextState } from './signaling-state';
import {
  groupsOfLocalOffer,
  sctpOf,
  transportsOfAnswer,
  transportsOfLocalOffer,
  withRemoteCandidates,
} from './transports';
import {
  validateAnswerFits,
  validateOfferFollows,
  validateOfferReplaces,
  validateRemote,
  validateUsable,
} from './validate-description';

function negotiatedOf(session: JsepSession): NegotiatedState {
  const { transports, sctp, media, payloadTypes, headerExtensions, iceRole } = session;
  return { transports, sctp, media, payloadTypes, headerExtensions, iceRole };
}

/** Candidates that were gathered after the text had been created still belong into it. */
function withLateCandidates(
  session: JsepSession,
  description: JsepDescription,
  groups: readonly (readonly Section[])[],
): JsepDescription {
  let result = description;
  for (const [carrier, ...others] of groups) {
    if (carrier?.ice == null) continue;
    const bundled = [carrier, ...others].map(({ mid }) => mid);
    const before = session.transports.find(({ mids }) => bundled.some((mid) => mids.includes(mid)));
    for (const earlier of [session.currentLocal, session.pendingLocal]) {
      const mids = [...bundled, ...(before?.mids ?? [])];
      if (earlier === null) continue;
      const source = carrierOf(analysisOf(earlier), mids, carrier.ice);
      if (source === null) continue;
      const late = [...candidatesIn(earlier, source), ...(hasAllCandidates(earlier, source) ? [null] : [])];
      for (const candidate of late) result = withCandidate(result, { index: carrier.index, candidate, isLocal: true });
    }
  }
  return result;
}

/** The live sections of an answer, grouped by transport, those that carry candidates first. */
function groupsOfAnswer(answer: JsepDescription): Section[][] {
  const { sections, byMid, bundleGroups } = analysisOf(answer);
  const bundled = bundleGroups.map((mids) => mids.map((mid) => byMid.get(mid)!));
  const inGroups = new Set(bundled.flat());
  const alone = sections.filter((section) => !inGroups.has(section)).map((section) => [section]);
  return [...bundled, ...alone].map((group) => group.filter(({ isLive }) => isLive));
}

/** What payload types and identifiers mean from now on. */
function boundNumbers(
  session: JsepSession,
  descriptions: readonly JsepDescription[],
): Pick<NegotiatedState, 'payloadTypes' | 'headerExtensions'> {
  const media = descriptions.flatMap((description) =>
    analysisOf(description)
      .sections.filter(({ isLive, mediaKind }) => isLive && mediaKind !== null)
      .map((section) => section.media),
  );
  // Sections that say the same have one list.
  const codecs = [...new Set(media.map(codecsOf))].flat();
  return {
    payloadTypes: withBindings(
      session.payloadTypes,
      codecs.map(({ payloadType, meaning }) => ({ number: payloadType, meaning })),
    ),
    headerExtensions: withBindings(
      session.headerExtensions,
      media.flatMap(extensionsOf).map(({ id, uri }) => ({ number: id, meaning: uri })),
    ),
  };
}

/** More than a description has, and than a peer restarts while its candidates are on their way. */
const mostFragments = 256;

function withFragments(known: readonly string[], remote: JsepDescription): readonly string[] {
  const fragments = analysisOf(remote).sections.flatMap(({ ice }) => ice?.usernameFragment ?? []);
  if (fragments.every((fragment) => known.includes(fragment))) return known;
  return [...new Set([...fragments, ...known])].slice(0, mostFragments);
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
  const { media, applied: sections } = mediaOfAnswer(session, local, remote, answer, transports);
  const isFinal = answer.type === 'answer';
  const isOfferer = answer === remote;
  const negotiated: NegotiatedState = {
    transports,
    sctp: sctpOf(transports, local, remote),
    media,
    ...boundNumbers(session, [local, remote]),
    iceRole: session.iceRole ?? (isFinal && transports.length > 0 ? transports[0]!.iceRole : null),
  };
  const effects = effectsBetween(session, negotiated, session.stable);
  const applied = { ...session, ...negotiated, signalingState: state, nextTransport };
  if (!isFinal) {
    return {
      session: isOfferer ? { ...applied, pendingRemote: answer } : { ...applied, pendingLocal: answer },
      effects,
      media: sections,
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
      lastCreatedOffer: null,
      lastCreatedAnswer: null,
      offeredMids: new Map(),
      stable: negotiatedOf(applied),
      nextMid: Math.max(session.nextMid, ...numbers.map((number) => number + 1)),
    },
    effects,
    media: sections,
  };
}

/** What was created last, or what it may be rewritten to. */
function localDescription(session: JsepSession, type: DescriptionType, sdp: string): JsepDescription {
  const created = type === 'offer' ? session.lastCreatedOffer : session.lastCreatedAnswer;
  if (created?.text === sdp) return new DescriptionRecord(type, created.model, sdp, created.mids);
  const begun = session.transports.map(({ localIce }) => localIce);
  // Layers are offered, as libwebrtc had it: an answer does not begin them.
  const isSettled = ({ negotiated }: JsepMedia): boolean => type === 'answer' || negotiated !== null;
  const settled = new Set(session.media.filter(isSettled).map(({ mid }) => mid));
  if (created === null || !isTakenForCreated(created.text, sdp, begun, settled)) {
    throw new JsepError(
      'InvalidModificationError',
      `The ${type} is not the one that was created last: local descriptions cannot be rewritten so`,
    );
  }
  return readDescription(type, sdp, type === 'offer' ? [] : session.pendingRemote!.mids);
}

export function applyLocal(
  session: JsepSession,
  type: DescriptionType,
  sdp: string,
  _transceivers: readonly TransceiverView[],
): JsepResult {
  const state = requireNextState(session.signalingState, 'local', type);
  const created = localDescription(session, type, sdp);
  if (type === 'offer') {
    const offer = withLateCandidates(session, created, groupsOfLocalOffer(session, created));
    validateOfferFollows(session, offer, 'InvalidModificationError');
    const { transports, nextTransport } = transportsOfLocalOffer(session, offer);
    const { media, applied } = mediaOfLocalOffer(session, offer, transports);
    const negotiated = { ...negotiatedOf(session), transports, media };
    return {
      session: { ...session, ...negotiated, signalingState: state, pendingLocal: offer, nextTransport },
      effects: effectsBetween(session, negotiated, session.stable),
      media: applied,
    };
  }
  const offer = session.pendingRemote!;
  const answer = withLateCandidates(session, created, groupsOfAnswer(created));
  validateAnswerFits(offer, answer, 'InvalidModificationError');
  return applyAnswer(session, answer, offer, answer, state);
}

export function applyRemote(
  session: JsepSession,
  type: DescriptionType,
  sdp: string,
  transceivers: readonly TransceiverView[],
): JsepResult {
  const state = requireNextState(session.signalingState, 'remote', type);
  if (type === 'offer') {
    const offer = readDescription(type, sdp, (session.pendingRemote ?? session.currentRemote)?.mids ?? []);
    validateRemote(session, offer);
    validateOfferFollows(session, offer);
    validateOfferReplaces(session, offer);
    const transports = session.transports.map((transport) => withRemoteCandidates(transport, offer));
    const { media, applied, nextRemoteTransceiver } = mediaOfRemoteOffer(session, offer, transports, transceivers);
    const negotiated = { ...negotiatedOf(session), transports, media };
    return {
      session: {
        ...session,
        ...negotiated,
        nextRemoteTransceiver,
        signalingState: state,
        pendingRemote: offer,
        remoteFragments: withFragments(session.remoteFragments, offer),
        // They belong to transports that stay whatever becomes of the offer.
        stable: { ...session.stable, transports },
      },
      effects: effectsBetween(session, negotiated, session.stable),
      media: applied,
    };
  }
  const offer = session.pendingLocal!;
  const answer = readDescription(type, sdp, offer.mids);
  validateRemote(session, answer);
  validateAnswerFits(offer, answer);
  validateUsable(session, offer, answer);
  const remoteFragments = withFragments(session.remoteFragments, answer);
  return applyAnswer({ ...session, remoteFragments }, offer, answer, answer, state);
}
