/** `a=setup` (RFC 4145, RFC 8842), `a=fingerprint` (RFC 8122), `a=tls-id` (RFC 8842). */
import { TOKEN } from '../tokens';
import { attributeValue, attributeValues, type AttributeOwner } from './attribute-list';

export type Setup = 'active' | 'passive' | 'actpass' | 'holdconn';

export interface Fingerprint {
  /** Lower case, as `sha-256`. */
  readonly algorithm: string;
  /** Upper-case hexadecimal octets with colons between them. */
  readonly value: string;
}

const FINGERPRINT_VALUE = /^[0-9A-F]{2}(?::[0-9A-F]{2})*$/;
const TLS_ID = /^[0-9A-Za-z+/\-_]{20,255}$/;

/** Octets of the hash functions in use; others (RFC 8122 section 5 forbids MD2 and MD5) are ignored. */
export const HASH_LENGTHS: ReadonlyMap<string, number> = new Map([
  ['sha-1', 20],
  ['sha-224', 28],
  ['sha-256', 32],
  ['sha-384', 48],
  ['sha-512', 64],
]);

/** In upper case, too, as browsers do. */
export function parseSetup(value: string): Setup | null {
  const setup = value.toLowerCase();
  return setup === 'active' || setup === 'passive' || setup === 'actpass' || setup === 'holdconn' ? setup : null;
}

/** Section first, then session; null where there is none. */
export function setupOf(section: AttributeOwner, session: AttributeOwner): Setup | null {
  const value = attributeValue(section, 'setup') ?? attributeValue(session, 'setup');
  return value === null ? null : parseSetup(value);
}

/** Lower-case digits are taken too, though RFC 8122 asks for upper case: peers send them. */
export function parseFingerprint(value: string): Fingerprint | null {
  const fields = value.trimEnd().split(' ');
  const [algorithm, octets] = fields;
  if (fields.length !== 2 || algorithm === undefined || octets === undefined || !TOKEN.test(algorithm)) return null;
  const upper = octets.toUpperCase();
  return FINGERPRINT_VALUE.test(upper) ? { algorithm: algorithm.toLowerCase(), value: upper } : null;
}

export function serializeFingerprint(fingerprint: Fingerprint): string {
  return `${fingerprint.algorithm} ${fingerprint.value}`;
}

/** Those of the section; those of the session where the section has none (RFC 8122 section 5). */
export function fingerprintsOf(section: AttributeOwner, session: AttributeOwner): Fingerprint[] {
  const own = attributeValues(section, 'fingerprint');
  const values = own.length > 0 ? own : attributeValues(session, 'fingerprint');
  return values.map(parseFingerprint).filter((fingerprint) => fingerprint !== null);
}

/** null where there is none, or where it breaks the grammar: it is of no use then, and no reason to refuse. */
export function tlsIdOf(section: AttributeOwner, session: AttributeOwner): string | null {
  const value = attributeValue(section, 'tls-id') ?? attributeValue(session, 'tls-id');
  return value !== null && TLS_ID.test(value) ? value : null;
}
