/** `a=rtcp-xr` (RFC 3611 section 5.1). */
import { attributeValues, type AttributeOwner } from './attribute-list';

/**
 * Extended reports that let who only receives measure the round trip, for all who receive. Chromium as a receiver measures
 * nothing without it: it asks for lost packets again each 100 ms, and its jitter buffer does not wait for the answers.
 */
export const RECEIVER_RTT_FOR_ALL = 'rcvr-rtt=all';

/** Whether a section has receiver round trips, of all or of those who send as well, among its extended reports. */
export function hasReceiverRtt(media: AttributeOwner): boolean {
  const formats = attributeValues(media, 'rtcp-xr').flatMap((value) => value.split(' '));
  return formats.some((format) => /^rcvr-rtt=(?:all|sender)(?::\d+)?$/.test(format));
}
