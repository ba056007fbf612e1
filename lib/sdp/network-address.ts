/** Syntax of the addresses that occur in SDP. Only text is looked at: nothing is resolved. */

const DECIMAL_OCTET = '(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])';
const IPV4 = `${DECIMAL_OCTET}(?:\\.${DECIMAL_OCTET}){3}`;
const IPV4_ADDRESS = new RegExp(`^${IPV4}$`);
const IPV6_GROUP = /^[0-9A-Fa-f]{1,4}$/;
const DOMAIN_NAME = /^[0-9A-Za-z_](?:[0-9A-Za-z._-]{0,253}[0-9A-Za-z._])?$/;

export function isIpv4Address(text: string): boolean {
  return IPV4_ADDRESS.test(text);
}

/**
 * RFC 4291 section 2.2, without a zone index (RFC 8839 forbids it). Not by one expression for all places that `::` may
 * have: V8 takes 10 ms to compile that, in the first connection of a process.
 */
export function isIpv6Address(text: string): boolean {
  if (text.length > 45) return false;
  const [before = '', after, ...more] = text.split('::');
  if (after === undefined) return countGroups(before, true) === 8;
  return more.length === 0 && countGroups(before, false) + countGroups(after, true) < 8;
}

/** How many groups of 16 bits these are, an IPv4 address at the end, where it may be, being two; NaN if they are none. */
function countGroups(text: string, mayEndInIpv4: boolean): number {
  if (text === '') return 0;
  const groups = text.split(':');
  const isIpv4Last = mayEndInIpv4 && isIpv4Address(groups.at(-1)!);
  const hexadecimal = isIpv4Last ? groups.slice(0, -1) : groups;
  return hexadecimal.every((group) => IPV6_GROUP.test(group)) ? groups.length + (isIpv4Last ? 1 : 0) : NaN;
}

/** An IP address or a host name (RFC 8839 section 5.1 `connection-address`), as `x.local` of mDNS candidates. */
export function isConnectionAddress(text: string): boolean {
  if (text.includes(':')) return isIpv6Address(text);
  if (/^[0-9.]+$/.test(text)) return isIpv4Address(text);
  return DOMAIN_NAME.test(text);
}
