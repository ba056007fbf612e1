/** Syntax of the addresses that occur in SDP. Only text is looked at: nothing is resolved. */

const DECIMAL_OCTET = '(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])';
const IPV4 = `${DECIMAL_OCTET}(?:\\.${DECIMAL_OCTET}){3}`;
const GROUP = '[0-9A-Fa-f]{1,4}';
const LAST_TWO_GROUPS = `(?:${GROUP}:${GROUP}|${IPV4})`;
/** https://www.rfc-editor.org/rfc/rfc3986#appendix-A, IPv6address */
const IPV6 = [
  `(?:${GROUP}:){6}${LAST_TWO_GROUPS}`,
  `::(?:${GROUP}:){5}${LAST_TWO_GROUPS}`,
  `(?:${GROUP})?::(?:${GROUP}:){4}${LAST_TWO_GROUPS}`,
  `(?:(?:${GROUP}:){0,1}${GROUP})?::(?:${GROUP}:){3}${LAST_TWO_GROUPS}`,
  `(?:(?:${GROUP}:){0,2}${GROUP})?::(?:${GROUP}:){2}${LAST_TWO_GROUPS}`,
  `(?:(?:${GROUP}:){0,3}${GROUP})?::${GROUP}:${LAST_TWO_GROUPS}`,
  `(?:(?:${GROUP}:){0,4}${GROUP})?::${LAST_TWO_GROUPS}`,
  `(?:(?:${GROUP}:){0,5}${GROUP})?::${GROUP}`,
  `(?:(?:${GROUP}:){0,6}${GROUP})?::`,
].join('|');
const IPV4_ADDRESS = new RegExp(`^${IPV4}$`);
const IPV6_ADDRESS = new RegExp(`^(?:${IPV6})$`);
const DOMAIN_NAME = /^[0-9A-Za-z_](?:[0-9A-Za-z._-]{0,253}[0-9A-Za-z._])?$/;

export function isIpv4Address(text: string): boolean {
  return IPV4_ADDRESS.test(text);
}

/** RFC 4291 section 2.2, without a zone index (RFC 8839 forbids it). */
export function isIpv6Address(text: string): boolean {
  return text.length <= 45 && IPV6_ADDRESS.test(text);
}

/** An IP address or a host name (RFC 8839 section 5.1 `connection-address`), as `x.local` of mDNS candidates. */
export function isConnectionAddress(text: string): boolean {
  if (text.includes(':')) return isIpv6Address(text);
  if (/^[0-9.]+$/.test(text)) return isIpv4Address(text);
  return DOMAIN_NAME.test(text);
}
