/** `a=rtcp-fb` (RFC 4585 section 4.2). */
import { cutAt, parseDecimal, TOKEN } from '../tokens';

export interface RtcpFeedback {
  /** null is `*`: every payload type. */
  readonly payloadType: number | null;
  /** `nack`, `ccm`, `transport-cc`… */
  readonly type: string;
  /** `pli`, `fir`…; empty when there is none. */
  readonly parameter: string;
}

export function parseRtcpFeedback(value: string): RtcpFeedback | null {
  const [target, rest] = cutAt(value.trimEnd(), ' ');
  if (rest === null) return null;
  const payloadType = target === '*' ? null : parseDecimal(target, 0, 127);
  if (target !== '*' && payloadType === null) return null;
  const [type, parameter] = cutAt(rest, ' ');
  return TOKEN.test(type) ? { payloadType, type, parameter: parameter ?? '' } : null;
}

export function serializeRtcpFeedback(feedback: RtcpFeedback): string {
  const parameter = feedback.parameter === '' ? '' : ` ${feedback.parameter}`;
  return `${feedback.payloadType ?? '*'} ${feedback.type}${parameter}`;
}
