/** `a=rid` (RFC 8851) and `a=simulcast` (RFC 8853). */
import { cutAt, splitFields } from '../tokens';

export type RidDirection = 'send' | 'recv';

export interface Rid {
  readonly id: string;
  readonly direction: RidDirection;
  /** `pt=…;max-width=…`; empty when there are none. */
  readonly restrictions: string;
}

export interface SimulcastStream {
  /** In order of preference. */
  readonly alternatives: readonly { readonly id: string; readonly paused: boolean }[];
}

export interface Simulcast {
  readonly send: readonly SimulcastStream[];
  readonly recv: readonly SimulcastStream[];
}

const RID = /^[0-9A-Za-z_-]{1,255}$/;

export function parseRid(value: string): Rid | null {
  const [id, rest] = cutAt(value.trimEnd(), ' ');
  const [direction, restrictions] = cutAt(rest ?? '', ' ');
  if (!RID.test(id) || (direction !== 'send' && direction !== 'recv')) return null;
  return { id, direction, restrictions: restrictions ?? '' };
}

export function serializeRid(rid: Rid): string {
  return `${rid.id} ${rid.direction}${rid.restrictions === '' ? '' : ` ${rid.restrictions}`}`;
}

export function parseSimulcast(value: string): Simulcast | null {
  const fields = splitFields(value);
  const lists: { send?: SimulcastStream[]; recv?: SimulcastStream[] } = {};
  if (fields.length !== 2 && fields.length !== 4) return null;
  for (let at = 0; at < fields.length; at += 2) {
    const direction = fields[at];
    if ((direction !== 'send' && direction !== 'recv') || lists[direction] !== undefined) return null;
    const streams: SimulcastStream[] = [];
    for (const stream of fields[at + 1]!.split(';')) {
      const alternatives = stream.split(',').map((text) => {
        const paused = text.startsWith('~');
        return { id: paused ? text.slice(1) : text, paused };
      });
      if (!alternatives.every(({ id }) => RID.test(id))) return null;
      streams.push({ alternatives });
    }
    lists[direction] = streams;
  }
  return { send: lists.send ?? [], recv: lists.recv ?? [] };
}

export function serializeSimulcast(simulcast: Simulcast): string {
  const lists: string[] = [];
  for (const direction of ['send', 'recv'] as const) {
    if (simulcast[direction].length === 0) continue;
    const streams = simulcast[direction].map(({ alternatives }) =>
      alternatives.map(({ id, paused }) => (paused ? `~${id}` : id)).join(','),
    );
    lists.push(`${direction} ${streams.join(';')}`);
  }
  return lists.join(' ');
}
