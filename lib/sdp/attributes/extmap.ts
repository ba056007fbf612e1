/** `a=extmap` (RFC 8285 section 5). */
import { parseDecimal, splitFields } from '../tokens';
import { isDirection, type Direction } from './direction';

export interface ExtMap {
  /** 1 to 14 fit the one-byte form, up to 255 the two-byte form; 4096 to 4351 are placeholders in offers. */
  readonly id: number;
  readonly direction: Direction | null;
  readonly uri: string;
  /** Extension attributes behind the URI; empty when there are none. */
  readonly attributes: string;
}

export function parseExtMap(value: string): ExtMap | null {
  const [target, uri, ...attributes] = splitFields(value);
  if (target === undefined || uri === undefined || uri === '') return null;
  const [idText, direction, ...rest] = target.split('/');
  const id = parseDecimal(idText, 0, 4351);
  if (id === null || rest.length > 0) return null;
  if (direction !== undefined && !isDirection(direction)) return null;
  return { id, direction: direction ?? null, uri, attributes: attributes.join(' ') };
}

export function serializeExtMap(map: ExtMap): string {
  const direction = map.direction === null ? '' : `/${map.direction}`;
  const attributes = map.attributes === '' ? '' : ` ${map.attributes}`;
  return `${map.id}${direction} ${map.uri}${attributes}`;
}
