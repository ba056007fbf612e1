/** https://w3c.github.io/webrtc-pc/#rtcpeerconnection-interface-extensions */
import { createDOMException } from '../dom/dom-exception';
import type { Direction, MediaKind } from '../jsep/rtp-types';
import type { MediaStream } from '../mediacapture/MediaStream';
import type { MediaStreamTrack } from '../mediacapture/MediaStreamTrack';
import type { RTCOfferOptions, RTCRtpTransceiverInit } from '../webidl/generated/dictionaries';
import type { Connection } from './connection';
import { updateNegotiationNeededFlag } from './negotiation-needed';
import { type RTCRtpSender, senderSlotsOf } from './RTCRtpSender';
import type { TransceiverSlots } from './RTCRtpTransceiver';
import { updateSender } from './rtp-streams';
import { type SendEncodings, validateSendEncodings } from './send-encodings';

/** Ids for [[AssociatedMediaStreamIds]]: each stream's, once. */
export function streamIdsOf(streams: readonly MediaStream[]): string[] {
  return [...new Set(streams.map(({ id }) => id))];
}

function requireOpen(connection: Connection, context: string): void {
  if (connection.isClosed) throw createDOMException(`${context}: The connection is closed.`, 'InvalidStateError');
}

/** https://w3c.github.io/webrtc-pc/#dom-rtcpeerconnection-addtrack */
export function addTrack(
  connection: Connection,
  track: MediaStreamTrack,
  streams: readonly MediaStream[],
  context: string,
): RTCRtpSender {
  // 5. If connection.[[IsClosed]] is true, throw an InvalidStateError.
  requireOpen(connection, context);
  // 6. If an RTCRtpSender for track already exists in senders, throw an InvalidAccessError.
  const { notStopped } = connection.transceivers;
  if (notStopped.some(({ sender }) => senderSlotsOf(sender).track === track)) {
    throw createDOMException(`${context}: A sender already exists for the track.`, 'InvalidAccessError');
  }
  // 7. A sender without a track, of the same kind, not stopping, and never used to send, is used.
  const reused = notStopped.find(
    ({ sender, kind, stopping, hasSent }) =>
      senderSlotsOf(sender).track === null && kind === track.kind && !stopping && !hasSent,
  );
  if (reused) {
    // 8.1. – 8.3. Set sender.[[SenderTrack]] and sender.[[AssociatedMediaStreamIds]].
    const sender = senderSlotsOf(reused.sender);
    sender.track = track;
    updateSender(sender);
    sender.associatedMediaStreamIds = streamIdsOf(streams);
    // 8.4. – 8.6. The direction comes to have "send".
    if (reused.direction === 'recvonly') reused.direction = 'sendrecv';
    if (reused.direction === 'inactive') reused.direction = 'sendonly';
    reused.hadTrackAdded = true;
    updateNegotiationNeededFlag(connection);
    return reused.sender;
  }
  // 9. Create a sender, a receiver and a transceiver of direction "sendrecv".
  const { sender } = connection.transceivers.create({
    kind: track.kind,
    direction: 'sendrecv',
    track,
    streamIds: streamIdsOf(streams),
    sendEncodings: [],
    isFromAddTrack: true,
  });
  // 11. – 12. Update the negotiation-needed flag, and return sender.
  updateNegotiationNeededFlag(connection);
  return sender;
}

/** https://w3c.github.io/webrtc-pc/#dom-rtcpeerconnection-removetrack */
export function removeTrack(connection: Connection, sender: RTCRtpSender, context: string): void {
  // 3. If connection.[[IsClosed]] is true, throw an InvalidStateError.
  requireOpen(connection, context);
  // 4. If sender was not created by connection, throw an InvalidAccessError.
  const slots = senderSlotsOf(sender);
  if (slots.connection !== connection) {
    throw createDOMException(`${context}: Another connection created the sender.`, 'InvalidAccessError');
  }
  // 5. – 6. If transceiver.[[Stopping]] is true, abort these steps.
  const { transceiver } = slots;
  if (transceiver.stopping) return;
  // 7. – 8. If sender is not in senders (it was stopped, or rolled back), abort these steps.
  if (transceiver.stopped || !connection.transceivers.has(transceiver)) return;
  // 9. – 10. Set sender.[[SenderTrack]] to null, unless it is already.
  if (slots.track === null) return;
  slots.track = null;
  updateSender(slots);
  // 11. – 12. The direction loses its "send".
  if (transceiver.direction === 'sendrecv') transceiver.direction = 'recvonly';
  if (transceiver.direction === 'sendonly') transceiver.direction = 'inactive';
  // 13. Update the negotiation-needed flag for connection.
  updateNegotiationNeededFlag(connection);
}

/** https://w3c.github.io/webrtc-pc/#dom-rtcpeerconnection-addtransceiver */
export function addTransceiver(
  connection: Connection,
  trackOrKind: MediaStreamTrack | string,
  init: RTCRtpTransceiverInit,
  context: string,
): TransceiverSlots {
  // 5. – 6. Let track and kind be what the first argument says; a string that names no kind is a TypeError.
  const track = typeof trackOrKind === 'string' ? null : trackOrKind;
  const kind = typeof trackOrKind === 'string' ? trackOrKind : trackOrKind.kind;
  if (kind !== 'audio' && kind !== 'video') {
    throw new TypeError(`${context}: '${kind}' is neither 'audio' nor 'video'.`);
  }
  // Not in the Recommendation, where "stopped" would be no direction that a transceiver begins with; as browsers do.
  if (init.direction === 'stopped') throw new TypeError(`${context}: A transceiver cannot begin as 'stopped'.`);
  // 7. If connection.[[IsClosed]] is true, throw an InvalidStateError.
  requireOpen(connection, context);
  // 8. Validate sendEncodings.
  const sendEncodings = validateSendEncodings(kind, init.sendEncodings);
  // 9. – 12. Create a sender, a receiver and a transceiver.
  const transceiver = createTransceiver(connection, kind, init.direction, track, init.streams, sendEncodings);
  // 13. – 14. Update the negotiation-needed flag, and return transceiver.
  updateNegotiationNeededFlag(connection);
  return transceiver;
}

function createTransceiver(
  connection: Connection,
  kind: MediaKind,
  direction: Direction,
  track: MediaStreamTrack | null,
  streams: readonly MediaStream[],
  sendEncodings: SendEncodings,
): TransceiverSlots {
  const streamIds = streamIdsOf(streams);
  return connection.transceivers.create({ kind, direction, track, streamIds, sendEncodings, isFromAddTrack: false });
}

/** https://w3c.github.io/webrtc-pc/#legacy-configuration-extensions */
export function applyOfferToReceive(connection: Connection, options: RTCOfferOptions): void {
  // createOffer() will refuse.
  if (connection.isClosed) return;
  // 3. For each offerToReceive<Kind> member in options:
  offerToReceive(connection, 'audio', options.offerToReceiveAudio);
  offerToReceive(connection, 'video', options.offerToReceiveVideo);
}

function offerToReceive(connection: Connection, kind: MediaKind, wanted: boolean | undefined): void {
  const transceivers = connection.transceivers.all.filter((each) => each.kind === kind && !each.stopping);
  if (wanted === undefined) return;
  if (!wanted) {
    // 3.1. Transceivers of the kind receive no longer.
    for (const transceiver of transceivers) {
      if (transceiver.direction === 'sendrecv') transceiver.direction = 'sendonly';
      else if (transceiver.direction === 'recvonly') transceiver.direction = 'inactive';
    }
    return;
  }
  // 3.2. If any of them receives already, continue with the next option.
  if (transceivers.some(({ direction }) => direction === 'sendrecv' || direction === 'recvonly')) return;
  // 3.3. – 3.5. As addTransceiver(kind) with direction "recvonly", but without updating the negotiation-needed flag.
  createTransceiver(connection, kind, 'recvonly', null, [], []);
}
