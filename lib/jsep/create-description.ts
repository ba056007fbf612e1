/** What offers and answers are built of (RFC 9429 sections 5.2 and 5.3). */
import { attribute } from '../sdp/attributes/attribute-list';
import { serializeFingerprint, type Setup } from '../sdp/attributes/dtls';
import { serializeGroup } from '../sdp/attributes/group';
import { candidateAttribute } from '../sdp/attributes/ice';
import type { MediaDescription } from '../sdp/media-description';
import { serializeSessionDescription } from '../sdp/serialize';
import type { SdpAttribute, SessionDescription } from '../sdp/session-description';
import { DescriptionRecord, NO_ADDRESS, NO_PORT, withDefaultCandidate } from './description-record';
import type { DescriptionType, IceParameters, JsepDescription, JsepSession, LocalParameters } from './jsep-types';
import { analysisOf, candidatesIn, carrierOf, hasAllCandidates, type Section } from './section';
import { DEFAULT_SCTP_PORT } from './transports';

/** What a section tells of its transport. */
export interface SectionTransport {
  readonly ice: IceParameters;
  readonly setup: Setup;
  /** Port 0 until BUNDLE is negotiated: the section has no transport of its own (RFC 9143 section 6). */
  readonly isBundleOnly: boolean;
  /**
   * The tagged section of its BUNDLE group, or alone: candidates stand here, and not in those bundled with it. The mids
   * are those in whose sections they stood before; null: another section carries them.
   */
  readonly candidatesOf: readonly string[] | null;
}

export interface DataSectionOptions {
  /** null: the peer's section had none, so ours has none (RFC 9429 section 5.3.1). */
  readonly mid: string | null;
  readonly protocol: string;
  readonly formats: readonly string[];
  /** The drafts' `a=sctpmap` in place of `a=sctp-port`, towards a peer that offered it. */
  readonly usesSctpMap: boolean;
  readonly transport: SectionTransport;
}

/** All local descriptions in which gathered candidates may stand, the newest first. */
function localDescriptions(session: JsepSession): JsepDescription[] {
  return [session.pendingLocal, session.currentLocal].filter((description) => description !== null);
}

/** `a=candidate` and `a=end-of-candidates` gathered with these credentials so far. */
function gatheredAttributes(session: JsepSession, mids: readonly string[], ice: IceParameters): SdpAttribute[] {
  for (const description of localDescriptions(session)) {
    const section = carrierOf(analysisOf(description), mids, ice);
    if (section === null) continue;
    const attributes = candidatesIn(description, section).map(candidateAttribute);
    if (hasAllCandidates(description, section)) attributes.push(attribute('end-of-candidates'));
    return attributes;
  }
  return [];
}

/** Credentials, fingerprints and role. */
export function transportAttributes(parameters: LocalParameters, transport: SectionTransport): SdpAttribute[] {
  return [
    ...(transport.isBundleOnly ? [attribute('bundle-only')] : []),
    attribute('ice-ufrag', transport.ice.usernameFragment),
    attribute('ice-pwd', transport.ice.password),
    ...parameters.fingerprints.map((fingerprint) => attribute('fingerprint', serializeFingerprint(fingerprint))),
    attribute('setup', transport.setup),
  ];
}

/** A live section with the candidates that belong into it. */
export function sectionOf(
  session: JsepSession,
  transport: SectionTransport,
  media: Pick<MediaDescription, 'kind' | 'protocol' | 'formats' | 'attributes'>,
): MediaDescription {
  const section: MediaDescription = {
    kind: media.kind,
    port: transport.isBundleOnly ? 0 : NO_PORT,
    portCount: null,
    protocol: media.protocol,
    formats: media.formats,
    title: null,
    connections: [NO_ADDRESS],
    linesAfterConnection: [],
    attributes: media.attributes,
  };
  if (transport.candidatesOf === null) return section;
  const gathered = gatheredAttributes(session, transport.candidatesOf, transport.ice);
  const attributes = [...media.attributes, ...gathered];
  return withDefaultCandidate({ ...section, attributes });
}

export function dataSection(
  session: JsepSession,
  parameters: LocalParameters,
  options: DataSectionOptions,
): MediaDescription {
  const { mid, protocol, formats, transport } = options;
  return sectionOf(session, transport, {
    kind: 'application',
    protocol,
    formats,
    attributes: [
      ...(mid === null ? [] : [attribute('mid', mid)]),
      ...transportAttributes(parameters, transport),
      options.usesSctpMap
        ? attribute('sctpmap', `${formats[0]} webrtc-datachannel 1024`)
        : attribute('sctp-port', String(DEFAULT_SCTP_PORT)),
      attribute('max-message-size', String(parameters.maxMessageSize)),
    ],
  });
}

/** Port 0, and nothing that tells of a transport (RFC 9429 sections 5.2.2, 5.3.1). */
export function rejectedSection(
  media: Pick<MediaDescription, 'kind' | 'protocol' | 'formats'>,
  mid: string | null,
): MediaDescription {
  return {
    kind: media.kind,
    port: 0,
    portCount: null,
    protocol: media.protocol,
    formats: media.formats,
    title: null,
    connections: [NO_ADDRESS],
    linesAfterConnection: [],
    attributes: [...(mid === null ? [] : [attribute('mid', mid)]), attribute('inactive')],
  };
}

export interface DescriptionParts {
  readonly type: DescriptionType;
  readonly media: readonly MediaDescription[];
  readonly mids: readonly string[];
  readonly bundleGroups: readonly (readonly string[])[];
  readonly allowsMixedExtensions: boolean;
}

/**
 * Session level around the sections. The version of `o=` goes up by one when anything differs from what was created
 * last, and stays otherwise.
 */
export function finishDescription(
  session: JsepSession,
  { type, media, mids, bundleGroups, allowsMixedExtensions }: DescriptionParts,
): { origin: JsepSession['origin']; created: JsepDescription } {
  const hasMedia = media.some(({ kind, port }) => (kind === 'audio' || kind === 'video') && port !== 0);
  const { sessionId } = session.options;
  const attributes = [
    ...bundleGroups.map((mids) => attribute('group', serializeGroup({ semantics: 'BUNDLE', mids }))),
    ...(allowsMixedExtensions ? [attribute('extmap-allow-mixed')] : []),
    // Of old browsers' time: streams are told of in a=msid. Chromium still writes it.
    ...(hasMedia ? [attribute('msid-semantic', ' WMS *')] : []),
    ...(session.options.isIceLite === true ? [attribute('ice-lite')] : []),
    attribute('ice-options', 'trickle ice2'),
  ];
  // Not a copy: one that is given a member later, as a memo does, has a hidden class of its own in Node.js 20.
  const ofVersion = (sessionVersion: string): SessionDescription => ({
    origin: {
      username: '-',
      sessionId,
      sessionVersion,
      networkType: 'IN',
      addressType: 'IP4',
      unicastAddress: '127.0.0.1',
    },
    sessionName: '-',
    linesAfterName: [],
    connection: null,
    linesAfterConnection: [{ type: 't', value: '0 0' }],
    attributes,
    media,
  });
  const content = serializeSessionDescription(ofVersion('0'));
  const version = content === session.origin.content ? session.origin.version : session.origin.version + 1;
  // The origin comes first: what is found is its version.
  const text = content.replace(` ${sessionId} 0 `, ` ${sessionId} ${version} `);
  return {
    origin: { version, content },
    created: new DescriptionRecord(type, ofVersion(String(version)), text, mids),
  };
}

/** Credentials of a created, perhaps never applied description, so that creating twice gives the same. */
export function proposedIce(created: JsepDescription | null, mid: string): IceParameters | null {
  if (created === null) return null;
  const section: Section | undefined = analysisOf(created).byMid.get(mid);
  return section?.isLive === true ? section.ice : null;
}
