/** Applied descriptions as records: making them, their text, adding candidates to a section. */
import { attribute, hasAttribute } from '../sdp/attributes/attribute-list';
import type { Candidate } from '../sdp/attributes/candidate';
import { candidateAttribute, candidatesOf, candidateText } from '../sdp/attributes/ice';
import { isIpv4Address, isIpv6Address } from '../sdp/network-address';
import type { MediaDescription } from '../sdp/media-description';
import { remembered } from '../sdp/memo';
import { isSdpError } from '../sdp/sdp-error';
import { parseSessionDescription } from '../sdp/parse';
import { serializeSessionDescription } from '../sdp/serialize';
import type { SdpConnection, SessionDescription } from '../sdp/session-description';
import { JsepError } from './jsep-error';
import type { DescriptionType, JsepDescription, TrickledCandidate } from './jsep-types';
import { resolveMids } from './section';

export const NO_ADDRESS: SdpConnection = { networkType: 'IN', addressType: 'IP4', address: '0.0.0.0' };
/** The discard port stands for "no candidate yet" (RFC 9429 section 5.2.1). */
export const NO_PORT = 9;

/** Made new for each change, and never by spreading: the model is behind an accessor, as a closed connection forgets it. */
export class DescriptionRecord implements JsepDescription {
  readonly type: DescriptionType;
  readonly text: string;
  readonly mids: readonly string[];
  readonly trickled: readonly TrickledCandidate[];
  #model: SessionDescription | null;

  /** @param model what the text says */
  constructor(
    type: DescriptionType,
    model: SessionDescription,
    text: string,
    mids: readonly string[],
    trickled: readonly TrickledCandidate[] = [],
  ) {
    this.type = type;
    this.text = text;
    this.mids = mids;
    this.trickled = trickled;
    this.#model = model;
  }

  get model(): SessionDescription {
    return (this.#model ??= parseSessionDescription(this.text));
  }

  forgetModel(): void {
    this.#model = null;
  }
}

/** @throws JsepError 'sdp-syntax-error' */
export function readDescription(type: DescriptionType, text: string, knownMids: readonly string[]): JsepDescription {
  try {
    const model = parseSessionDescription(text);
    return new DescriptionRecord(type, model, text, resolveMids(model, knownMids));
  } catch (error) {
    if (isSdpError(error)) throw new JsepError('sdp-syntax-error', error.message, error.line);
    throw error;
  }
}

const grownText = remembered((description: JsepDescription) => serializeSessionDescription(grownModel(description)));

/** With the candidates that were added: they are written when somebody reads it. Cached by identity. */
export function descriptionText(description: JsepDescription): string {
  return description.trickled.length === 0 ? description.text : grownText(description);
}

/** How a section may have a candidate: in it, its own user name fragment goes without saying. */
function textsOf(candidate: Candidate): string[] {
  if (candidate.usernameFragment === undefined) return [candidateText(candidate)];
  const { usernameFragment: _fragment, ...plain } = candidate;
  return [candidateText(candidate), candidateText(plain)];
}

function hasCandidate({ model, trickled }: JsepDescription, index: number, candidate: Candidate): boolean {
  const texts = textsOf(candidate);
  return (
    trickled.some((each) => each.index === index && each.candidate && texts.includes(candidateText(each.candidate))) ||
    model.media[index]!.attributes.some(({ name, value }) => name === 'candidate' && texts.includes(value ?? ''))
  );
}

function hasEnd({ model, trickled }: JsepDescription, index: number): boolean {
  return (
    trickled.some((each) => each.index === index && each.candidate === null) ||
    hasAttribute(model.media[index]!, 'end-of-candidates')
  );
}

/**
 * Puts a candidate, or the end of them (null), behind the candidates that are there.
 * @returns the same record when it changes nothing
 */
export function withCandidate(description: JsepDescription, added: TrickledCandidate): JsepDescription {
  const { index, candidate } = added;
  const isThere = candidate === null ? hasEnd(description, index) : hasCandidate(description, index, candidate);
  if (isThere) return description;
  const { type, model, text, mids, trickled } = description;
  return new DescriptionRecord(type, model, text, mids, [...trickled, added]);
}

function grownModel({ model, trickled }: JsepDescription): SessionDescription {
  const media = model.media.map((section, index) => {
    const added = trickled.filter((each) => each.index === index);
    return added.length === 0 ? section : grownSection(section, added);
  });
  return { ...model, media };
}

function grownSection(section: MediaDescription, added: readonly TrickledCandidate[]): MediaDescription {
  const candidates = added.map(({ candidate }) => candidate).filter((candidate) => candidate !== null);
  const found = section.attributes.findIndex(({ name }) => name === 'end-of-candidates');
  const at = found < 0 ? section.attributes.length : found;
  const attributes = section.attributes.toSpliced(at, 0, ...candidates.map(candidateAttribute));
  if (candidates.length < added.length) attributes.push(attribute('end-of-candidates'));
  const grown = { ...section, attributes };
  return added.some(({ isLocal, candidate }) => isLocal && candidate !== null) ? withDefaultCandidate(grown) : grown;
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
