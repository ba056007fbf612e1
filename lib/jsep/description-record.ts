/** Applied descriptions as records: making them, their text, adding candidates to a section. */
import { attribute, hasAttribute } from '../sdp/attributes/attribute-list';
import type { Candidate } from '../sdp/attributes/candidate';
import { candidateAttribute, candidatesOf, candidateText } from '../sdp/attributes/ice';
import { isIpv4Address, isIpv6Address } from '../sdp/network-address';
import type { MediaDescription } from '../sdp/media-description';
import { createMemo } from '../sdp/memo';
import { isSdpError } from '../sdp/sdp-error';
import { parseSessionDescription } from '../sdp/parse';
import { serializeSessionDescription } from '../sdp/serialize';
import type { SdpConnection, SessionDescription } from '../sdp/session-description';
import { JsepError } from './jsep-error';
import type { DescriptionType, JsepDescription } from './jsep-types';
import { carryAnalysis, resolveMids } from './section';

export const NO_ADDRESS: SdpConnection = { networkType: 'IN', addressType: 'IP4', address: '0.0.0.0' };
/** The discard port stands for "no candidate yet" (RFC 9429 section 5.2.1). */
export const NO_PORT = 9;

/** @throws JsepError 'sdp-syntax-error' */
export function readDescription(type: DescriptionType, text: string, knownMids: readonly string[]): JsepDescription {
  try {
    const model = parseSessionDescription(text);
    return { type, model, text, mids: resolveMids(model, knownMids) };
  } catch (error) {
    if (isSdpError(error)) throw new JsepError('sdp-syntax-error', error.message, error.line);
    throw error;
  }
}

const texts = createMemo<SessionDescription, string>();

export function descriptionText(description: JsepDescription): string {
  if (description.text !== null) return description.text;
  let text = texts.get(description.model);
  if (text === undefined) {
    text = serializeSessionDescription(description.model);
    texts.set(description.model, text);
  }
  return text;
}

/** Of the section nothing but candidates and the address are others than before. */
function withSection(description: JsepDescription, index: number, section: MediaDescription): JsepDescription {
  const media = description.model.media.with(index, section);
  const result = { ...description, model: { ...description.model, media }, text: null };
  carryAnalysis(description, result, index);
  return result;
}

function sectionWithCandidate(section: MediaDescription, candidate: Candidate | null): MediaDescription {
  if (candidate === null) {
    if (hasAttribute(section, 'end-of-candidates')) return section;
    return { ...section, attributes: [...section.attributes, attribute('end-of-candidates')] };
  }
  const added = candidateAttribute(candidate);
  const same = [added.value];
  if (candidate.usernameFragment !== undefined) {
    // In a section its own user name fragment goes without saying.
    const { usernameFragment: _fragment, ...plain } = candidate;
    same.push(candidateText(plain));
  }
  if (section.attributes.some(({ name, value }) => name === 'candidate' && same.includes(value))) return section;
  const end = section.attributes.findIndex(({ name }) => name === 'end-of-candidates');
  const at = end < 0 ? section.attributes.length : end;
  return { ...section, attributes: section.attributes.toSpliced(at, 0, added) };
}

/**
 * Puts a candidate, or the end of them (null), behind the candidates that are there.
 * @returns the same record when it changes nothing
 */
export function withCandidate(
  description: JsepDescription,
  index: number,
  candidate: Candidate | null,
): JsepDescription {
  const section = description.model.media[index]!;
  const grown = sectionWithCandidate(section, candidate);
  return grown === section ? description : withSection(description, index, grown);
}

const DEFAULT_ORDER = ['relay', 'srflx', 'prflx', 'host'];

/** The candidate that most likely works with a peer that knows no ICE (RFC 8839 section 4.2.1.2): relayed first. */
function defaultCandidate(section: MediaDescription): Candidate | null {
  let best: Candidate | null = null;
  const rank = (candidate: Candidate): number =>
    DEFAULT_ORDER.indexOf(candidate.type) * 2 + (isIpv4Address(candidate.address) ? 0 : 1);
  for (const candidate of candidatesOf(section)) {
    if (candidate.protocol !== 'udp' || candidate.component !== 1) continue;
    if (best === null || rank(candidate) < rank(best)) best = candidate;
  }
  return best;
}

/** In `m=`, `c=` and `a=rtcp`: RTCP is multiplexed. */
function withAddress(section: MediaDescription, port: number, connection: SdpConnection): MediaDescription {
  const { networkType, addressType, address } = connection;
  const rtcp = attribute('rtcp', `${port} ${networkType} ${addressType} ${address}`);
  const attributes = section.attributes.map((each) => (each.name === 'rtcp' ? rtcp : each));
  return { ...section, port, connections: [connection], attributes };
}

/** Writes the default candidate into `m=` and `c=`; a name (mDNS) does not go there. */
export function withDefaultCandidate(section: MediaDescription): MediaDescription {
  const candidate = defaultCandidate(section);
  const isIpv4 = candidate !== null && isIpv4Address(candidate.address);
  if (candidate === null || (!isIpv4 && !isIpv6Address(candidate.address))) {
    return withAddress(section, NO_PORT, NO_ADDRESS);
  }
  const addressType = isIpv4 ? 'IP4' : 'IP6';
  return withAddress(section, candidate.port, { networkType: 'IN', addressType, address: candidate.address });
}

/** As {@link withCandidate}, for a description of ours: `m=` and `c=` follow. */
export function withLocalCandidate(
  description: JsepDescription,
  index: number,
  candidate: Candidate | null,
): JsepDescription {
  const section = description.model.media[index]!;
  const grown = sectionWithCandidate(section, candidate);
  if (grown === section) return description;
  return withSection(description, index, candidate === null ? grown : withDefaultCandidate(grown));
}
