/** Layers of simulcast that are told apart by their SSRCs: `a=ssrc-group:SIM`, as libwebrtc had it before there were rids. */
import { attributeValue, attributeValues } from '../sdp/attributes/attribute-list';
import { parseSsrc, parseSsrcGroup } from '../sdp/attributes/ssrc';
import type { MediaDescription } from '../sdp/media-description';
import type { SessionDescription } from '../sdp/session-description';

/** Lowest resolution first. */
export interface SourceLayer {
  readonly ssrc: number;
  /** Of its `a=ssrc-group:FID`; null without. */
  readonly rtxSsrc: number | null;
}

/** As in Chromium; more are an error there. */
const MOST_LAYERS = 3;

function sourcesOf(media: MediaDescription) {
  return attributeValues(media, 'ssrc').map(parseSsrc);
}

function cnameOf(media: MediaDescription): string | null {
  return sourcesOf(media).find((source) => source?.attribute === 'cname')?.value ?? null;
}

/** Of a section whose `a=ssrc` and `a=ssrc-group` say nothing else; empty for all others. */
export function sourceLayersOf(media: MediaDescription): readonly SourceLayer[] {
  const groups = attributeValues(media, 'ssrc-group').map(parseSsrcGroup);
  const [layers, ...others] = groups.filter((group) => group?.semantics === 'SIM');
  if (!layers || others.length > 0 || layers.ssrcs.length < 2 || layers.ssrcs.length > MOST_LAYERS) return [];
  const repairs = groups.filter((group) => group !== layers);
  if (repairs.some((group) => group?.semantics !== 'FID' || group.ssrcs.length !== 2)) return [];
  const rtxSsrcs = new Map(repairs.map((group) => [group!.ssrcs[0], group!.ssrcs[1]!]));
  const found = layers.ssrcs.map((ssrc) => ({ ssrc, rtxSsrc: rtxSsrcs.get(ssrc) ?? null }));
  const grouped = [...layers.ssrcs, ...rtxSsrcs.values()];
  const told = new Set(sourcesOf(media).map((source) => source?.ssrc));
  const isWhole =
    new Set(grouped).size === grouped.length &&
    told.size === grouped.length &&
    grouped.every((ssrc) => ssrc > 0 && told.has(ssrc)) &&
    repairs.length === found.filter(({ rtxSsrc }) => rtxSsrc !== null).length;
  return isWhole ? found : [];
}

const isOfSource = ({ name }: { readonly name: string }) => name === 'ssrc' || name === 'ssrc-group';

/** Whether layers were written in the place of the one source, or are those that were there. */
function areTaken(created: MediaDescription, given: MediaDescription, isSettled: boolean): boolean {
  const layers = sourceLayersOf(given);
  if (layers.length === 0 || created.kind !== 'video' || cnameOf(created) !== cnameOf(given)) return false;
  const before = sourceLayersOf(created);
  if (before.length > 0) return JSON.stringify(layers) === JSON.stringify(before);
  const groups = attributeValues(created, 'ssrc-group').map(parseSsrcGroup);
  // Retransmissions are told for all, or there are none.
  return (
    !isSettled && cnameOf(created) !== null && layers.every(({ rtxSsrc }) => (rtxSsrc !== null) === groups.length > 0)
  );
}

/**
 * What was created, with the sources of simulcast that an application has written into sections of video that send and were
 * not negotiated before.
 * @param settled mids of those that were
 */
export function withSourceLayers(
  created: SessionDescription,
  given: SessionDescription,
  settled: ReadonlySet<string>,
): SessionDescription {
  const numbers = given.media.map((section) => new Set(sourcesOf(section).map((source) => source?.ssrc)));
  const media = created.media.map((section, index) => {
    const counterpart = given.media[index];
    const isSettled = settled.has(attributeValue(section, 'mid') ?? '');
    if (counterpart === undefined || !areTaken(section, counterpart, isSettled)) return section;
    const isAlone = [...numbers[index]!].every(
      (ssrc) => !numbers.some((others, at) => at !== index && others.has(ssrc)),
    );
    if (!isAlone) return section;
    const attributes = section.attributes.filter((each) => !isOfSource(each));
    return { ...section, attributes: [...attributes, ...counterpart.attributes.filter(isOfSource)] };
  });
  return { ...created, media };
}
