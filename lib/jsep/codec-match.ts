/**
 * When two codec descriptions mean the same codec (https://w3c.github.io/webrtc-pc/#dfn-codec-dictionary-match), and what
 * their format parameters say, defaults included.
 */
import type { RtpCodec } from './rtp-types';

export type FormatMap = ReadonlyMap<string, string>;

interface MediaFormat {
  /** Parameters that may be left out, with the value they then have. */
  readonly defaults: Readonly<Record<string, string>>;
  /** What both sides have to agree on, as text that can be compared. */
  readonly symmetrical: (format: FormatMap) => readonly string[];
}

/** Codecs whose parameters tell formats apart; those of all others are each side's own business. */
const mediaFormats: Readonly<Record<string, MediaFormat>> = {
  // RFC 6184 section 8.1; the level is each receiver's own.
  'video/h264': {
    defaults: { 'packetization-mode': '0', 'profile-level-id': '420010' },
    symmetrical: (format) => [
      format.get('packetization-mode') ?? '',
      h264Profile(format.get('profile-level-id') ?? '') ?? 'unknown',
    ],
  },
  // RFC 9628 section 6.
  'video/vp9': { defaults: { 'profile-id': '0' }, symmetrical: (format) => [format.get('profile-id') ?? ''] },
  // https://aomediacodec.github.io/av1-rtp-spec/#72-sdp-parameters: all of them may differ.
  'video/av1': { defaults: { profile: '0', 'level-idx': '5', tier: '0' }, symmetrical: () => [] },
};

/**
 * What tells the payload formats of a codec apart in negotiation, as text that can be compared: both sides have to agree on
 * it, and a payload type keeps it for good. AV1's profile counts here, as in browsers: a peer that offers several offers each
 * under a payload type of its own.
 * H.264 without a profile is the constrained baseline, as in browsers, and not RFC 6184's baseline: gateways mean it so.
 */
export function formatIdentity(codec: RtpCodec): string {
  const mimeType = codec.mimeType.toLowerCase();
  const known = mediaFormats[mimeType];
  if (!known) return '';
  const defaults = mimeType === 'video/h264' ? { ...known.defaults, 'profile-level-id': '42e01f' } : known.defaults;
  const format = mediaFormatOf(parseFormat(codec.sdpFmtpLine ?? '') ?? new Map(), defaults);
  return [...known.symmetrical(format), ...(mimeType === 'video/av1' ? [format.get('profile') ?? ''] : [])].join('/');
}

/** `a=b;c=d` as a map with lower-case keys; null when it is not of that form (telephone-event's '0-15', RED's '111/111'). */
export function parseFormat(sdpFmtpLine: string): FormatMap | null {
  const format = new Map<string, string>();
  for (const part of sdpFmtpLine.split(';')) {
    const text = part.trim();
    if (text === '') continue;
    const equals = text.indexOf('=');
    if (equals <= 0) return null;
    format.set(text.slice(0, equals).trimEnd().toLowerCase(), text.slice(equals + 1).trimStart());
  }
  return format.size > 0 ? format : null;
}

/** profile_idc, then the bits of profile_iop that have to be set and those that have to be clear (RFC 6184, table 5). */
const h264Profiles: readonly (readonly [number, number, number, string])[] = [
  [0x42, 0x40, 0x0f, 'constrained-baseline'],
  [0x4d, 0x80, 0x0f, 'constrained-baseline'],
  [0x58, 0xc0, 0x0f, 'constrained-baseline'],
  [0x42, 0x00, 0x4f, 'baseline'],
  [0x58, 0x80, 0x4f, 'baseline'],
  [0x4d, 0x00, 0xaf, 'main'],
  [0x64, 0x00, 0xff, 'high'],
  [0x64, 0x0c, 0xf3, 'constrained-high'],
  [0xf4, 0x00, 0xff, 'predictive-high-4:4:4'],
];

/** The profile behind a `profile-level-id`; null for one that we do not know. */
export function h264Profile(profileLevelId: string): string | null {
  if (!/^[0-9a-f]{6}$/i.test(profileLevelId)) return null;
  const idc = Number.parseInt(profileLevelId.slice(0, 2), 16);
  const iop = Number.parseInt(profileLevelId.slice(2, 4), 16);
  const found = h264Profiles.find(
    ([wantedIdc, set, clear]) => idc === wantedIdc && (iop & set) === set && (iop & clear) === 0,
  );
  return found?.[3] ?? null;
}

/** The parameters of a codec with what is inferred where nothing is said. */
function mediaFormatOf(format: FormatMap, defaults: Readonly<Record<string, string>>): FormatMap {
  return new Map([...Object.entries(defaults), ...format]);
}

function equalMaps(first: FormatMap, second: FormatMap): boolean {
  if (first.size !== second.size) return false;
  for (const [key, value] of first) {
    if (second.get(key)?.toLowerCase() !== value.toLowerCase()) return false;
  }
  return true;
}

/**
 * The "codec dictionary match" algorithm. With `ignoreAsymmetricalParameters` only what both sides have to agree on counts
 * (H.264's profile, not its level).
 */
export function codecsMatch(first: RtpCodec, second: RtpCodec, ignoreAsymmetricalParameters = false): boolean {
  // 1. – 3. mimeType, clockRate, channels.
  const mimeType = first.mimeType.toLowerCase();
  if (mimeType !== second.mimeType.toLowerCase()) return false;
  if (first.clockRate !== second.clockRate) return false;
  if (first.channels !== second.channels) return false;
  // 4. Either but not both of the sdpFmtpLines are missing.
  if (first.sdpFmtpLine === undefined || second.sdpFmtpLine === undefined) {
    return first.sdpFmtpLine === second.sdpFmtpLine;
  }
  // 5.1. Either is not in key-value format.
  const firstFormat = parseFormat(first.sdpFmtpLine);
  const secondFormat = parseFormat(second.sdpFmtpLine);
  if (!firstFormat || !secondFormat) return first.sdpFmtpLine === second.sdpFmtpLine;
  // 5.2. The media formats.
  const known = mediaFormats[mimeType] ?? { defaults: {}, symmetrical: () => [] };
  const firstMediaFormat = mediaFormatOf(firstFormat, known.defaults);
  const secondMediaFormat = mediaFormatOf(secondFormat, known.defaults);
  // 5.3. Symmetrical parameters that are not equal.
  const firstSymmetrical = known.symmetrical(firstMediaFormat);
  const secondSymmetrical = known.symmetrical(secondMediaFormat);
  if (firstSymmetrical.some((value, index) => value !== secondSymmetrical[index])) return false;
  // 5.4. – 6.
  return ignoreAsymmetricalParameters || equalMaps(firstMediaFormat, secondMediaFormat);
}

/** What repairs or fills in rather than being media by itself: RTX, RED, FEC, comfort noise. */
export function isResilienceCodec(codec: RtpCodec): boolean {
  return /\/(rtx|red|ulpfec|flexfec-03|flexfec|cn)$/i.test(codec.mimeType);
}

/** What a sender can send its media with: none of the above, and no telephone-event. */
export function isMediaCodec(codec: RtpCodec): boolean {
  return !isResilienceCodec(codec) && !/\/telephone-event$/i.test(codec.mimeType);
}
