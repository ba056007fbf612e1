/** Which transports the applied descriptions ask for. Sections with the same local ICE credentials share one. */
import type { Candidate } from '../sdp/attributes/candidate';
import type { Fingerprint } from '../sdp/attributes/dtls';
import { candidateText } from '../sdp/attributes/ice';
import { isDataChannelFormat, maxMessageSizeOf, sctpPortOf } from '../sdp/attributes/sctp';
import type {
  DtlsRole,
  IceRole,
  JsepDescription,
  JsepSctp,
  JsepSession,
  JsepTransport,
  NegotiatedState,
  RemoteIceParameters,
} from './jsep-types';
import {
  analysisOf,
  candidatesIn,
  hasAllCandidates,
  sameIce,
  transportSection,
  type Analysis,
  type Section,
} from './section';

export const DEFAULT_SCTP_PORT = 5000;

/** Candidates of the same generation; what is known already is not added again. */
export function mergeCandidates(known: readonly Candidate[], more: readonly Candidate[]): readonly Candidate[] {
  const texts = new Set(known.map(candidateText));
  const added = more.filter((candidate) => {
    const text = candidateText(candidate);
    if (texts.has(text)) return false;
    texts.add(text);
    return true;
  });
  return added.length === 0 ? known : [...known, ...added];
}

interface TransportDraft {
  transports: JsepTransport[];
  nextTransport: number;
}

/** Finds the transport that served the sections until now, each at most once. */
class ExistingTransports {
  readonly #left: Set<JsepTransport>;

  constructor(transports: readonly JsepTransport[]) {
    this.#left = new Set(transports);
  }

  take(mids: readonly string[]): JsepTransport | null {
    const candidates = [...this.#left];
    const found =
      candidates.find((transport) => transport.mid === mids[0]) ??
      candidates.find((transport) => transport.mids.some((mid) => mids.includes(mid))) ??
      null;
    if (found !== null) this.#left.delete(found);
    return found;
  }

  get rest(): JsepTransport[] {
    return [...this.#left];
  }
}

/** The transport that a BUNDLE group was negotiated on: what comes new joins it. */
export function negotiatedBundle(session: JsepSession): JsepTransport | null {
  const groups = [session.currentLocal, session.currentRemote].map((description) =>
    description === null ? [] : analysisOf(description).bundleGroups.flat(),
  );
  const isBundled = (mid: string): boolean => groups.every((mids) => mids.includes(mid));
  return session.stable.transports.find(({ mids }) => mids.some(isBundled)) ?? null;
}

/** The negotiated transport that a section of our next offer uses; null: one of its own, or that of the tagged section. */
export function negotiatedTransport(session: JsepSession, mid: string): JsepTransport | null {
  return session.stable.transports.find(({ mids }) => mids.includes(mid)) ?? negotiatedBundle(session);
}

/**
 * The transport of a section of the peer's offer, as far as it is there: its own, or that of the group in use to which it was
 * added (https://www.rfc-editor.org/rfc/rfc9143#section-7.5).
 */
export function offeredTransport(session: JsepSession, mid: string): JsepTransport | null {
  const own = session.transports.find(({ mids }) => mids.includes(mid));
  if (own !== undefined || session.pendingRemote === null) return own ?? null;
  const group = analysisOf(session.pendingRemote).bundleGroups.find((mids) => mids.includes(mid)) ?? [];
  const bundle = negotiatedBundle(session);
  return bundle?.mids.some((other) => group.includes(other)) === true ? bundle : null;
}

/** The live sections of a local offer, grouped by transport, those that carry candidates first. */
export function groupsOfLocalOffer(session: JsepSession, offer: JsepDescription): Section[][] {
  const groups = new Map<string, Section[]>();
  let tagged: Section[] | null = null;
  for (const section of analysisOf(offer).byTag) {
    if (!section.isLive || section.ice === null) continue;
    const negotiated = negotiatedTransport(session, section.mid);
    const key = negotiated === null ? `mid ${section.mid}` : `id ${negotiated.id}`;
    const group: Section[] = (section.isBundleOnly && negotiated === null ? tagged : null) ?? groups.get(key) ?? [];
    tagged ??= group;
    group.push(section);
    if (group.length === 1) groups.set(key, group);
  }
  return [...groups.values()];
}

/** After a local offer: its transports gather; what the peer said before stays in force until the answer. */
export function transportsOfLocalOffer(session: JsepSession, offer: JsepDescription): TransportDraft {
  const existing = new ExistingTransports(session.transports);
  let { nextTransport } = session;
  const transports: JsepTransport[] = [];
  for (const sections of groupsOfLocalOffer(session, offer)) {
    const carrier = sections[0]!;
    const mids = sections.map(({ mid }) => mid);
    const found = existing.take(mids);
    if (found !== null) {
      transports.push({ ...found, mid: carrier.mid, mids, localIce: carrier.ice! });
      continue;
    }
    transports.push({
      id: `transport-${nextTransport}`,
      mid: carrier.mid,
      mids,
      localIce: carrier.ice!,
      remoteIce: null,
      remoteCandidates: [],
      remoteEndOfCandidates: false,
      iceRole: session.iceRole ?? 'controlling',
      dtlsRole: null,
      remoteFingerprints: [],
      remoteTlsId: null,
    });
    nextTransport += 1;
  }
  // What an earlier version of this offer made goes; what was negotiated stays until the answer.
  const negotiated = new Set(session.stable.transports.map((transport) => transport.id));
  transports.push(...existing.rest.filter((transport) => negotiated.has(transport.id)));
  return { transports, nextTransport };
}

/**
 * The one that offers first controls, for good, unless one of both is lite
 * (https://www.rfc-editor.org/rfc/rfc8445#section-6.1.1).
 */
export function iceRoleOf({ options, iceRole }: JsepSession, remote: JsepDescription, isOfferer: boolean): IceRole {
  if (options.isIceLite === true) return 'controlled';
  if (analysisOf(remote).isIceLite) return 'controlling';
  return iceRole ?? (isOfferer ? 'controlling' : 'controlled');
}

function liveInBoth(offer: Analysis, answer: Analysis): (mid: string) => boolean {
  return (mid) => offer.byMid.get(mid)?.isLive === true && answer.byMid.get(mid)?.isLive === true;
}

/** Candidates and their end for one transport, out of the sections of the remote description that use it. */
function remoteCandidatesOf(
  remote: JsepDescription,
  mids: readonly string[],
  remoteIce: RemoteIceParameters,
): { candidates: Candidate[]; end: boolean } {
  const candidates: Candidate[] = [];
  let end = false;
  for (const mid of mids) {
    const section = analysisOf(remote).byMid.get(mid);
    if (section === undefined || !sameIce(section.ice, remoteIce)) continue;
    end ||= hasAllCandidates(remote, section);
    for (const candidate of candidatesIn(remote, section)) {
      const { usernameFragment } = candidate;
      if (usernameFragment === undefined || usernameFragment === remoteIce.usernameFragment) candidates.push(candidate);
    }
  }
  return { candidates, end };
}

/** Takes over candidates of the generation that the transport already uses (from a remote offer, before its answer). */
export function withRemoteCandidates(transport: JsepTransport, description: JsepDescription): JsepTransport {
  if (transport.remoteIce === null) return transport;
  const { candidates, end } = remoteCandidatesOf(description, transport.mids, transport.remoteIce);
  const remoteCandidates = mergeCandidates(transport.remoteCandidates, candidates);
  const remoteEndOfCandidates = transport.remoteEndOfCandidates || end;
  if (remoteCandidates === transport.remoteCandidates && remoteEndOfCandidates === transport.remoteEndOfCandidates) {
    return transport;
  }
  return { ...transport, remoteCandidates, remoteEndOfCandidates };
}

/** After an answer or provisional answer, of either side. */
export function transportsOfAnswer(
  session: JsepSession,
  local: JsepDescription,
  remote: JsepDescription,
  answer: JsepDescription,
): TransportDraft {
  const isOfferer = answer === remote;
  const localAnalysis = analysisOf(local);
  const remoteAnalysis = analysisOf(remote);
  const answerAnalysis = isOfferer ? remoteAnalysis : localAnalysis;
  const isLive = liveInBoth(localAnalysis, remoteAnalysis);

  const groups = answerAnalysis.bundleGroups.map((mids) => mids.filter(isLive)).filter((mids) => mids.length > 0);
  const bundled = new Set(groups.flat());
  for (const { mid } of answerAnalysis.sections) if (isLive(mid) && !bundled.has(mid)) groups.push([mid]);

  const existing = new ExistingTransports(session.transports);
  const iceRole = iceRoleOf(session, remote, isOfferer);
  let { nextTransport } = session;
  const transports: JsepTransport[] = [];
  for (const mids of groups) {
    const mid = mids[0]!;
    const localSection = transportSection(localAnalysis, mid);
    const remoteSection = transportSection(remoteAnalysis, mid);
    const answerSection = isOfferer ? remoteSection : localSection;
    // Sections that nobody has a use for (unknown protocols) carry no transport.
    if (localSection?.ice == null || remoteSection?.ice == null || answerSection === null) continue;
    const found = existing.take(mids);
    const { usernameFragment, password } = remoteSection.ice;
    const remoteIce = { usernameFragment, password, iceLite: remoteAnalysis.isIceLite };
    const keepsGeneration = found !== null && sameIce(found.remoteIce, remoteIce);
    const { candidates, end } = remoteCandidatesOf(remote, [remoteSection.mid, ...mids], remoteIce);
    const answererRole: DtlsRole = answerSection.setup === 'passive' ? 'server' : 'client';
    const describedRole: DtlsRole = isOfferer ? (answererRole === 'client' ? 'server' : 'client') : answererRole;
    // Firefox answers `active` to each restart of ICE, and pion to each offer, whatever their role is, and both go on
    // with the association that they have.
    const keepsRole =
      isOfferer &&
      found?.dtlsRole != null &&
      found.remoteTlsId === null &&
      remoteSection.tlsId === null &&
      sameFingerprints(found.remoteFingerprints, remoteSection.fingerprints);
    transports.push({
      id: found?.id ?? `transport-${nextTransport}`,
      mid,
      mids,
      localIce: localSection.ice,
      remoteIce,
      remoteCandidates: mergeCandidates(keepsGeneration ? found.remoteCandidates : [], candidates),
      remoteEndOfCandidates: end || (keepsGeneration && found.remoteEndOfCandidates),
      iceRole,
      dtlsRole: keepsRole ? found.dtlsRole : describedRole,
      remoteFingerprints: remoteSection.fingerprints,
      remoteTlsId: remoteSection.tlsId,
    });
    if (found === null) nextTransport += 1;
  }
  // The final answer may still want the other transports that were offered.
  if (answer.type === 'pranswer') transports.push(...existing.rest);
  return { transports, nextTransport };
}

/** Whether two descriptions show the same certificates. */
export function sameFingerprints(a: readonly Fingerprint[], b: readonly Fingerprint[]): boolean {
  if (a === b) return true;
  const key = ({ algorithm, value }: Fingerprint): string => `${algorithm} ${value}`;
  const [ours, theirs] = [new Set(a.map(key)), new Set(b.map(key))];
  return ours.size === theirs.size && [...ours].every((each) => theirs.has(each));
}

/** The section in use for data channels: the first one that both accept. */
export function dataSectionOf(description: JsepDescription): Section | null {
  return (
    analysisOf(description).sections.find(
      (section) =>
        section.isLive && section.isData && isDataChannelFormat(section.media) && sctpPortOf(section.media) !== 0,
    ) ?? null
  );
}

export function sctpOf(
  transports: NegotiatedState['transports'],
  local: JsepDescription,
  remote: JsepDescription,
): JsepSctp | null {
  const localSection = dataSectionOf(local);
  const remoteSection = localSection === null ? undefined : analysisOf(remote).byMid.get(localSection.mid);
  if (localSection === null || remoteSection === undefined || !remoteSection.isLive || !remoteSection.isData)
    return null;
  const transport = transports.find(({ mids }) => mids.includes(localSection.mid));
  if (transport === undefined) return null;
  return {
    mid: localSection.mid,
    transportId: transport.id,
    localPort: sctpPortOf(localSection.media) ?? DEFAULT_SCTP_PORT,
    remotePort: sctpPortOf(remoteSection.media) ?? DEFAULT_SCTP_PORT,
    remoteMaxMessageSize: maxMessageSizeOf(remoteSection.media),
  };
}
