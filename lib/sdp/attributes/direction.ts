/** `a=sendrecv` and the like (RFC 8866 section 6.7). */
import type { AttributeOwner } from './attribute-list';

export type Direction = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';

export function isDirection(name: string): name is Direction {
  return name === 'sendrecv' || name === 'sendonly' || name === 'recvonly' || name === 'inactive';
}

/** Section first, then session; 'sendrecv' is the default. */
export function directionOf(section: AttributeOwner, session: AttributeOwner): Direction {
  for (const owner of [section, session]) {
    const found = owner.attributes.find((attribute) => isDirection(attribute.name));
    if (found !== undefined && isDirection(found.name)) return found.name;
  }
  return 'sendrecv';
}
