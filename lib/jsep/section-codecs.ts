/** The codecs of a media section: its payload types, `a=rtpmap`, `a=fmtp` and `a=rtcp-fb`, read and written. */
import { attribute, attributeValues } from '../sdp/attributes/attribute-list';
import { parseRtcpFeedback } from '../sdp/attributes/rtcp-fb';
import { parseFormatParameters, parseRtpMap, serializeRtpMap } from '../sdp/attributes/rtpmap-fmtp';
import type { MediaDescription } from '../sdp/media-description';
import { remembered } from '../sdp/memo';
import { RecentReadings } from '../sdp/recent-readings';
import type { SdpAttribute } from '../sdp/session-description';
import { parseDecimal } from '../sdp/tokens';
import { formatIdentity, parseFormat } from './codec-match';
import type { NegotiatedCodec, RtpCodec } from './rtp-types';

export interface SectionCodec extends NegotiatedCodec {
  /** The payload type that RTX retransmits, or that RED carries; null for all other codecs. */
  readonly carries: number | null;
  /** Equal for payload formats that mean the same. */
  readonly meaning: string;
}

/** Payload types that need no `a=rtpmap` (RFC 3551 section 6). */
const STATIC_CODECS: ReadonlyMap<number, string> = new Map([
  [0, 'PCMU/8000'],
  [3, 'GSM/8000'],
  [4, 'G723/8000'],
  [8, 'PCMA/8000'],
  [9, 'G722/8000'],
  [13, 'CN/8000'],
  [15, 'G728/8000'],
  [18, 'G729/8000'],
  [31, 'H261/90000'],
  [34, 'H263/90000'],
]);

export function isRtx(codec: RtpCodec): boolean {
  return /\/rtx$/i.test(codec.mimeType);
}

export function isRed(codec: RtpCodec): boolean {
  return /\/red$/i.test(codec.mimeType);
}

/** @param carried the meaning of what RTX or RED carries */
export function meaningOf(codec: RtpCodec, carried: string | null): string {
  const mimeType = codec.mimeType.toLowerCase();
  const channels = mimeType.startsWith('audio/') ? (codec.channels ?? 1) : 0;
  return [mimeType, codec.clockRate, channels, formatIdentity(codec), ...(carried === null ? [] : [carried])].join('|');
}

function carriedBy(codec: RtpCodec): number | null {
  const format = codec.sdpFmtpLine ?? '';
  if (isRtx(codec)) return parseDecimal(parseFormat(format)?.get('apt'), 0, 127);
  return isRed(codec) ? parseDecimal(format.split('/')[0], 0, 127) : null;
}

/** `a=rtcp-fb` of each payload type; those of '*' belong to all. */
function feedbackOf(media: MediaDescription): (payloadType: number) => string[] {
  const all = attributeValues(media, 'rtcp-fb')
    .map(parseRtcpFeedback)
    .filter((feedback) => feedback !== null);
  return (payloadType) => [
    ...new Set(
      all
        .filter((feedback) => feedback.payloadType === null || feedback.payloadType === payloadType)
        .map(({ type, parameter }) => (parameter === '' ? type : `${type} ${parameter}`)),
    ),
  ];
}

/** A conference has hundreds of sections, which say of codecs two or three different things, time and again. */
const recentlyRead = new RecentReadings<readonly SectionCodec[]>(32);

/**
 * In the order of the `m=` line; payload types that nothing describes are left out. Cached by identity; sections that say the
 * same give the same list.
 */
export const codecsOf = remembered((media: MediaDescription): readonly SectionCodec[] =>
  recentlyRead.read(textOfCodecs(media), () => readCodecs(media)),
);

/** All that {@link readCodecs} looks at. No format has a colon. */
function textOfCodecs({ kind, formats, attributes }: MediaDescription): string {
  const parts = [kind, ...formats];
  for (const { name, value } of attributes) {
    if (name === 'rtpmap' || name === 'fmtp' || name === 'rtcp-fb') parts.push(`${name}:${value ?? ''}`);
  }
  return parts.join('\n');
}

function readCodecs(media: MediaDescription): SectionCodec[] {
  const maps = new Map<number, string>(STATIC_CODECS);
  for (const value of attributeValues(media, 'rtpmap').reverse()) {
    const map = parseRtpMap(value);
    if (map !== null) maps.set(map.payloadType, serializeRtpMap(map).slice(`${map.payloadType} `.length));
  }
  const formats = new Map<string, string>();
  for (const value of attributeValues(media, 'fmtp').reverse()) {
    const parameters = parseFormatParameters(value);
    if (parameters !== null) formats.set(parameters.format, parameters.parameters);
  }
  const feedback = feedbackOf(media);
  const plain: Omit<SectionCodec, 'meaning'>[] = [];
  for (const format of new Set(media.formats)) {
    const payloadType = parseDecimal(format, 0, 127);
    const map = payloadType === null ? null : parseRtpMap(`${payloadType} ${maps.get(payloadType) ?? ''}`);
    if (payloadType === null || map === null) continue;
    const sdpFmtpLine = formats.get(format);
    const codec: RtpCodec = {
      mimeType: `${media.kind}/${map.encodingName}`,
      clockRate: map.clockRate,
      ...(media.kind === 'audio' && { channels: map.channels ?? 1 }),
      ...(sdpFmtpLine !== undefined && { sdpFmtpLine }),
    };
    plain.push({ ...codec, payloadType, rtcpFeedback: feedback(payloadType), carries: carriedBy(codec) });
  }
  return plain.map((codec) => {
    const carried = plain.find(({ payloadType }) => payloadType === codec.carries);
    return { ...codec, meaning: meaningOf(codec, carried === undefined ? null : meaningOf(carried, null)) };
  });
}

/** `a=rtpmap`, `a=rtcp-fb` and `a=fmtp` of each codec. Cached by identity. */
export const codecAttributes = remembered<readonly SectionCodec[], readonly SdpAttribute[]>(writeCodecs);

function writeCodecs(codecs: readonly SectionCodec[]): SdpAttribute[] {
  return codecs.flatMap(({ payloadType, mimeType, clockRate, channels = 1, sdpFmtpLine, rtcpFeedback }) => [
    attribute(
      'rtpmap',
      serializeRtpMap({
        payloadType,
        encodingName: mimeType.slice(mimeType.indexOf('/') + 1),
        clockRate,
        channels: channels === 1 ? null : channels,
      }),
    ),
    ...rtcpFeedback.map((feedback) => attribute('rtcp-fb', `${payloadType} ${feedback}`)),
    ...(sdpFmtpLine === undefined ? [] : [attribute('fmtp', `${payloadType} ${sdpFmtpLine}`)]),
  ]);
}
