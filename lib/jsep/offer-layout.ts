/** Which media section of an offer is for what (RFC 9429 sections 5.2.1, 5.2.2). */
import type { JsepSession, LocalParameters } from './jsep-types';
import type { TransceiverView } from './rtp-types';
import { analysisOf, type Section } from './section';

export interface OfferedSection {
  readonly mid: string;
  /** What stands there in the description before this offer; null for a section that is new or taken over. */
  readonly before: Section | null;
  readonly use:
    | { kind: 'media'; view: TransceiverView }
    | { kind: 'data' }
    | { kind: 'rejected'; section: Section }
    /** The build has no codec of that kind: the section says so, and with the answer the transceiver is stopped. */
    | { kind: 'unavailable'; view: TransceiverView };
}

/** The lowest numbers that are no mid, now or before. */
function freshMids(session: JsepSession): () => string {
  const descriptions = [session.pendingLocal, session.currentLocal, session.currentRemote];
  const used = new Set(descriptions.flatMap((description) => description?.mids ?? []));
  let number = session.nextMid;
  return () => {
    while (used.has(String(number))) number += 1;
    const mid = String(number);
    number += 1;
    return mid;
  };
}

/**
 * The sections in order. Those out of use are taken for new transceivers; what has no place gets one at the end. Data takes
 * only what was a section of data, as in Chromium: RFC 9429 section 5.2.2 has others taken over for RtpTransceivers alone.
 */
export function layOutOffer(session: JsepSession, parameters: LocalParameters): OfferedSection[] {
  const { pendingLocal, currentLocal, currentRemote } = session;
  const { capabilities, alwaysOffersData = false } = session.options;
  const base = pendingLocal ?? currentLocal;
  const local = currentLocal === null ? [] : analysisOf(currentLocal).sections;
  const remote = currentRemote === null ? [] : analysisOf(currentRemote).sections;
  const views = new Map(parameters.transceivers.map((view) => [view.id, view]));
  const freshMid = freshMids(session);
  const placed = new Set<TransceiverView>();
  let hasData = false;

  const isNegotiated = (index: number): boolean => local[index]?.isLive === true && remote[index]?.isLive === true;
  const layout = (base === null ? [] : analysisOf(base).sections).map((section): OfferedSection | Section => {
    const { index, mid } = section;
    // An offer that is pending may have taken a section over already.
    const isInUse = section.isLive && (isNegotiated(index) || pendingLocal !== null);
    const media = session.media.find((each) => each.mid === mid && each.mediaSectionIndex === index);
    const view = views.get(media?.transceiverId ?? '');
    if (isInUse && view !== undefined && !view.isStopping && !view.isStopped) {
      placed.add(view);
      return { mid, before: section, use: { kind: 'media', view } };
    }
    const isDataInUse = section.isData && (mid === session.stable.sctp?.mid || !isNegotiated(index));
    if (isInUse && isDataInUse && !hasData) {
      hasData = true;
      return { mid, before: section, use: { kind: 'data' } };
    }
    const isFree = index < local.length && !isNegotiated(index);
    return isFree ? section : { mid, before: section, use: { kind: 'rejected', section } };
  });

  const added: OfferedSection['use'][] = parameters.transceivers
    .filter((view) => !placed.has(view) && !view.isStopping && !view.isStopped)
    .map((view) => ({ kind: capabilities[view.kind].codecs.length > 0 ? 'media' : 'unavailable', view }));
  const addsData = !hasData && (alwaysOffersData || parameters.hasDataChannels === true);
  const dataSlot = addsData ? layout.find((slot) => !('use' in slot) && slot.isData) : undefined;

  const sections = layout.map((slot): OfferedSection => {
    if ('use' in slot) return slot;
    const use: OfferedSection['use'] | undefined = slot === dataSlot ? { kind: 'data' } : added.shift();
    if (use !== undefined) return { mid: freshMid(), before: null, use };
    return { mid: slot.mid, before: slot, use: { kind: 'rejected', section: slot } };
  });
  if (addsData && dataSlot === undefined) {
    if (alwaysOffersData) added.unshift({ kind: 'data' });
    else added.push({ kind: 'data' });
  }
  return [...sections, ...added.map((use) => ({ mid: freshMid(), before: null, use }))];
}
