/** Which codecs a media section offers and answers, and what an exchange makes of them (RFC 9429 sections 5.2.1, 5.3.1). */
import { codecsMatch, h264Profile, isMediaCodec, parseFormat } from './codec-match';
import type { NumberAllocation } from './number-bindings';
import { PairResults } from './pair-results';
import type {
  Direction,
  NegotiatedCodec,
  RtpCapabilities,
  RtpCodec,
  RtpCodecCapability,
  TransceiverView,
} from './rtp-types';
import { isRed, isRtx, meaningOf, type SectionCodec } from './section-codecs';
import { receives, sends } from './media-direction';

const meanings = new WeakMap<RtpCodecCapability, string>();

function meaningOfCapability(codec: RtpCodecCapability): string {
  let meaning = meanings.get(codec);
  if (meaning === undefined) meanings.set(codec, (meaning = meaningOf(codec, null)));
  return meaning;
}

interface Selection {
  /** In the order of preference. */
  readonly codecs: readonly RtpCodecCapability[];
  /** The application chose it. */
  readonly isPreferred: boolean;
}

/** The "codec preferences" of a section with that direction (https://w3c.github.io/webrtc-pc/#dfn-final-steps-to-create-an-offer). */
function selectCodecs(
  capabilities: readonly RtpCodecCapability[],
  { preferredCodecs }: Pick<TransceiverView, 'preferredCodecs'>,
  direction: Direction,
): Selection {
  const usable = usableCodecs(capabilities, direction);
  if (preferredCodecs.length === 0) return { codecs: usable, isPreferred: false };
  const preferred = new Set(
    preferredCodecs
      .map((codec) => usable.find((each) => codecsMatch(each, codec, true)))
      .filter((codec) => codec !== undefined),
  );
  const isPreferred = [...preferred].some(isMediaCodec);
  return { codecs: isPreferred ? [...preferred] : usable, isPreferred };
}

const usableLists = new WeakMap<readonly RtpCodecCapability[], Map<Direction, readonly RtpCodecCapability[]>>();

/** The same list each time. */
function usableCodecs(
  capabilities: readonly RtpCodecCapability[],
  direction: Direction,
): readonly RtpCodecCapability[] {
  let byDirection = usableLists.get(capabilities);
  if (byDirection === undefined) usableLists.set(capabilities, (byDirection = new Map()));
  let codecs = byDirection.get(direction);
  if (codecs === undefined) {
    codecs = capabilities.filter(
      (codec) => (codec.canSend || !sends(direction)) && (codec.canReceive || !receives(direction)),
    );
    byDirection.set(direction, codecs);
  }
  return codecs;
}

/** A codec under a payload type, and nothing else of what it is. */
function numbered(codec: RtpCodec, payloadType: number, rtcpFeedback: readonly string[]): NegotiatedCodec {
  const { mimeType, clockRate, channels, sdpFmtpLine } = codec;
  return {
    mimeType,
    clockRate,
    ...(channels !== undefined && { channels }),
    ...(sdpFmtpLine !== undefined && { sdpFmtpLine }),
    payloadType,
    rtcpFeedback,
  };
}

function toSectionCodec(
  capability: RtpCodecCapability,
  payloadType: number,
  change: Partial<SectionCodec> = {},
): SectionCodec {
  return {
    ...numbered(capability, payloadType, capability.rtcpFeedback),
    carries: null,
    meaning: meaningOfCapability(capability),
    ...change,
  };
}

/** Whether this RTX or RED can carry that codec. */
function canCarry(carrier: RtpCodecCapability, codec: RtpCodecCapability): boolean {
  if (carrier.clockRate !== codec.clockRate || !isMediaCodec(codec)) return false;
  return isRtx(carrier) || carrier.channels === codec.channels;
}

/** Numbers for codecs whose own are taken: first those that no codec of the build likes to have. */
export function payloadTypePool(capabilities: RtpCapabilities): number[] {
  const liked = new Set<number>();
  for (const { codecs } of [capabilities.audio, capabilities.video]) {
    for (const { preferredPayloadType } of codecs) liked.add(preferredPayloadType).add(preferredPayloadType + 1);
  }
  const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, at) => to - at);
  const dynamic = [...range(96, 127), ...range(35, 63)];
  return [...dynamic.filter((number) => !liked.has(number)), ...dynamic.filter((number) => liked.has(number))];
}

const offers = new WeakMap<
  NumberAllocation,
  PairResults<readonly RtpCodecCapability[], readonly SectionCodec[], readonly SectionCodec[]>
>();

/** @param before what the section had until now */
export function offeredCodecs(
  capabilities: readonly RtpCodecCapability[],
  view: TransceiverView,
  before: readonly SectionCodec[],
  allocation: NumberAllocation,
): readonly SectionCodec[] {
  const { codecs } = selectCodecs(capabilities, view, view.direction);
  // A number that was given once for this is given again: sections of one offer that ask for the same get the same.
  let results = offers.get(allocation);
  if (results === undefined) offers.set(allocation, (results = new PairResults()));
  return results.get(codecs, before, () => numberCodecs(codecs, before, allocation));
}

function numberCodecs(
  codecs: readonly RtpCodecCapability[],
  before: readonly SectionCodec[],
  allocation: NumberAllocation,
): SectionCodec[] {
  const own = (meaning: string): number | undefined => before.find((codec) => codec.meaning === meaning)?.payloadType;
  const isCarrier = (codec: RtpCodecCapability): boolean => isRtx(codec) || isRed(codec);
  const plain = new Map<RtpCodecCapability, SectionCodec>();
  for (const codec of codecs) {
    if (isCarrier(codec)) continue;
    const meaning = meaningOfCapability(codec);
    const payloadType = allocation.take(meaning, own(meaning), codec.preferredPayloadType);
    if (payloadType !== null) plain.set(codec, toSectionCodec(codec, payloadType));
  }
  const carrierFor = (
    carrier: RtpCodecCapability,
    codec: RtpCodecCapability,
    preferred: number,
    format: (payloadType: number) => string,
  ): SectionCodec[] => {
    const carried = plain.get(codec);
    if (carried === undefined) return [];
    const meaning = meaningOf(carrier, carried.meaning);
    const payloadType = allocation.take(meaning, own(meaning), preferred);
    if (payloadType === null) return [];
    const { payloadType: carries } = carried;
    return [toSectionCodec(carrier, payloadType, { carries, meaning, sdpFmtpLine: format(carries) })];
  };
  return codecs.flatMap((codec) => {
    if (isRtx(codec)) return [];
    if (isRed(codec)) {
      const carried = codecs.find((each) => canCarry(codec, each));
      if (carried === undefined) return [];
      return carrierFor(codec, carried, codec.preferredPayloadType, (number) => `${number}/${number}`);
    }
    const media = plain.get(codec);
    const rtx = codecs.find((each) => isRtx(each) && canCarry(each, codec));
    if (media === undefined) return [];
    if (rtx === undefined) return [media];
    return [media, ...carrierFor(rtx, codec, codec.preferredPayloadType + 1, (number) => `apt=${number}`)];
  });
}

const parameterOf = (codec: { sdpFmtpLine?: string }, name: string): string | undefined =>
  parseFormat(codec.sdpFmtpLine ?? '')?.get(name);

/**
 * Our parameters in an answer. H.264: the profile as the peer wrote it; the level is ours, but not above the peer's unless
 * both allow that (RFC 6184 section 8.2.2).
 */
function answeredFormat(ours: RtpCodecCapability, theirs: SectionCodec): string | undefined {
  const profile = parameterOf(theirs, 'profile-level-id');
  const ourProfile = parameterOf(ours, 'profile-level-id');
  if (!/\/h264$/i.test(ours.mimeType) || profile === undefined || ourProfile === undefined) return ours.sdpFmtpLine;
  if (h264Profile(profile) === null) return ours.sdpFmtpLine;
  const isAsymmetric = [ours, theirs].every((codec) => parameterOf(codec, 'level-asymmetry-allowed') === '1');
  const [ourLevel, theirLevel] = [ourProfile.slice(4).toLowerCase(), profile.slice(4).toLowerCase()];
  const level = isAsymmetric || ourLevel < theirLevel ? ourLevel : theirLevel;
  return ours.sdpFmtpLine?.replace(/(profile-level-id=)[0-9a-f]{6}/i, `$1${profile.slice(0, 4).toLowerCase()}${level}`);
}

function commonFeedback(ours: readonly string[], theirs: readonly string[]): string[] {
  return ours.filter((feedback) => theirs.includes(feedback));
}

/**
 * Those of `theirs` that `codecs` have, too, each with its counterpart, each meaning once. RTX and RED only with what they
 * carry. Empty when there is no media among them.
 */
function commonCodecs(
  codecs: readonly RtpCodecCapability[],
  theirs: readonly SectionCodec[],
): Map<SectionCodec, RtpCodecCapability> {
  const common = new Map<SectionCodec, RtpCodecCapability>();
  const taken = new Set<string>();
  for (const codec of theirs) {
    const counterpart = codecs.find((each) => meaningOfCapability(each) === codec.meaning);
    if (codec.carries !== null || counterpart === undefined || taken.has(codec.meaning)) continue;
    if (isRtx(codec) || isRed(codec)) continue;
    taken.add(codec.meaning);
    common.set(codec, counterpart);
  }
  if (![...common.keys()].some(isMediaCodec)) return new Map();
  for (const codec of theirs) {
    const carried = [...common].find(([{ payloadType }]) => payloadType === codec.carries);
    const carrier = codecs.find((each) => each.mimeType.toLowerCase() === codec.mimeType.toLowerCase());
    if (carried === undefined || carrier === undefined || taken.has(codec.meaning)) continue;
    if (!canCarry(carrier, carried[1]) || carrier.clockRate !== codec.clockRate) continue;
    taken.add(codec.meaning);
    common.set(codec, carrier);
  }
  return new Map(theirs.flatMap((codec) => (common.has(codec) ? [[codec, common.get(codec)!]] : [])));
}

const commonFound = new PairResults<readonly SectionCodec[], readonly RtpCodecCapability[], boolean>();

/** Whether there is media to be had at all. */
export function hasCommonCodec(capabilities: readonly RtpCodecCapability[], theirs: readonly SectionCodec[]): boolean {
  return commonFound.get(theirs, capabilities, () => commonCodecs(capabilities, theirs).size > 0);
}

const answers = new PairResults<readonly SectionCodec[], readonly RtpCodecCapability[], readonly SectionCodec[]>();

/**
 * With the offer's payload types, in the offer's order unless the application prefers another.
 * @returns an empty list when the section has to be rejected
 */
export function answeredCodecs(
  capabilities: readonly RtpCodecCapability[],
  view: TransceiverView,
  direction: Direction,
  offered: readonly SectionCodec[],
): readonly SectionCodec[] {
  const { codecs, isPreferred } = selectCodecs(capabilities, view, direction);
  const answered = answers.get(offered, codecs, () => answerCodecs(codecs, offered));
  if (!isPreferred) return answered;
  const rank = (codec: SectionCodec): number => {
    const placed = isRtx(codec) ? answered.find(({ payloadType }) => payloadType === codec.carries)! : codec;
    const at = isRed(placed)
      ? codecs.findIndex(isRed)
      : codecs.findIndex((each) => meaningOfCapability(each) === placed.meaning);
    return at * 2 + (isRtx(codec) ? 1 : 0);
  };
  return answered.toSorted((a, b) => rank(a) - rank(b));
}

function answerCodecs(codecs: readonly RtpCodecCapability[], offered: readonly SectionCodec[]): SectionCodec[] {
  return [...commonCodecs(codecs, offered)].map(([theirs, ours]) => {
    const format = theirs.carries === null ? answeredFormat(ours, theirs) : theirs.sdpFmtpLine;
    return toSectionCodec(ours, theirs.payloadType, {
      carries: theirs.carries,
      meaning: theirs.meaning,
      rtcpFeedback: commonFeedback(ours.rtcpFeedback, theirs.rtcpFeedback),
      ...(format !== undefined && { sdpFmtpLine: format }),
    });
  });
}

/** Of `codecs`, those with a counterpart of the same meaning; only the feedback that both have. */
function withCounterpart(codecs: readonly SectionCodec[], others: readonly SectionCodec[]): NegotiatedCodec[] {
  return codecs.flatMap((codec) => {
    const other = others.find(({ meaning }) => meaning === codec.meaning);
    return other === undefined
      ? []
      : [numbered(codec, codec.payloadType, commonFeedback(codec.rtcpFeedback, other.rtcpFeedback))];
  });
}

const counterparts = new PairResults<readonly SectionCodec[], readonly SectionCodec[], readonly NegotiatedCodec[]>();
const sendable = new PairResults<readonly SectionCodec[], readonly RtpCodecCapability[], readonly NegotiatedCodec[]>();

/**
 * After an answer. A remote answer may bring codecs that were not offered, as long as we have them (RFC 9429 section 5.3.1).
 * @param ours our section; `theirs` the peer's
 */
export function negotiatedCodecs(
  capabilities: readonly RtpCodecCapability[],
  ours: readonly SectionCodec[],
  theirs: readonly SectionCodec[],
  isAnswerRemote: boolean,
): { sendCodecs: readonly NegotiatedCodec[]; receiveCodecs: readonly NegotiatedCodec[] } {
  const receiveCodecs = counterparts.get(ours, theirs, () => withCounterpart(ours, theirs));
  const sendCodecs = isAnswerRemote
    ? sendable.get(theirs, capabilities, () => sendableCodecs(capabilities, theirs))
    : counterparts.get(theirs, ours, () => withCounterpart(theirs, ours));
  return { sendCodecs, receiveCodecs };
}

/**
 * What we heed of the peer's feedback. No browser offers `nack` of sound, and all send again what is asked for by a peer that
 * answers with it (LiveKit does, mediasoup where it is told to).
 */
function heededFeedback({ mimeType, rtcpFeedback }: RtpCodecCapability): readonly string[] {
  return /^audio\//i.test(mimeType) ? [...rtcpFeedback, 'nack'] : rtcpFeedback;
}

function sendableCodecs(
  capabilities: readonly RtpCodecCapability[],
  theirs: readonly SectionCodec[],
): NegotiatedCodec[] {
  return [...commonCodecs(usableCodecs(capabilities, 'sendonly'), theirs)].map(([codec, capability]) =>
    numbered(codec, codec.payloadType, commonFeedback(codec.rtcpFeedback, heededFeedback(capability))),
  );
}
