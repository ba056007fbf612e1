/** What negotiation looks at in the media sections of a description, read once. */
import { attributeValue, hasAttribute } from '../sdp/attributes/attribute-list';
import { candidatesOf } from '../sdp/attributes/ice';
import type { Candidate } from '../sdp/attributes/candidate';
import { fingerprintsOf, HASH_LENGTHS, setupOf, tlsIdOf, type Fingerprint, type Setup } from '../sdp/attributes/dtls';
import { groupsOf } from '../sdp/attributes/group';
import { hasEndOfCandidates, icePasswordOf, isIceLite, usernameFragmentOf } from '../sdp/attributes/ice';
import { isDataSection } from '../sdp/attributes/sctp';
import type { MediaDescription } from '../sdp/media-description';
import { createMemo } from '../sdp/memo';
import type { SessionDescription } from '../sdp/session-description';
import type { IceParameters, JsepDescription } from './jsep-types';
import type { MediaKind } from './rtp-types';

export interface Section {
  readonly index: number;
  readonly mid: string;
  readonly media: MediaDescription;
  /** Not rejected: it has a port, or is `bundle-only` in a BUNDLE group. */
  readonly isLive: boolean;
  readonly isBundleOnly: boolean;
  readonly isData: boolean;
  /** RTP in one of its profiles. */
  readonly isRtp: boolean;
  /** The kind of an RTP section that we know to use; null for all others. */
  readonly mediaKind: MediaKind | null;
  /** null when one of them is missing. */
  readonly ice: IceParameters | null;
  /** With known hash functions. */
  readonly fingerprints: readonly Fingerprint[];
  readonly setup: Setup | null;
  readonly tlsId: string | null;
  /** As they were applied: see {@link candidatesIn}. */
  readonly appliedCandidates: readonly Candidate[];
  readonly appliedEnd: boolean;
}

export interface Analysis {
  readonly sections: readonly Section[];
  readonly byMid: ReadonlyMap<string, Section>;
  /** In the order in which they may carry a transport: those of BUNDLE groups first, the tagged one before others. */
  readonly byTag: readonly Section[];
  /** The mids of each BUNDLE group that are in the description. */
  readonly bundleGroups: readonly (readonly string[])[];
  readonly isIceLite: boolean;
}

/** Header extensions may be told at session level, for all sections (RFC 8285 section 6). */
function withSessionExtensions(media: MediaDescription, { attributes }: SessionDescription): MediaDescription {
  const ofSession = attributes.filter(({ name }) => name === 'extmap');
  return ofSession.length === 0 ? media : { ...media, attributes: [...ofSession, ...media.attributes] };
}

function analyse(session: SessionDescription, mids: readonly string[]): Analysis {
  const known = new Set(mids);
  const bundleGroups = groupsOf(session)
    .filter((group) => group.semantics === 'BUNDLE')
    .map((group) => group.mids.filter((mid) => known.has(mid)))
    .filter((group) => group.length > 0);
  const bundled = new Set(bundleGroups.flat());
  const sections = session.media.map((written, index): Section => {
    const media = withSessionExtensions(written, session);
    const mid = mids[index]!;
    const usernameFragment = usernameFragmentOf(media, session);
    const password = icePasswordOf(media, session);
    const isBundleOnly = hasAttribute(media, 'bundle-only') && bundled.has(mid);
    const isData = isDataSection(media);
    const isRtp = !isData && /(?:^|\/)RTP\//.test(media.protocol);
    return {
      index,
      mid,
      media,
      isLive: media.port !== 0 || isBundleOnly,
      isBundleOnly,
      isData,
      isRtp,
      mediaKind: isRtp && (media.kind === 'audio' || media.kind === 'video') ? media.kind : null,
      ice: usernameFragment === null || password === null ? null : { usernameFragment, password },
      fingerprints: fingerprintsOf(media, session).filter(({ algorithm }) => HASH_LENGTHS.has(algorithm)),
      setup: setupOf(media, session),
      tlsId: tlsIdOf(media, session),
      appliedCandidates: candidatesOf(media).filter(({ component }) => component === 1),
      appliedEnd: hasEndOfCandidates(media, session),
    };
  });
  const byMid = new Map(sections.map((section) => [section.mid, section]));
  return {
    sections,
    byMid,
    byTag: [...new Set([...bundleGroups.flat().map((mid) => byMid.get(mid)!), ...sections])],
    bundleGroups,
    isIceLite: isIceLite(session),
  };
}

const analyses = createMemo<SessionDescription, Analysis>();

/** Cached by the model, which candidates that are added leave as it is. */
export function analysisOf({ model, mids }: JsepDescription): Analysis {
  let analysis = analyses.get(model);
  if (analysis === undefined) {
    analysis = analyse(model, mids);
    analyses.set(model, analysis);
  }
  return analysis;
}

/** Supported ones of component 1: everything is multiplexed on it. Those that were added are among them. */
export function candidatesIn(
  { trickled }: JsepDescription,
  { index, appliedCandidates }: Section,
): readonly Candidate[] {
  const added = trickled.flatMap((each) =>
    each.index === index && each.candidate?.component === 1 ? [each.candidate] : [],
  );
  return added.length === 0 ? appliedCandidates : [...appliedCandidates, ...added];
}

/** How many {@link candidatesIn} gives, without a list: a peer may ask time and again whether there is room for more. */
export function candidateCount({ trickled }: JsepDescription, { index, appliedCandidates }: Section): number {
  let count = appliedCandidates.length;
  for (const each of trickled) if (each.index === index && each.candidate?.component === 1) count += 1;
  return count;
}

export function hasAllCandidates({ trickled }: JsepDescription, { index, appliedEnd }: Section): boolean {
  return appliedEnd || trickled.some((each) => each.index === index && each.candidate === null);
}

/** The section that carries the transport's attributes for `mid`: its own, or the tagged one of its BUNDLE group. */
export function transportSection(analysis: Analysis, mid: string): Section | null {
  const own = analysis.byMid.get(mid);
  if (own === undefined || own.ice !== null) return own ?? null;
  const group = analysis.bundleGroups.find((mids) => mids.includes(mid)) ?? [];
  for (const other of group) {
    const section = analysis.byMid.get(other);
    if (section !== undefined && section.ice !== null) return section;
  }
  return own;
}

/** The live section in which candidates of a transport stand that has these credentials and serves these mids. */
export function carrierOf(analysis: Analysis, mids: readonly string[], ice: IceParameters): Section | null {
  const carries = ({ isLive, mid, ice: own }: Section): boolean => isLive && mids.includes(mid) && sameIce(own, ice);
  return analysis.byTag.find(carries) ?? null;
}

/**
 * The mid of each section. Where the text has none it is that of the section it follows in `known`, or else the
 * lowest number that nothing uses.
 */
export function resolveMids(model: SessionDescription, known: readonly string[]): string[] {
  const given = model.media.map((media) => attributeValue(media, 'mid'));
  const taken = new Set<string>(known);
  for (const mid of given) if (mid !== null) taken.add(mid);
  const explicit = new Set(given);
  let next = 0;
  return given.map((mid, index) => {
    if (mid !== null) return mid;
    const previous = known[index];
    if (previous !== undefined && !explicit.has(previous)) return previous;
    while (taken.has(String(next))) next += 1;
    taken.add(String(next));
    return String(next);
  });
}

export function sameIce(a: IceParameters | null, b: IceParameters | null): boolean {
  return a?.usernameFragment === b?.usernameFragment && a?.password === b?.password;
}
