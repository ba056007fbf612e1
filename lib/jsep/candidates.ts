/** Trickled candidates, of both sides (RFC 8840, RFC 9429 section 4.1.19). */
import { parseCandidateResult, type Candidate } from '../sdp/attributes/candidate';
import { attributeValue } from '../sdp/attributes/attribute-list';
import { usernameFragmentOf } from '../sdp/attributes/ice';
import { SDP_LIMITS } from '../sdp/limits';
import { withCandidate } from './description-record';
import { effectsBetween } from './effects';
import { JsepError } from './jsep-error';
import type {
  JsepDescription,
  JsepResult,
  JsepSession,
  JsepTransport,
  LocalCandidateResult,
  RemoteCandidateInit,
} from './jsep-types';
import { analysisOf, candidateCount, transportSection, type Section } from './section';
import { mergeCandidates } from './transports';

/** Where a candidate of this generation stands; `transports` are those that the description has made. */
function localPlace(
  description: JsepDescription | null,
  transports: readonly JsepTransport[],
  transportId: string,
  usernameFragment: string,
): Section | null {
  const mids = transports.find(({ id }) => id === transportId)?.mids;
  if (description === null || mids === undefined) return null;
  const isMeant = ({ isLive, mid, ice }: Section): boolean =>
    isLive && mids.includes(mid) && ice?.usernameFragment === usernameFragment;
  return analysisOf(description).byTag.find(isMeant) ?? null;
}

export function addLocalCandidate(
  session: JsepSession,
  transportId: string,
  usernameFragment: string,
  candidate: Candidate | null,
): LocalCandidateResult {
  const { pendingLocal, currentLocal, transports, stable } = session;
  const pending = localPlace(pendingLocal, transports, transportId, usernameFragment);
  const current = localPlace(currentLocal, stable.transports, transportId, usernameFragment);
  const place = pending ?? current;
  if (place === null) return { session, place: null };
  const add = (description: JsepDescription | null, section: Section | null): JsepDescription | null =>
    description === null || section === null
      ? description
      : withCandidate(description, { index: section.index, candidate, isLocal: true });
  const next = { ...session, pendingLocal: add(pendingLocal, pending), currentLocal: add(currentLocal, current) };
  // The end of a generation is told once: it is gathered anew, for nobody, when its restart is rolled back.
  const isTold = pending === null ? next.currentLocal === currentLocal : next.pendingLocal === pendingLocal;
  if (candidate === null && isTold) return { session, place: null };
  return { session: next, place: { sdpMid: attributeValue(place.media, 'mid'), sdpMLineIndex: place.index } };
}

/** Which sections of a remote description an init means; with neither mid nor index, all. */
function sectionsOf(description: JsepDescription, init: RemoteCandidateInit): readonly Section[] {
  const { sections, byMid } = analysisOf(description);
  if (init.sdpMid !== null) {
    const section = byMid.get(init.sdpMid);
    return section === undefined ? [] : [section];
  }
  if (init.sdpMLineIndex !== null) {
    const section = sections[init.sdpMLineIndex];
    return section === undefined ? [] : [section];
  }
  return sections;
}

function fragmentOf(description: JsepDescription, section: Section): string | null {
  const carrier = transportSection(analysisOf(description), section.mid) ?? section;
  return usernameFragmentOf(carrier.media, description.model);
}

/** Whether an init names a section "in remoteDescription whose associated transceiver is stopped". */
function isOfStoppedTransceiver(description: JsepDescription, init: RemoteCandidateInit): boolean {
  if (init.sdpMid === null && init.sdpMLineIndex === null) return false;
  const [section] = sectionsOf(description, init);
  return section !== undefined && section.mediaKind !== null && !section.isLive;
}

/** Whether a generation was that of applied remote descriptions, and is not any more. */
function isOver({ pendingRemote, currentRemote, remoteFragments }: JsepSession, fragment: string): boolean {
  const isInForce = [pendingRemote, currentRemote].some(
    (description) =>
      description !== null && analysisOf(description).sections.some(({ ice }) => ice?.usernameFragment === fragment),
  );
  return !isInForce && remoteFragments.includes(fragment);
}

interface Target {
  readonly description: JsepDescription;
  readonly section: Section;
  readonly usernameFragment: string;
}

/**
 * Sections in the remote descriptions that stand for the candidate's generation. The Recommendation has an error for a ufrag
 * beside the line that "an applied remote description" has not, be it in force or not, and none for one in the line: peers
 * trickle on behind their restart, and nobody handles that.
 */
function targetsOf(session: JsepSession, init: RemoteCandidateInit, wanted: string | null): Target[] {
  const descriptions = [session.pendingRemote, session.currentRemote].filter((each) => each !== null);
  const targets: Target[] = [];
  let isPlaceKnown = false;
  const generations = new Map<number, string>();
  for (const description of descriptions) {
    for (const section of sectionsOf(description, init)) {
      isPlaceKnown = true;
      const usernameFragment = fragmentOf(description, section);
      if (usernameFragment === null) continue;
      if (wanted !== null && usernameFragment !== wanted) continue;
      // Without a ufrag the newest generation is meant; the current description has it too unless the peer restarts.
      const generation = generations.get(section.index) ?? usernameFragment;
      if (generation !== usernameFragment) continue;
      generations.set(section.index, generation);
      targets.push({ description, section, usernameFragment });
    }
  }
  if (!isPlaceKnown && (init.sdpMid !== null || init.sdpMLineIndex !== null)) {
    const place = init.sdpMid !== null ? `mid "${init.sdpMid}"` : `index ${init.sdpMLineIndex}`;
    throw new JsepError('OperationError', `The remote description has no media section with ${place}`);
  }
  if (init.usernameFragment !== null && targets.length === 0 && !isOver(session, init.usernameFragment)) {
    throw new JsepError('OperationError', `No media section of the remote description has the ufrag "${wanted}"`);
  }
  return targets;
}

function addToTransport(
  transport: JsepTransport,
  targets: readonly Target[],
  candidate: Candidate | null,
): JsepTransport {
  const isMeant = targets.some(
    ({ section, usernameFragment }) =>
      transport.mids.includes(section.mid) && transport.remoteIce?.usernameFragment === usernameFragment,
  );
  if (!isMeant) return transport;
  if (candidate === null)
    return transport.remoteEndOfCandidates ? transport : { ...transport, remoteEndOfCandidates: true };
  if (candidate.component !== 1) return transport;
  const remoteCandidates = mergeCandidates(transport.remoteCandidates, [candidate]);
  return remoteCandidates === transport.remoteCandidates ? transport : { ...transport, remoteCandidates };
}

/**
 * A mid is never empty: pion 3 and what is built on it (ion-sfu) have '' in all their candidates, for "see the index", and
 * browsers take it so.
 */
function withoutEmptyMid(init: RemoteCandidateInit): RemoteCandidateInit {
  return init.sdpMid === '' ? { ...init, sdpMid: null, sdpMLineIndex: init.sdpMLineIndex ?? 0 } : init;
}

/** https://w3c.github.io/webrtc-pc/#dom-peerconnection-addicecandidate */
export function addRemoteCandidate(session: JsepSession, given: RemoteCandidateInit): JsepResult {
  const init = withoutEmptyMid(given);
  const hasPlace = init.sdpMid !== null || init.sdpMLineIndex !== null;
  if (init.candidate !== '' && !hasPlace) {
    throw new JsepError('TypeError', 'A candidate needs sdpMid or sdpMLineIndex');
  }
  const remote = session.pendingRemote ?? session.currentRemote;
  if (remote === null) {
    throw new JsepError('InvalidStateError', 'There is no remote description to add a candidate to');
  }
  // Resolved without effect, whatever the candidate: a rejected section has no ufrag that it could have.
  if (isOfStoppedTransceiver(remote, init)) return { session, effects: [], media: [] };
  const read = init.candidate === '' ? null : parseCandidateResult(init.candidate);
  if (read?.kind === 'malformed') {
    // The place is checked first, as the steps of the Recommendation do; both end in the same error.
    throw new JsepError('OperationError', 'The candidate could not be read');
  }
  const candidate = read?.kind === 'candidate' ? read.candidate : null;
  const wanted = init.usernameFragment ?? candidate?.usernameFragment ?? null;
  const targets = targetsOf(session, init, wanted).filter(({ section }) => section.isLive);
  // As in a description.
  if (read?.kind === 'unsupported') return { session, effects: [], media: [] };

  const add = (description: JsepDescription | null): JsepDescription | null => {
    let result = description;
    for (const target of targets) {
      if (result === null || target.description !== description) continue;
      if (candidate !== null && candidateCount(result, target.section) >= SDP_LIMITS.candidates) {
        throw new JsepError('OperationError', `More than ${SDP_LIMITS.candidates} candidates for one media section`);
      }
      result = withCandidate(result, { index: target.section.index, candidate, isLocal: false });
    }
    return result;
  };
  const extend = (transports: readonly JsepTransport[]): readonly JsepTransport[] =>
    transports.map((transport) => addToTransport(transport, targets, candidate));
  const next: JsepSession = {
    ...session,
    pendingRemote: add(session.pendingRemote),
    currentRemote: add(session.currentRemote),
    transports: extend(session.transports),
    stable: { ...session.stable, transports: extend(session.stable.transports) },
  };
  return { session: next, effects: effectsBetween(session, next, session.stable), media: [] };
}
