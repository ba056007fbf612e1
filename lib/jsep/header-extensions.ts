/** RTP header extensions in offers and answers (RFC 8285, RFC 9429 section 5.2.1). */
import { attributeValues } from '../sdp/attributes/attribute-list';
import { parseExtMap, type ExtMap } from '../sdp/attributes/extmap';
import type { MediaDescription } from '../sdp/media-description';
import { remembered } from '../sdp/memo';
import { intersected, reversed } from './media-direction';
import type { NumberAllocation } from './number-bindings';
import type {
  Direction,
  NegotiatedHeaderExtension,
  RtpCapabilities,
  RtpHeaderExtensionCapability,
  TransceiverView,
} from './rtp-types';

/** 1 to 14 fit the one-byte form; 15 is reserved in it (RFC 8285 section 4.2). */
export function headerExtensionPool(capabilities: RtpCapabilities): number[] {
  const liked = new Set(
    [capabilities.audio, capabilities.video].flatMap(({ headerExtensions }) =>
      headerExtensions.map(({ preferredId }) => preferredId),
    ),
  );
  const oneByte = Array.from({ length: 14 }, (_, at) => at + 1);
  const twoByte = Array.from({ length: 240 }, (_, at) => at + 16);
  return [...oneByte.filter((id) => !liked.has(id)), ...oneByte.filter((id) => liked.has(id)), ...twoByte];
}

/** Identifiers that can stand in a packet; others are placeholders of an offer (RFC 8285 section 6). */
function isUsable({ id }: ExtMap): boolean {
  return id >= 1 && id <= 255;
}

/** In their order. Cached by identity. */
export const extensionsOf = remembered((media: MediaDescription): readonly ExtMap[] =>
  attributeValues(media, 'extmap')
    .map(parseExtMap)
    .filter((extension) => extension !== null),
);

function wantedDirection(capability: RtpHeaderExtensionCapability, view: TransceiverView): Direction | 'stopped' {
  return view.headerExtensions.find(({ uri }) => uri === capability.uri)?.direction ?? capability.direction;
}

function extension(id: number, uri: string, direction: Direction): ExtMap {
  return { id, uri, direction: direction === 'sendrecv' ? null : direction, attributes: '' };
}

/** @param before those of the section until now */
export function offeredExtensions(
  capabilities: readonly RtpHeaderExtensionCapability[],
  view: TransceiverView,
  before: readonly ExtMap[],
  allocation: NumberAllocation,
): ExtMap[] {
  return capabilities.flatMap((capability) => {
    const { uri, preferredId } = capability;
    const direction = wantedDirection(capability, view);
    if (direction === 'stopped') return [];
    const own = before.find((each) => each.uri === uri && isUsable(each))?.id;
    const id = allocation.take(uri, own, preferredId);
    return id === null ? [] : [extension(id, uri, direction)];
  });
}

/** With the offer's identifiers, in its order; each extension once. A placeholder gets a number of ours. */
export function answeredExtensions(
  capabilities: readonly RtpHeaderExtensionCapability[],
  view: TransceiverView,
  offered: readonly ExtMap[],
): ExtMap[] {
  const taken = new Set<string>();
  const numbers = new Set(offered.filter(isUsable).map(({ id }) => id));
  return offered.flatMap((theirs) => {
    const capability = capabilities.find(({ uri }) => uri === theirs.uri);
    if (capability === undefined || taken.has(theirs.uri)) return [];
    let wanted = wantedDirection(capability, view);
    if (wanted === 'stopped' && view.welcomeHeaderExtensions?.includes(theirs.uri)) {
      wanted = capability.widest ?? capability.direction;
    }
    if (wanted === 'stopped') return [];
    const direction = intersected(wanted, reversed(theirs.direction ?? 'sendrecv'));
    if (direction === 'inactive') return [];
    if (!isUsable(theirs) && offered.some((each) => each.uri === theirs.uri && isUsable(each))) return [];
    taken.add(theirs.uri);
    let { id } = theirs;
    if (!isUsable(theirs)) {
      id = 1;
      while (numbers.has(id)) id += 1;
      numbers.add(id);
    }
    return [extension(id, theirs.uri, direction)];
  });
}

/**
 * What both sides have, under the answer's identifier.
 * @param ours our section; `theirs` the peer's; `answer` one of them
 */
export function negotiatedExtensions(
  ours: readonly ExtMap[],
  theirs: readonly ExtMap[],
  answer: readonly ExtMap[],
): NegotiatedHeaderExtension[] {
  return answer.flatMap(({ id, uri }) => {
    const our = ours.find((each) => each.uri === uri);
    const their = theirs.find((each) => each.uri === uri);
    if (our === undefined || their === undefined) return [];
    return [{ id, uri, direction: intersected(our.direction ?? 'sendrecv', reversed(their.direction ?? 'sendrecv')) }];
  });
}
