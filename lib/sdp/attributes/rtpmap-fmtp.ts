/** `a=rtpmap` and `a=fmtp` (RFC 8866 sections 6.6, 6.15). */
import { cutAt, parseDecimal, TOKEN } from '../tokens';

export interface RtpMap {
  /** 0 to 127. */
  readonly payloadType: number;
  readonly encodingName: string;
  /** Hertz. */
  readonly clockRate: number;
  /** Encoding parameters: the number of channels of audio; null when not said. */
  readonly channels: number | null;
}

export interface FormatParameters {
  /** A payload type as text, or another format. */
  readonly format: string;
  readonly parameters: string;
}

export function parseRtpMap(value: string): RtpMap | null {
  const [payloadTypeText, encoding] = cutAt(value.trimEnd(), ' ');
  const payloadType = parseDecimal(payloadTypeText, 0, 127);
  if (payloadType === null || encoding === null) return null;
  const [encodingName, clockText, channelsText, ...rest] = encoding.trim().split('/');
  const clockRate = parseDecimal(clockText, 0, 0xffffffff);
  if (encodingName === undefined || !TOKEN.test(encodingName) || clockRate === null || rest.length > 0) return null;
  const channels = channelsText === undefined ? null : parseDecimal(channelsText, 0, 255);
  if (channelsText !== undefined && channels === null) return null;
  return { payloadType, encodingName, clockRate, channels };
}

export function serializeRtpMap(map: RtpMap): string {
  const channels = map.channels === null ? '' : `/${map.channels}`;
  return `${map.payloadType} ${map.encodingName}/${map.clockRate}${channels}`;
}

export function parseFormatParameters(value: string): FormatParameters | null {
  const [format, parameters] = cutAt(value, ' ');
  return TOKEN.test(format) && parameters !== null ? { format, parameters } : null;
}

export function serializeFormatParameters(parameters: FormatParameters): string {
  return `${parameters.format} ${parameters.parameters}`;
}
