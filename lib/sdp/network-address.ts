/** Syntax of the addresses that occur in SDP. Only text is looked at: nothing is resolved. */

const IPV4_OCTET = /^(?:0|[1-9][0-9]{0,2})$/;
const IPV6_GROUP = /^[0-9A-Fa-f]{1,4}$/;
const DOMAIN_NAME = /^[0-9A-Za-z_](?:[0-9A-Za-z._-]{0,253}[0-9A-Za-z._])?$/;

export function isIpv4Address(text: string): boolean {
  if (text.length > 15) return false;
  const octets = text.split('.');
  return octets.length === 4 && octets.every((octet) => IPV4_OCTET.test(octet) && Number(octet) <= 255);
}

/** RFC 4291 section 2.2, without a zone index (RFC 8839 forbids it). */
export function isIpv6Address(text: string): boolean {
  if (text.length > 45 || !text.includes(':')) return false;
  const halves = text.split('::');
  if (halves.length > 2) return false;
  let groups = 0;
  for (const [halfIndex, half] of halves.entries()) {
    if (half === '') {
      if (halves.length === 1) return false;
      continue;
    }
    const parts = half.split(':');
    const isLastHalf = halfIndex === halves.length - 1;
    for (const [index, part] of parts.entries()) {
      if (isLastHalf && index === parts.length - 1 && part.includes('.')) {
        if (!isIpv4Address(part)) return false;
        groups += 2;
      } else {
        if (!IPV6_GROUP.test(part)) return false;
        groups += 1;
      }
    }
  }
  return halves.length === 2 ? groups <= 7 : groups === 8;
}

/** An IP address or a host name (RFC 8839 section 5.1 `connection-address`), as `x.local` of mDNS candidates. */
export function isConnectionAddress(text: string): boolean {
  if (text.includes(':')) return isIpv6Address(text);
  if (/^[0-9.]+$/.test(text)) return isIpv4Address(text);
  return DOMAIN_NAME.test(text);
}
