/** Whether a description of right syntax makes sense, alone and against those before it (RFC 9429 sections 5.8, 5.10, 5.11). */
import { attributeValues, hasAttribute } from '../sdp/attributes/attribute-list';
import { HASH_LENGTHS } from '../sdp/attributes/dtls';
import { directionOf } from '../sdp/attributes/direction';
import { groupsOf } from '../sdp/attributes/group';
import { isRemoteIcePassword, isRemoteUsernameFragment } from '../sdp/attributes/ice-chars';
import { parseMsid } from '../sdp/attributes/msid';
import { JsepError, type JsepErrorName } from './jsep-error';
import type { JsepDescription, JsepSession } from './jsep-types';
import { hasCommonCodec } from './codec-negotiation';
import { extensionsOf } from './header-extensions';
import { codecsOf } from './section-codecs';
import { analysisOf, transportSection, type Analysis, type Section } from './section';

function refuse(message: string, name: JsepErrorName = 'InvalidAccessError'): never {
  throw new JsepError(name, message);
}

/** mids are unique, and BUNDLE groups name each of them at most once and nothing else. */
function validateMids(description: JsepDescription): void {
  const mids = new Set<string>();
  for (const mid of description.mids) {
    if (mids.has(mid)) refuse(`Two media sections have the mid "${mid}"`);
    mids.add(mid);
  }
  const bundled = new Set<string>();
  for (const group of groupsOf(description.model)) {
    if (group.semantics !== 'BUNDLE') continue;
    for (const mid of group.mids) {
      if (!mids.has(mid)) refuse(`A BUNDLE group names the mid "${mid}", which no media section has`);
      if (bundled.has(mid)) refuse(`The mid "${mid}" is bundled twice`);
      bundled.add(mid);
    }
  }
}

function validateTransport(analysis: Analysis, section: Section, type: JsepDescription['type']): void {
  const where = `the media section "${section.mid}"`;
  const carrier = transportSection(analysis, section.mid) ?? section;
  if (carrier.ice === null) refuse(`a=ice-ufrag or a=ice-pwd is missing in ${where}`);
  if (!isRemoteUsernameFragment(carrier.ice.usernameFragment)) {
    refuse(`a=ice-ufrag of ${where} is not 4 to 256 ice-chars`);
  }
  if (!isRemoteIcePassword(carrier.ice.password)) refuse(`a=ice-pwd of ${where} is not 22 to 256 ice-chars`);
  if (carrier.fingerprints.length === 0) refuse(`a=fingerprint with a known hash function is missing in ${where}`);
  for (const { algorithm, value } of carrier.fingerprints) {
    if ((value.length + 1) / 3 !== HASH_LENGTHS.get(algorithm)) refuse(`a=fingerprint of ${where} has a wrong length`);
  }
  const { setup } = carrier;
  if (setup === 'holdconn') refuse(`a=setup:holdconn in ${where}`);
  if (setup === 'actpass' && type !== 'offer') refuse(`a=setup of ${where} is actpass in an answer`);
}

/** RFC 5761 section 4: these payload types cannot be told from RTCP. */
function validateRtp(session: JsepSession, analysis: Analysis, section: Section): void {
  // A bundled section without transport attributes has those of its group's tagged one (RFC 9143 section 7.1.3).
  const carrier = transportSection(analysis, section.mid) ?? section;
  const isMuxed = hasAttribute(section.media, 'rtcp-mux') || hasAttribute(carrier.media, 'rtcp-mux');
  if (!isMuxed && session.options.rtcpMuxPolicy === 'require') {
    refuse(`a=rtcp-mux is missing in the media section "${section.mid}"`);
  }
  const clash = section.media.formats.find((format) => isMuxed && /^(?:6[4-9]|[78][0-9]|9[0-5])$/.test(format));
  if (clash !== undefined) refuse(`The payload type ${clash} cannot be used with rtcp-mux`);
}

/**
 * Sections of a group share one transport, so header extensions mean the same in all of them (RFC 8285 section 5). So should
 * payload types (RFC 9143 section 9), but Firefox numbers the codecs of a section of its own without regard to those that a
 * section of ours brought, gateways those of audio and video each for itself, and Chromium takes it: whose a packet is its
 * MID or SSRC tells.
 */
function validateBundledNumbers({ bundleGroups, byMid }: Analysis): void {
  for (const mids of bundleGroups) {
    const extensions = new Map<number, string>();
    for (const mid of mids) {
      const section = byMid.get(mid)!;
      if (!section.isLive || section.mediaKind === null) continue;
      for (const { id, uri } of extensionsOf(section.media)) {
        if ((extensions.get(id) ?? uri) !== uri)
          refuse(`a=extmap:${id} means different extensions in one BUNDLE group`);
        extensions.set(id, uri);
      }
    }
  }
}

/** Each track is in one section (RFC 8830 section 2). */
function validateMsids({ sections }: Analysis): void {
  const known = new Set<string>();
  for (const { isLive, media, mid } of sections) {
    for (const msid of isLive ? new Set(attributeValues(media, 'msid')) : []) {
      if (parseMsid(msid)?.trackId === '') continue;
      if (known.has(msid)) refuse(`a=msid of the media section "${mid}" occurs in another one, too`, 'OperationError');
      known.add(msid);
    }
  }
}

/** Of a remote description, without those that came before it. */
export function validateRemote(session: JsepSession, description: JsepDescription): void {
  validateMids(description);
  const analysis = analysisOf(description);
  for (const section of analysis.sections) {
    if (!section.isLive) continue;
    // A section that we cannot use (text of T.140) is rejected, whatever transport it would have had.
    if (section.mediaKind !== null) validateRtp(session, analysis, section);
    if (section.mediaKind !== null || section.isData) validateTransport(analysis, section, description.type);
  }
  validateBundledNumbers(analysis);
  validateMsids(analysis);
}

/** Sections in use keep number, order, kind and mid. */
function validateSectionsKept(
  before: readonly Section[],
  isInUse: (section: Section) => boolean,
  offer: JsepDescription,
  errorName: JsepErrorName,
): void {
  const { sections } = analysisOf(offer);
  if (sections.length < before.length) refuse('The offer has fewer media sections than the one before', errorName);
  for (const previous of before) {
    if (!isInUse(previous)) continue;
    const section = sections[previous.index]!;
    if (section.media.kind !== previous.media.kind || section.mid !== previous.mid) {
      refuse(`The media section "${previous.mid}" was replaced while in use`, errorName);
    }
  }
}

/** What was negotiated is kept (RFC 9429 section 5.2.2); a rejected section may be used for something else. */
export function validateOfferFollows(
  session: JsepSession,
  offer: JsepDescription,
  errorName: JsepErrorName = 'InvalidAccessError',
): void {
  if (session.currentLocal === null || session.currentRemote === null) return;
  const [local, remote] = [analysisOf(session.currentLocal), analysisOf(session.currentRemote)];
  const isInUse = ({ index, isLive }: Section): boolean => isLive && remote.sections[index]?.isLive === true;
  validateSectionsKept(local.sections, isInUse, offer, errorName);
  validateBundleKept(session.currentLocal.type === 'answer' ? local : remote, offer, errorName);
}

/**
 * A section in use stays in its BUNDLE group. RFC 9143 section 7.5.3 would let it leave for a transport of its own; as in
 * Chromium, that is not to be had.
 */
function validateBundleKept(answered: Analysis, offer: JsepDescription, errorName: JsepErrorName): void {
  const { byMid, bundleGroups } = analysisOf(offer);
  for (const [tag, ...others] of answered.bundleGroups) {
    if (!byMid.get(tag!)?.isLive) continue;
    const kept = new Set(bundleGroups.find((mids) => mids.includes(tag!)));
    const leaving = others.find((mid) => byMid.get(mid)?.isLive && !kept.has(mid));
    if (leaving !== undefined) refuse(`The media section "${leaving}" leaves its BUNDLE group`, errorName);
  }
}

/**
 * "Validate back-to-back offers as if answers were applied in between" (https://w3c.github.io/webrtc-pc/#set-description): the
 * answer would have accepted all that is offered.
 */
export function validateOfferReplaces({ pendingRemote }: JsepSession, offer: JsepDescription): void {
  if (pendingRemote === null) return;
  validateSectionsKept(analysisOf(pendingRemote).sections, ({ isLive }) => isLive, offer, 'InvalidAccessError');
}

/** An answer has the sections of its offer, and accepts nothing that was not offered. */
export function validateAnswerFits(
  offer: JsepDescription,
  answer: JsepDescription,
  errorName: JsepErrorName = 'InvalidAccessError',
): void {
  const offered = analysisOf(offer);
  const answered = analysisOf(answer);
  if (offered.sections.length !== answered.sections.length) {
    refuse('The answer does not have as many media sections as the offer', errorName);
  }
  const bundled = new Set(answered.bundleGroups.flat());
  // The others of a group have the roles of the tagged one (RFC 9143 section 7.1.3).
  const isTagged = ({ mid }: Section): boolean =>
    !bundled.has(mid) || answered.bundleGroups.some(([tag]) => tag === mid);
  for (const [index, section] of answered.sections.entries()) {
    const counterpart = offered.sections[index]!;
    const where = `The media section "${counterpart.mid}" of the answer`;
    if (section.mid !== counterpart.mid) refuse(`${where} has another mid`, errorName);
    if (section.media.kind !== counterpart.media.kind) refuse(`${where} is of another kind`, errorName);
    if (!section.isLive) continue;
    // Gateways answer with the profile that they have been using all along: any of RTP means the one that was offered.
    const isSameProtocol = section.media.protocol.toUpperCase() === counterpart.media.protocol.toUpperCase();
    if (!isSameProtocol && !(section.isRtp && counterpart.isRtp)) refuse(`${where} has another protocol`, errorName);
    if (counterpart.isBundleOnly && !bundled.has(section.mid)) {
      refuse(`${where} is not bundled, though it was offered as bundle-only`, errorName);
    }
    if (!counterpart.isLive) refuse(`${where} accepts what was rejected in the offer`, errorName);
    if (counterpart.isRtp) validateDirection(offer, counterpart, answer, section, errorName);
    const opposing = counterpart.setup;
    if (isTagged(section) && opposing !== null && opposing !== 'actpass' && section.setup === opposing) {
      refuse(`${where} has the same a=setup as the offer`, errorName);
    }
  }
  for (const group of answered.bundleGroups) {
    const offeredGroup = offered.bundleGroups.find((mids) => mids.includes(group[0]!)) ?? [];
    const allowed = new Set(offeredGroup);
    for (const mid of group) {
      if (!allowed.has(mid)) refuse(`The answer bundles "${mid}" differently from the offer`, errorName);
    }
  }
}

/** Of a remote answer: there is a codec that both have, and identifiers of header extensions are those of the offer. */
export function validateUsable(session: JsepSession, offer: JsepDescription, answer: JsepDescription): void {
  const offered = analysisOf(offer);
  for (const { index, isLive, media, mediaKind } of analysisOf(answer).sections) {
    if (!isLive || mediaKind === null) continue;
    const { codecs } = session.options.capabilities[mediaKind];
    if (!hasCommonCodec(codecs, codecsOf(media))) refuse(`No codec of the answer's media section ${index} is known`);
    const ids = new Map(extensionsOf(offered.sections[index]!.media).map(({ uri, id }) => [uri, id]));
    for (const { uri, id } of extensionsOf(media)) {
      const own = ids.get(uri);
      // A placeholder of the offer is given a number by the answer.
      if (own !== undefined && own !== id && own <= 255) refuse(`The answer changes a=extmap:${own} to ${id}`);
    }
  }
}

function validateDirection(
  offer: JsepDescription,
  offered: Section,
  answer: JsepDescription,
  answered: Section,
  errorName: JsepErrorName,
): void {
  const theirs = directionOf(offered.media, offer.model);
  const ours = directionOf(answered.media, answer.model);
  const sends = ours === 'sendrecv' || ours === 'sendonly';
  const receives = ours === 'sendrecv' || ours === 'recvonly';
  const mayReceive = theirs === 'sendrecv' || theirs === 'sendonly';
  const maySend = theirs === 'sendrecv' || theirs === 'recvonly';
  if ((sends && !maySend) || (receives && !mayReceive)) {
    refuse(`The direction ${ours} does not answer ${theirs} in the media section "${offered.mid}"`, errorName);
  }
}
