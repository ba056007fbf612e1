/**
 * `a=candidate` (RFC 8839 section 5.1), with the TCP extension (RFC 6544 section 4.5) and the extensions in use
 * (`generation`, `ufrag`, `network-id`, `network-cost`…).
 */
import { isConnectionAddress } from '../network-address';
import { trimSpacesAtEnd } from '../tokens';
import { isRemoteFoundation, isRemoteUsernameFragment } from './ice-chars';

export type CandidateProtocol = 'udp' | 'tcp';
export type CandidateType = 'host' | 'srflx' | 'prflx' | 'relay';
export type CandidateTcpType = 'active' | 'passive' | 'so';

/** One name/value pair behind the fixed fields, in the order of the line. */
export interface CandidateExtension {
  readonly name: string;
  readonly value: string;
}

export interface Candidate {
  /** 1 to 32 ice-chars, or those that are taken from peers, too; empty where a peer has left it out. */
  readonly foundation: string;
  /** 1 to 256; 1 is RTP (and everything multiplexed), 2 is RTCP. */
  readonly component: number;
  readonly protocol: CandidateProtocol;
  /** 0 to 2^32 - 1. */
  readonly priority: number;
  /** An IPv4 or IPv6 address, or a host name (`x.local`). */
  readonly address: string;
  /** 0 to 65535. */
  readonly port: number;
  readonly type: CandidateType;
  readonly relatedAddress?: string;
  readonly relatedPort?: number;
  /** Only with protocol 'tcp'; there it may be missing in old descriptions. */
  readonly tcpType?: CandidateTcpType;
  /** The `ufrag` extension. */
  readonly usernameFragment?: string;
  /** Everything else, `tcptype` and `ufrag` left out. */
  readonly extensions: readonly CandidateExtension[];
}

/**
 * 'unsupported': has the fixed fields, but names a transport or candidate type that is not known, or breaks the grammar where
 * browsers let it pass: in foundation, component, address or extensions. Such a candidate is to be ignored, not refused
 * (RFC 8839 section 5.1): the others of its description are of use.
 */
export type CandidateParseResult =
  | { readonly kind: 'candidate'; readonly candidate: Candidate }
  | { readonly kind: 'unsupported' }
  | { readonly kind: 'malformed'; readonly reason: string };

/** A longer candidate is malformed: each may be echoed into a description. */
export const MAX_CANDIDATE_LENGTH = 2048;

const TOKEN = /^[!#$%&'*+\-.0-9A-Z^_`a-z{|}~]{1,64}$/;
const DIGITS = /^[0-9]{1,10}$/;
/** `byte-string` in RFC 8839; held to visible characters, as the value is written into descriptions. */
const EXTENSION_VALUE = /^[\x21-\x7e\x80-\uffff]*$/;

function parseInteger(text: string | undefined, maximum: number): number | null {
  if (text === undefined || !DIGITS.test(text)) return null;
  const value = Number(text);
  return value <= maximum ? value : null;
}

function malformed(reason: string): CandidateParseResult {
  return { kind: 'malformed', reason };
}

type CandidateTail = Pick<Candidate, 'relatedAddress' | 'relatedPort' | 'tcpType' | 'usernameFragment' | 'extensions'>;

/** What follows the fixed fields; null when it breaks the grammar. */
function parseTail(fields: readonly string[]): CandidateTail | null {
  const extensions: CandidateExtension[] = [];
  const tail: { -readonly [Member in keyof CandidateTail]: CandidateTail[Member] } = { extensions };
  let at = 0;
  if (fields[at] === 'raddr') {
    const value = fields[at + 1];
    if (value === undefined || !isConnectionAddress(value)) return null;
    tail.relatedAddress = value;
    at += 2;
  }
  if (fields[at] === 'rport') {
    const value = parseInteger(fields[at + 1], 65535);
    if (value === null) return null;
    tail.relatedPort = value;
    at += 2;
  }
  for (; at < fields.length; at += 2) {
    const name = fields[at]!;
    const value = fields[at + 1];
    if (name === '' || !EXTENSION_VALUE.test(name)) return null;
    if (value === undefined || !EXTENSION_VALUE.test(value)) return null;
    if (name === 'tcptype' && tail.tcpType === undefined) {
      if (value !== 'active' && value !== 'passive' && value !== 'so') return null;
      tail.tcpType = value;
    } else if (name === 'ufrag' && tail.usernameFragment === undefined) {
      if (!isRemoteUsernameFragment(value)) return null;
      tail.usernameFragment = value;
    } else {
      extensions.push({ name, value });
    }
  }
  return tail;
}

/** As {@link parseCandidate}, but tells why a text is no usable candidate. */
export function parseCandidateResult(text: string): CandidateParseResult {
  if (text.length > MAX_CANDIDATE_LENGTH) return malformed('candidate is too long');
  let body = trimSpacesAtEnd(text.replace(/\r?\n$/, ''));
  if (body.startsWith('a=')) body = body.slice(2);
  if (!body.startsWith('candidate:')) return malformed('candidate does not start with "candidate:"');
  if (/[\r\n]/.test(body)) return malformed('candidate is more than one line');
  const [foundation = '', componentText, transport, priorityText, address, portText, typ, type, ...rest] = body
    .slice('candidate:'.length)
    .split(' ');

  const component = parseInteger(componentText, Infinity);
  if (component === null) return malformed('bad candidate component');
  if (transport === undefined || !TOKEN.test(transport)) return malformed('bad candidate transport');
  const priority = parseInteger(priorityText, 0xffffffff);
  if (priority === null) return malformed('bad candidate priority');
  if (!address) return malformed('candidate has no address');
  const port = parseInteger(portText, 65535);
  if (port === null) return malformed('bad candidate port');
  if (typ !== 'typ' || type === undefined || !TOKEN.test(type)) return malformed('bad candidate type');

  const unsupported: CandidateParseResult = { kind: 'unsupported' };
  const protocol = transport.toLowerCase();
  if (protocol !== 'udp' && protocol !== 'tcp') return unsupported;
  if (type !== 'host' && type !== 'srflx' && type !== 'prflx' && type !== 'relay') return unsupported;
  // Cameras of Google's (Nest) leave it empty, and Chromium takes it: all of theirs have the same one then.
  if (foundation !== '' && !isRemoteFoundation(foundation)) return unsupported;
  if (component < 1 || component > 256) return unsupported;
  const tail = parseTail(rest);
  if (tail === null || !isConnectionAddress(address)) return unsupported;
  return { kind: 'candidate', candidate: { foundation, component, protocol, priority, address, port, type, ...tail } };
}

/**
 * Reads a candidate attribute, `candidate:…` or `a=candidate:…`; trailing spaces and one line end are passed over.
 * @returns null when it is malformed or unsupported, see {@link CandidateParseResult}
 */
export function parseCandidate(text: string): Candidate | null {
  const result = parseCandidateResult(text);
  return result.kind === 'candidate' ? result.candidate : null;
}

/** Writes `candidate:…`, without `a=` and without line end: other stacks refuse the prefix in a trickled candidate. */
export function serializeCandidate(candidate: Candidate): string {
  let text =
    `candidate:${candidate.foundation} ${candidate.component} ${candidate.protocol} ${candidate.priority} ` +
    `${candidate.address} ${candidate.port} typ ${candidate.type}`;
  if (candidate.relatedAddress !== undefined) text += ` raddr ${candidate.relatedAddress}`;
  if (candidate.relatedPort !== undefined) text += ` rport ${candidate.relatedPort}`;
  if (candidate.tcpType !== undefined) text += ` tcptype ${candidate.tcpType}`;
  for (const { name, value } of candidate.extensions) text += ` ${name} ${value}`;
  if (candidate.usernameFragment !== undefined) text += ` ufrag ${candidate.usernameFragment}`;
  return text;
}
