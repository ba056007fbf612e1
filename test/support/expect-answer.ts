/** Whether an answer may be given to an offer (RFC 3264, RFC 9429 section 5.3.1, RFC 8843, RFC 8853). */
import { attributeValue, attributeValues, hasAttribute } from '../../lib/sdp/attributes/attribute-list';
import { directionOf } from '../../lib/sdp/attributes/direction';
import { setupOf } from '../../lib/sdp/attributes/dtls';
import { groupsOf, midOf } from '../../lib/sdp/attributes/group';
import { parseRid, parseSimulcast } from '../../lib/sdp/attributes/rid-simulcast';
import { parseSessionDescription } from '../../lib/sdp/parse';
import type { MediaDescription } from '../../lib/sdp/media-description';
import type { SessionDescription } from '../../lib/sdp/session-description';
import { codecOf, extensionsOf, isRejected, isRtp } from './rtp-section';

const ALLOWED: Record<string, string[]> = {
  sendrecv: ['sendrecv', 'sendonly', 'recvonly', 'inactive'],
  sendonly: ['recvonly', 'inactive'],
  recvonly: ['sendonly', 'inactive'],
  inactive: ['inactive'],
};

/** Answers of setup to those of an offer (RFC 4145 section 4.1, RFC 8842 section 5.2). */
const SETUP: Record<string, string[]> = { actpass: ['active', 'passive'], active: ['passive'], passive: ['active'] };

function expectSection(
  [offer, offered]: [SessionDescription, MediaDescription],
  [answer, given]: [SessionDescription, MediaDescription],
): void {
  expect(given).toMatchObject({ kind: offered.kind, protocol: offered.protocol });
  if (midOf(offered) !== null) expect(midOf(given)).toBe(midOf(offered));
  if (isRejected(offered)) expect(given.port).toBe(0);
  if (given.port === 0) return;
  expect(SETUP[setupOf(offered, offer)!]).toContain(setupOf(given, answer));
  if (!isRtp(offered)) return;

  expect(ALLOWED[directionOf(offered, offer)]).toContain(directionOf(given, answer));
  expect(hasAttribute(given, 'rtcp-mux')).toBe(true);
  expect(given.formats.length).toBe(new Set(given.formats).size);
  for (const payloadType of given.formats) {
    expect(offered.formats).toContain(payloadType);
    expect([payloadType, codecOf(given, payloadType)]).toEqual([payloadType, codecOf(offered, payloadType)]);
  }
  // Of retransmissions, redundancy and comfort noise alone nobody hears anything.
  expect(given.formats.some((one) => !/^(rtx|red|ulpfec|cn|telephone-event)\b/.test(codecOf(given, one)))).toBe(true);
  for (const payloadType of given.formats) {
    const apt = /^rtx.* of (.+)/.exec(codecOf(given, payloadType));
    if (apt) expect(given.formats.map((one) => codecOf(given, one))).toContain(apt[1]);
  }
  const extensions = extensionsOf(offered);
  for (const { id, uri } of extensionsOf(given))
    expect(extensions).toContainEqual(expect.objectContaining({ id, uri }));

  const simulcast = (section: MediaDescription) => parseSimulcast(attributeValue(section, 'simulcast') ?? '');
  const rids = (section: MediaDescription, side: 'send' | 'recv') =>
    (simulcast(section)?.[side] ?? []).flatMap(({ alternatives }) => alternatives.map(({ id }) => id));
  for (const rid of rids(given, 'recv')) expect(rids(offered, 'send')).toContain(rid);
  for (const rid of rids(given, 'send')) expect(rids(offered, 'recv')).toContain(rid);
  const declared = attributeValues(given, 'rid').map((value) => parseRid(value)!.id);
  for (const side of ['send', 'recv'] as const) for (const rid of rids(given, side)) expect(declared).toContain(rid);
}

/** @throws what jest throws */
export function expectAnswerFits(offerText: string, answerText: string): void {
  const [offer, answer] = [parseSessionDescription(offerText), parseSessionDescription(answerText)];
  expect(answer.media).toHaveLength(offer.media.length);
  answer.media.forEach((given, index) => expectSection([offer, offer.media[index]!], [answer, given]));
  const offeredGroups = groupsOf(offer).filter(({ semantics }) => semantics === 'BUNDLE');
  for (const { semantics, mids } of groupsOf(answer)) {
    if (semantics !== 'BUNDLE') continue;
    const offered = offeredGroups.find((group) => mids.every((mid) => group.mids.includes(mid)));
    expect([mids, offered]).toEqual([mids, expect.anything()]);
    for (const mid of mids) expect(answer.media.find((section) => midOf(section) === mid)?.port).not.toBe(0);
  }
}
