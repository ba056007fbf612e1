/** ICE attributes other than candidates (RFC 8839). */
import { attribute, attributeValue, attributeValues, hasAttribute, type AttributeOwner } from './attribute-list';
import type { SdpAttribute } from '../session-description';
import { parseCandidate, serializeCandidate, type Candidate } from './candidate';
import { createMemo, remembered } from '../memo';

/** `a=ice-ufrag` of the section, or of the session. */
export function usernameFragmentOf(section: AttributeOwner, session: AttributeOwner): string | null {
  return attributeValue(section, 'ice-ufrag') ?? attributeValue(session, 'ice-ufrag');
}

export function icePasswordOf(section: AttributeOwner, session: AttributeOwner): string | null {
  return attributeValue(section, 'ice-pwd') ?? attributeValue(session, 'ice-pwd');
}

export function iceOptionsOf(owner: AttributeOwner): string[] {
  return attributeValues(owner, 'ice-options').flatMap((value) =>
    value.split(/[ ,]/).filter((option) => option !== ''),
  );
}

export function isIceLite(session: AttributeOwner): boolean {
  return hasAttribute(session, 'ice-lite');
}

/** By identity of the attribute: descriptions that grow by trickled candidates share the attributes they had. */
const readCandidates = createMemo<SdpAttribute, Candidate | null>();

/**
 * The value of a candidate's attribute; equal for candidates with the same content. Cached by identity, as lists of them are
 * compared time and again.
 */
export const candidateText = remembered((candidate: Candidate): string =>
  serializeCandidate(candidate).slice('candidate:'.length),
);

/** The attribute of a candidate, which whoever reads it finds again. */
export function candidateAttribute(candidate: Candidate): SdpAttribute {
  const made = attribute('candidate', candidateText(candidate));
  readCandidates.set(made, candidate);
  return made;
}

function candidateOf(owned: SdpAttribute): Candidate | null {
  let candidate = readCandidates.get(owned);
  if (candidate === undefined) {
    candidate = owned.value === null ? null : parseCandidate(`candidate:${owned.value}`);
    readCandidates.set(owned, candidate);
  }
  return candidate;
}

/** Those of a section that are supported; the parser has refused malformed ones. */
export function candidatesOf(section: AttributeOwner): Candidate[] {
  return section.attributes
    .filter(({ name }) => name === 'candidate')
    .map(candidateOf)
    .filter((candidate) => candidate !== null);
}

/** RFC 8840 section 8.2: at session level it stands for every section. */
export function hasEndOfCandidates(section: AttributeOwner, session: AttributeOwner): boolean {
  return hasAttribute(section, 'end-of-candidates') || hasAttribute(session, 'end-of-candidates');
}
