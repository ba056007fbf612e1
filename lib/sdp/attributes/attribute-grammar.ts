/** Which attributes have a grammar that the parser enforces, and what breaks it. */
import { parseCandidateResult } from './candidate';
import { parseFingerprint, parseSetup } from './dtls';
import { parseExtMap } from './extmap';
import { isMid, parseGroup } from './group';
import { parseMsid } from './msid';
import { parseSimulcast } from './rid-simulcast';
import { parseRtcpFeedback } from './rtcp-fb';
import { parseFormatParameters, parseRtpMap } from './rtpmap-fmtp';
import { parseMaxMessageSize, parseSctpMap, parseSctpPort } from './sctp';
import { parseSsrc, parseSsrcGroup } from './ssrc';

type Check = (value: string) => boolean;

const CHECKS: ReadonlyMap<string, Check> = new Map<string, Check>([
  ['candidate', (value) => parseCandidateResult(`candidate:${value}`).kind !== 'malformed'],
  ['extmap', (value) => parseExtMap(value) !== null],
  ['fingerprint', (value) => parseFingerprint(value) !== null],
  ['fmtp', (value) => parseFormatParameters(value) !== null],
  ['group', (value) => parseGroup(value) !== null],
  ['max-message-size', (value) => parseMaxMessageSize(value) !== null],
  ['mid', isMid],
  ['msid', (value) => parseMsid(value) !== null],
  ['rtcp-fb', (value) => parseRtcpFeedback(value) !== null],
  ['rtpmap', (value) => parseRtpMap(value) !== null],
  ['sctp-port', (value) => parseSctpPort(value) !== null],
  ['sctpmap', (value) => parseSctpMap(value) !== null],
  ['setup', (value) => parseSetup(value) !== null],
  ['simulcast', (value) => parseSimulcast(value) !== null],
  ['ssrc', (value) => parseSsrc(value) !== null],
  ['ssrc-group', (value) => parseSsrcGroup(value) !== null],
]);

/** @returns what is wrong with the attribute, or null: it is right, or nothing is known of it */
export function attributeSyntaxError(name: string, value: string | null): string | null {
  const check = CHECKS.get(name);
  if (check === undefined) return null;
  if (value === null) return `a=${name} needs a value`;
  return check(value) ? null : `bad value of a=${name}`;
}
