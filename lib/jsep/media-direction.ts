/** The arithmetic of directions (RFC 9429 section 5.3.1). */
import type { Direction } from '../sdp/attributes/direction';

export function sends(direction: Direction): boolean {
  return direction === 'sendrecv' || direction === 'sendonly';
}

export function receives(direction: Direction): boolean {
  return direction === 'sendrecv' || direction === 'recvonly';
}

export function toDirection(isSending: boolean, isReceiving: boolean): Direction {
  if (isSending) return isReceiving ? 'sendrecv' : 'sendonly';
  return isReceiving ? 'recvonly' : 'inactive';
}

/** As the other side sees it. */
export function reversed(direction: Direction): Direction {
  return toDirection(receives(direction), sends(direction));
}

export function intersected(a: Direction, b: Direction): Direction {
  return toDirection(sends(a) && sends(b), receives(a) && receives(b));
}
