/** Which transceiver belongs to which section of audio or video (RFC 9429 sections 5.9, 5.10), and what a section says. */
import { directionOf } from '../sdp/attributes/direction';
import type { JsepDescription, JsepSession, JsepTransport } from './jsep-types';
import { reversed, sends } from './media-direction';
import { mediaOfMid } from './media-places';
import { negotiatedRtp } from './negotiated-rtp';
import type { AppliedMediaSection, JsepMedia, TransceiverView } from './rtp-types';
import { analysisOf, type Section } from './section';
import { layersOf } from './simulcast';
import { sourceLayersOf } from './source-layers';
import { remoteIdentityOf } from './stream-identity';

type MediaSection = Section & { readonly mediaKind: NonNullable<Section['mediaKind']> };

function mediaSections(description: JsepDescription): MediaSection[] {
  return analysisOf(description).sections.filter((section): section is MediaSection => section.mediaKind !== null);
}

function transportOf(transports: readonly JsepTransport[], mid: string): string | null {
  return transports.find(({ mids }) => mids.includes(mid))?.id ?? null;
}

/** @param side whose description it is */
function appliedSection(
  description: JsepDescription,
  side: 'local' | 'remote',
  section: MediaSection,
  transceiverId: string | null,
  isNewTransceiver = false,
): AppliedMediaSection {
  const { media, mid } = section;
  const isRemote = side === 'remote';
  const described = directionOf(media, description.model);
  const identity = isRemote && section.isLive ? remoteIdentityOf(media, description.model) : null;
  return {
    mid,
    mediaSectionIndex: section.index,
    kind: section.mediaKind,
    transceiverId,
    isNewTransceiver,
    isRejected: !section.isLive,
    direction: !section.isLive ? 'inactive' : isRemote ? reversed(described) : described,
    remoteStreamIds: identity?.streamIds ?? [],
    remoteTrackId: identity?.trackId ?? null,
    offeredReceiveRids: isRemote && description.type === 'offer' ? layersOf(media, 'recv') : [],
    sourceLayers: !isRemote && description.type === 'offer' ? sourceLayersOf(media) : [],
  };
}

interface MediaDraft {
  readonly media: readonly JsepMedia[];
  readonly applied: readonly AppliedMediaSection[];
  readonly nextRemoteTransceiver: number;
}

/** Finds the transceiver of each section of an offer. Nothing is negotiated by it. */
function associate(
  session: JsepSession,
  offer: JsepDescription,
  side: 'local' | 'remote',
  transports: readonly JsepTransport[],
  find: (section: MediaSection) => { transceiverId: string; isNew: boolean } | null,
): Pick<MediaDraft, 'media' | 'applied'> {
  const media: JsepMedia[] = [];
  const applied: AppliedMediaSection[] = [];
  for (const section of mediaSections(offer)) {
    const { mid, index, mediaKind } = section;
    const known = mediaOfMid(session, mid);
    const found = known === undefined ? find(section) : null;
    const transceiverId = known?.transceiverId ?? found?.transceiverId ?? null;
    applied.push(appliedSection(offer, side, section, transceiverId, found?.isNew ?? false));
    if (transceiverId === null) continue;
    media.push({
      transceiverId,
      kind: mediaKind,
      mid,
      mediaSectionIndex: index,
      transportId: transportOf(transports, mid),
      negotiated: known?.negotiated ?? null,
    });
  }
  return { media, applied };
}

export function mediaOfLocalOffer(
  session: JsepSession,
  offer: JsepDescription,
  transports: readonly JsepTransport[],
): MediaDraft {
  const byMid = new Map([...session.offeredMids].map(([id, mid]) => [mid, id]));
  const { media, applied } = associate(session, offer, 'local', transports, ({ mid }) => {
    const transceiverId = byMid.get(mid);
    return transceiverId === undefined ? null : { transceiverId, isNew: false };
  });
  return { media, applied, nextRemoteTransceiver: session.nextRemoteTransceiver };
}

/** A section of a remote offer takes the first transceiver that addTrack() made for such, or else a new one. */
export function mediaOfRemoteOffer(
  session: JsepSession,
  offer: JsepDescription,
  transports: readonly JsepTransport[],
  transceivers: readonly TransceiverView[],
): MediaDraft {
  const taken = new Set(session.media.map(({ transceiverId }) => transceiverId));
  let { nextRemoteTransceiver } = session;
  const { media, applied } = associate(session, offer, 'remote', transports, (section) => {
    if (!section.isLive) return null;
    // "If the m= section is sendrecv or recvonly": what the peer wants to receive.
    const canSend = sends(reversed(directionOf(section.media, offer.model)));
    const view = transceivers.find(
      (each) =>
        canSend &&
        each.isFromAddTrack &&
        each.kind === section.mediaKind &&
        !each.isStopping &&
        !each.isStopped &&
        !taken.has(each.id),
    );
    const transceiverId = view?.id ?? `remote-${nextRemoteTransceiver}`;
    if (view === undefined) nextRemoteTransceiver += 1;
    taken.add(transceiverId);
    return { transceiverId, isNew: view === undefined };
  });
  return { media, applied, nextRemoteTransceiver };
}

/**
 * After an answer or provisional answer. A final one ends the association of a rejected section: its place is free for
 * another.
 */
export function mediaOfAnswer(
  session: JsepSession,
  local: JsepDescription,
  remote: JsepDescription,
  answer: JsepDescription,
  transports: readonly JsepTransport[],
): Pick<MediaDraft, 'media' | 'applied'> {
  const isAnswerRemote = answer === remote;
  const [ours, theirs] = [analysisOf(local), analysisOf(remote)];
  const media: JsepMedia[] = [];
  const applied: AppliedMediaSection[] = [];
  for (const section of mediaSections(answer)) {
    const known = mediaOfMid(session, section.mid);
    applied.push(appliedSection(answer, isAnswerRemote ? 'remote' : 'local', section, known?.transceiverId ?? null));
    const [our, their] = [ours.byMid.get(section.mid), theirs.byMid.get(section.mid)];
    if (known === undefined || our === undefined || their === undefined) continue;
    if (our.isLive && their.isLive) {
      const { capabilities } = session.options;
      const negotiated = negotiatedRtp(capabilities, section.mediaKind, our, their, answer, isAnswerRemote);
      media.push({ ...known, transportId: transportOf(transports, section.mid), negotiated });
    } else if (answer.type === 'pranswer') {
      media.push({ ...known, transportId: null });
    }
  }
  return { media, applied };
}
