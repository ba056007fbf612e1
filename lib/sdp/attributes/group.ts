/** `a=group` and `a=mid` (RFC 5888), and BUNDLE (RFC 9143). */
import { TOKEN } from '../tokens';
import { attributeValue, attributeValues, type AttributeOwner } from './attribute-list';

export interface Group {
  /** `BUNDLE`, `LS`… */
  readonly semantics: string;
  readonly mids: readonly string[];
}

export function parseGroup(value: string): Group | null {
  const [semantics, ...mids] = value.split(' ').filter((field) => field !== '');
  if (semantics === undefined || !TOKEN.test(semantics) || !mids.every((mid) => TOKEN.test(mid))) return null;
  return { semantics, mids };
}

export function serializeGroup(group: Group): string {
  return [group.semantics, ...group.mids].join(' ');
}

export function groupsOf(session: AttributeOwner): Group[] {
  return attributeValues(session, 'group')
    .map(parseGroup)
    .filter((group) => group !== null);
}

export function isMid(value: string): boolean {
  return value.length <= 256 && TOKEN.test(value);
}

/** null where the section has none. */
export function midOf(section: AttributeOwner): string | null {
  return attributeValue(section, 'mid');
}
