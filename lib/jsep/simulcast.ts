/** Layers of simulcast in a media section (RFC 8851, RFC 8853). */
import { attribute, attributeValue, attributeValues } from '../sdp/attributes/attribute-list';
import {
  parseRid,
  parseSimulcast,
  serializeRid,
  serializeSimulcast,
  type RidDirection,
} from '../sdp/attributes/rid-simulcast';
import type { MediaDescription } from '../sdp/media-description';
import type { SdpAttribute } from '../sdp/session-description';

export interface Layer {
  readonly rid: string;
  readonly isPaused: boolean;
}

/**
 * The streams of `a=simulcast` in one direction, of alternatives the first, each rid once, and only those that `a=rid`
 * describes (RFC 8853 section 5.2). Empty without simulcast.
 */
export function layersOf(media: MediaDescription, direction: RidDirection): Layer[] {
  const simulcast = parseSimulcast(attributeValue(media, 'simulcast') ?? '');
  if (simulcast === null) return [];
  const described = new Set(
    attributeValues(media, 'rid')
      .map(parseRid)
      .filter((rid) => rid?.direction === direction)
      .map((rid) => rid!.id),
  );
  const layers = new Map<string, Layer>();
  for (const { alternatives } of simulcast[direction]) {
    const first = alternatives.find(({ id }) => described.has(id));
    if (first !== undefined && !layers.has(first.id)) layers.set(first.id, { rid: first.id, isPaused: first.paused });
  }
  return [...layers.values()];
}

/** `a=rid` for each, and `a=simulcast`. */
export function layerAttributes(send: readonly string[], recv: readonly string[]): SdpAttribute[] {
  if (send.length === 0 && recv.length === 0) return [];
  const rid = (direction: RidDirection) => (id: string) =>
    attribute('rid', serializeRid({ id, direction, restrictions: '' }));
  const stream = (id: string): { alternatives: { id: string; paused: boolean }[] } => ({
    alternatives: [{ id, paused: false }],
  });
  const simulcast = serializeSimulcast({ send: send.map(stream), recv: recv.map(stream) });
  return [...send.map(rid('send')), ...recv.map(rid('recv')), attribute('simulcast', simulcast)];
}
