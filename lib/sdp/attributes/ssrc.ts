/** `a=ssrc` and `a=ssrc-group` (RFC 5576). */
import { cutAt, parseDecimal, splitFields, TOKEN } from '../tokens';

export interface Ssrc {
  readonly ssrc: number;
  /** `cname`, `msid`… */
  readonly attribute: string;
  readonly value: string | null;
}

export interface SsrcGroup {
  /** `FID`, `SIM`, `FEC-FR`… */
  readonly semantics: string;
  readonly ssrcs: readonly number[];
}

export function parseSsrc(text: string): Ssrc | null {
  const [ssrcText, rest] = cutAt(text, ' ');
  const ssrc = parseDecimal(ssrcText, 0, 0xffffffff);
  if (ssrc === null || rest === null) return null;
  const [attribute, value] = cutAt(rest, ':');
  return TOKEN.test(attribute) ? { ssrc, attribute, value } : null;
}

export function serializeSsrc(ssrc: Ssrc): string {
  return `${ssrc.ssrc} ${ssrc.attribute}${ssrc.value === null ? '' : `:${ssrc.value}`}`;
}

export function parseSsrcGroup(text: string): SsrcGroup | null {
  const [semantics, ...ssrcTexts] = splitFields(text);
  if (semantics === undefined || !TOKEN.test(semantics)) return null;
  const ssrcs: number[] = [];
  for (const ssrcText of ssrcTexts) {
    const ssrc = parseDecimal(ssrcText, 0, 0xffffffff);
    if (ssrc === null) return null;
    ssrcs.push(ssrc);
  }
  return { semantics, ssrcs };
}

export function serializeSsrcGroup(group: SsrcGroup): string {
  return [group.semantics, ...group.ssrcs].join(' ');
}
