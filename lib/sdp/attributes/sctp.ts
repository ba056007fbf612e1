/** SCTP over DTLS (RFC 8841): `a=sctp-port`, `a=max-message-size`, and `a=sctpmap` of its drafts. */
import { parseDecimal, splitFields } from '../tokens';
import type { MediaDescription } from '../media-description';
import { attributeValue } from './attribute-list';

export interface SctpMap {
  readonly port: number;
  /** `webrtc-datachannel` */
  readonly application: string;
  readonly streams: number | null;
}

/** RFC 8841 section 6.1: what a peer takes that does not say. */
export const DEFAULT_MAX_MESSAGE_SIZE = 65536;

export function parseSctpPort(value: string): number | null {
  return parseDecimal(value, 0, 65535);
}

/** Octets; 0 stands for any size. Larger numbers than a double holds are as good as the largest. */
export function parseMaxMessageSize(value: string): number | null {
  if (!/^[0-9]{1,64}$/.test(value)) return null;
  return Math.min(Number(value), Number.MAX_SAFE_INTEGER);
}

export function parseSctpMap(value: string): SctpMap | null {
  const [portText, application, streamsText] = splitFields(value);
  const port = parseSctpPort(portText ?? '');
  if (port === null || application === undefined) return null;
  return { port, application, streams: parseDecimal(streamsText, 0, 65535) };
}

/** Whether the section carries data channels, in today's form or in that of the drafts (`DTLS/SCTP 5000`). */
export function isDataSection(section: MediaDescription): boolean {
  return section.kind === 'application' && /^(?:UDP\/DTLS|TCP\/DTLS|DTLS)\/SCTP$/i.test(section.protocol);
}

/** Whether the section's formats name data channels. */
export function isDataChannelFormat(section: MediaDescription): boolean {
  if (section.formats.includes('webrtc-datachannel')) return true;
  const map = parseSctpMap(attributeValue(section, 'sctpmap') ?? '');
  return map?.application === 'webrtc-datachannel' && section.formats.includes(String(map.port));
}

/** RFC 8841 section 5.1 has no default; 5000 is what everyone uses. null where the section names none. */
export function sctpPortOf(section: MediaDescription): number | null {
  const port = attributeValue(section, 'sctp-port');
  if (port !== null) return parseSctpPort(port);
  return parseSctpMap(attributeValue(section, 'sctpmap') ?? '')?.port ?? null;
}

export function maxMessageSizeOf(section: MediaDescription): number {
  return parseMaxMessageSize(attributeValue(section, 'max-message-size') ?? '') ?? DEFAULT_MAX_MESSAGE_SIZE;
}
