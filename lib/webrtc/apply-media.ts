/** What https://w3c.github.io/webrtc-pc/#set-description does to transceivers, senders and receivers. */
import type { DescriptionType } from '../jsep/jsep-session';
import { mediaOfTransceiver } from '../jsep/media-places';
import type { AppliedMediaSection, JsepMedia } from '../jsep/rtp-types';
import type { Connection } from './connection';
import { answeredHeaderExtensions } from './header-extension-control';
import {
  processRemoteTracks,
  processRemoval,
  receives,
  setAssociatedRemoteStreams,
  type TrackChanges,
} from './remote-tracks';
import { receiverSlotsOf } from './RTCRtpReceiver';
import { senderSlotsOf } from './RTCRtpSender';
import type { TransceiverSlots } from './RTCRtpTransceiver';
import { proposedSendEncodings } from './send-encodings';
import {
  applyAnswerToSender,
  applyOfferToSender,
  rememberStableEncodings,
  rollBackEncodings,
} from './sender-parameters';
import { stopTransceiver } from './stop-transceiver';

type MediaSections = readonly AppliedMediaSection[];

/** 4.6.4.2: an offer in stable. What the offer/answer engine rolls back by itself needs no [[LastStableState…]] slots. */
export function rememberStableMedia({ transceivers }: Connection): void {
  for (const transceiver of transceivers.all) {
    rememberStableEncodings(senderSlotsOf(transceiver.sender));
    const receiver = receiverSlotsOf(transceiver.receiver);
    receiver.lastStableStateAssociatedRemoteMediaStreams = receiver.associatedRemoteMediaStreams;
    transceiver.isFromPendingOffer = false;
  }
}

/**
 * Slots that follow the applied descriptions and are rolled back with them: [[CurrentDirection]], the transports,
 * [[SendCodecs]] and [[ReceiveCodecs]].
 */
function mirror(connection: Connection, transceiver: TransceiverSlots, media: JsepMedia | undefined): void {
  const { transports } = connection;
  const sender = senderSlotsOf(transceiver.sender);
  const receiver = receiverSlotsOf(transceiver.receiver);
  // What has stopped stays as it was.
  if (transceiver.stopped) return;
  const negotiated = media?.negotiated ?? null;
  const transport = transports.dtlsTransportOf(media?.transportId ?? null);
  sender.transport = transport;
  receiver.transport = transport;
  if (transceiver.negotiated === negotiated) return;
  transceiver.negotiated = negotiated;
  transceiver.currentDirection = negotiated?.direction ?? null;
  if (negotiated?.direction === 'sendrecv' || negotiated?.direction === 'sendonly') transceiver.hasSent = true;
  sender.sendCodecs = negotiated?.sendCodecs ?? [];
  receiver.receiveCodecs = negotiated && receives(negotiated.direction) ? negotiated.receiveCodecs : [];
  sender.lastReturnedParameters = null;
}

/** 4.6.9.1: "if remote is false", for each media description */
export function applyLocalMedia(
  connection: Connection,
  type: DescriptionType,
  sections: MediaSections,
  changes: TrackChanges,
): void {
  for (const { transceiverId, mid, direction, isRejected, sourceLayers } of sections) {
    // 1. – 2. The transceiver that made the section is associated with it, and gets its transport.
    const transceiver = connection.transceivers.find(transceiverId);
    if (!transceiver) continue;
    transceiver.mid = mid;
    mirror(connection, transceiver, mediaOf(connection, transceiver));
    // 3. If transceiver.[[Stopped]] is true, abort these sub steps.
    if (transceiver.stopped) continue;
    // 4. – 5. [[Receptive]] is whether the direction receives. 6. [[ReceiveCodecs]] is set already.
    transceiver.receptive = receives(direction);
    if (type === 'offer') {
      connection.transceivers.beginSourceLayers(senderSlotsOf(transceiver.sender), sourceLayers);
      continue;
    }
    // 7.1. Layers that were not negotiated are removed. 7.2. [[SendCodecs]] is set already.
    applyAnswer(transceiver, type);
    // 7.3. If nothing is received any longer, the remote streams lose the track.
    if (!receives(direction) && receives(transceiver.firedDirection)) {
      setAssociatedRemoteStreams(receiverSlotsOf(transceiver.receiver), [], changes);
      processRemoval(transceiver, changes);
    }
    // 7.4. [[CurrentDirection]] is set already.
    transceiver.firedDirection = direction;
    // As for a remote description, and as Chromium does: we have no codec for it, and would ask for negotiation in vain.
    if (type === 'answer' && isRejected) stopTransceiver(transceiver);
  }
}

/** 4.6.9.2: "if remote is true", for each media description */
export function applyRemoteMedia(
  connection: Connection,
  type: DescriptionType,
  sections: MediaSections,
  changes: TrackChanges,
): void {
  for (const section of sections) {
    const { direction } = section;
    // 1. – 4. An offer to receive simulcast proposes encodings.
    const proposed = type === 'offer' ? proposedSendEncodings(section.kind, section.offeredReceiveRids) : [];
    // 5. Find the transceiver. 7. Without one, create it with direction "recvonly".
    const transceiver = section.isNewTransceiver
      ? createTransceiver(connection, section)
      : connection.transceivers.find(section.transceiverId);
    if (!transceiver) continue;
    // 6. The proposed encodings replace a lone one without rid, which a new sender has.
    if (type === 'offer') applyOfferToSender(senderSlotsOf(transceiver.sender), proposed);
    // 9. Set [[Mid]]. 13., 14.1. – 14.5. [[ReceiveCodecs]], [[SendCodecs]], [[CurrentDirection]] and the transports.
    transceiver.mid = section.mid;
    mirror(connection, transceiver, mediaOf(connection, transceiver));
    // 8. An answer that does not take all layers.
    applyAnswer(transceiver, type);
    // 10. – 12. Process remote tracks; without receiving there are no streams.
    processRemoteTracks(transceiver, direction, receives(direction) ? section.remoteStreamIds : [], changes);
    // 15. If the section is rejected, and transceiver.[[Stopped]] is false, stop the transceiver.
    if (section.isRejected && !transceiver.stopped) stopTransceiver(transceiver);
  }
}

/** What an answer or provisional answer makes of the sender's encodings, and a final one of the header extensions. */
function applyAnswer(transceiver: TransceiverSlots, type: DescriptionType): void {
  const { negotiated } = transceiver;
  if (type === 'offer' || negotiated === null) return;
  applyAnswerToSender(senderSlotsOf(transceiver.sender), negotiated);
  if (type !== 'answer') return;
  const extensions = answeredHeaderExtensions(transceiver.headerExtensionsToNegotiate, negotiated);
  transceiver.headerExtensionsToNegotiate = extensions;
  transceiver.negotiatedHeaderExtensions = extensions;
}

function createTransceiver(
  { transceivers }: Connection,
  { transceiverId, kind, remoteTrackId }: AppliedMediaSection,
): TransceiverSlots {
  const transceiver = transceivers.create({
    ...(transceiverId !== null && { id: transceiverId }),
    kind,
    direction: 'recvonly',
    track: null,
    streamIds: [],
    sendEncodings: [],
    isFromAddTrack: false,
    remoteTrackId,
  });
  transceiver.isFromPendingOffer = true;
  // Should addTrack() find use for it, a rollback takes the layers of the offer away again.
  rememberStableEncodings(senderSlotsOf(transceiver.sender));
  return transceiver;
}

/** 4.6.10: "if description is of type rollback"; `wasRemoteOffer`: the offer that goes was the peer's */
export function rollBackMedia(connection: Connection, wasRemoteOffer: boolean, changes: TrackChanges): void {
  for (const transceiver of connection.transceivers.all) {
    const sender = senderSlotsOf(transceiver.sender);
    const receiver = receiverSlotsOf(transceiver.receiver);
    // 3.1. – 3.2., 3.4. – 3.5. What the pending offer associated it with.
    const media = mediaOf(connection, transceiver);
    transceiver.mid = media?.mid ?? null;
    mirror(connection, transceiver, media);
    // 3.3. Encodings that a remote offer proposed.
    rollBackEncodings(sender);
    // 3.6. Remote streams as they were.
    if (wasRemoteOffer) {
      const msids = receiver.lastStableStateAssociatedRemoteMediaStreams.map(({ id }) => id);
      processRemoteTracks(transceiver, transceiver.currentDirection, msids, changes);
    }
    // An offer of either side may have ended reception, or begun it, ahead of the answer: what was negotiated is in force again.
    transceiver.receptive = receives(transceiver.currentDirection);
    // 3.7. A transceiver that the offer made is stopped and removed, unless addTrack() has found use for it.
    if (!transceiver.isFromPendingOffer) continue;
    transceiver.isFromPendingOffer = false;
    if (transceiver.hadTrackAdded) {
      // As if addTrack() had made it, so that the next offer finds it (RFC 9429 section 4.1.10.2).
      transceiver.isFromAddTrack = true;
      continue;
    }
    stopTransceiver(transceiver);
    connection.transceivers.remove(transceiver);
  }
}

/** 4.6.11: an answer removes the stopped transceivers whose section is rejected by now. */
export function removeStoppedTransceivers({ transceivers }: Connection): void {
  for (const transceiver of transceivers.all) {
    transceiver.isFromPendingOffer = false;
    // A stopping transceiver that no description has, or ever will, would need negotiation for ever: docs/deviations.md.
    const isForgotten = transceiver.stopping && !transceiver.stopped && transceiver.mid === null;
    if (isForgotten) {
      stopTransceiver(transceiver);
      transceivers.remove(transceiver);
    }
    // A section made them stop, which is rejected, therefore; without mid they were never in a description.
    if (!transceiver.stopped || transceiver.mid === null) continue;
    transceivers.remove(transceiver);
    // Its section is anybody's now. The Recommendation does not say so; browsers do.
    transceiver.mid = null;
  }
}

function mediaOf({ session }: Connection, { id }: TransceiverSlots): JsepMedia | undefined {
  return mediaOfTransceiver(session, id);
}
