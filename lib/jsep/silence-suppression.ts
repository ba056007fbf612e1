/**
 * Silence suppression, as the option `voiceActivityDetection` of createOffer() and createAnswer() wants it
 * (https://www.rfc-editor.org/rfc/rfc9429.html#section-5.2.3.2): comfort noise, or `usedtx` of codecs that have their own.
 */
import { parseFormat } from './codec-match';
import type { SectionCodec } from './section-codecs';

const nameOf = ({ mimeType }: SectionCodec): string => mimeType.toLowerCase();
const isComfortNoise = (codec: SectionCodec): boolean => nameOf(codec) === 'audio/cn';
const isOpus = (codec: SectionCodec): boolean => nameOf(codec) === 'audio/opus';

/** What its parameters say of it (RFC 7587 section 6.1); undefined: nothing. */
export function usesDtx({ sdpFmtpLine = '' }: { readonly sdpFmtpLine?: string }): boolean | undefined {
  const value = parseFormat(sdpFmtpLine)?.get('usedtx');
  return value === undefined ? undefined : value === '1';
}

function withDtx(codec: SectionCodec, wanted: boolean): SectionCodec {
  const others = (codec.sdpFmtpLine ?? '').split(';').filter((one) => one !== '' && !/^\s*usedtx\s*=/i.test(one));
  return { ...codec, sdpFmtpLine: [...others, `usedtx=${wanted ? 1 : 0}`].join(';') };
}

/** @param wanted undefined: the option was not given, and everything stays as it is */
export function offeredSilence(
  codecs: readonly SectionCodec[],
  wanted: boolean | undefined,
  mayUseDtx: (codec: SectionCodec) => boolean = () => true,
): readonly SectionCodec[] {
  if (wanted === undefined) return codecs;
  const kept = wanted ? codecs : codecs.filter((codec) => !isComfortNoise(codec));
  return kept.map((codec) => (isOpus(codec) ? withDtx(codec, wanted && mayUseDtx(codec)) : codec));
}

/**
 * https://www.rfc-editor.org/rfc/rfc9429.html#section-5.3.2: only what the offer has for the same codec; `codecs` hold no
 * comfort noise that it has not.
 */
export function answeredSilence(
  codecs: readonly SectionCodec[],
  offered: readonly SectionCodec[],
  wanted: boolean | undefined,
): readonly SectionCodec[] {
  return offeredSilence(codecs, wanted, ({ payloadType }) =>
    offered.some((theirs) => theirs.payloadType === payloadType && usesDtx(theirs) === true),
  );
}
