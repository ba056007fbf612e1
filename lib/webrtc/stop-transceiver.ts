import { createDOMException } from '../dom/dom-exception';
import { queueTask } from '../dom/queue-task';
import { endTrack, trackSlotsOf } from '../mediacapture/MediaStreamTrack';
import { liveTracksOf } from '../mediacapture/track-source';
import { updateNegotiationNeededFlag } from './negotiation-needed';
import { receiverSlotsOf } from './RTCRtpReceiver';
import { senderSlotsOf } from './RTCRtpSender';
import type { TransceiverSlots } from './RTCRtpTransceiver';
import { closeStreams } from './rtp-streams';

/** https://w3c.github.io/webrtc-pc/#dom-rtcrtptransceiver-stop */
export function beginToStop(transceiver: TransceiverSlots, context: string): void {
  const { connection } = transceiver;
  // 3. If connection.[[IsClosed]] is true, throw an InvalidStateError.
  if (connection.isClosed) throw createDOMException(`${context}: The connection is closed.`, 'InvalidStateError');
  // 4. If transceiver.[[Stopping]] is true, abort these steps.
  if (transceiver.stopping) return;
  // 5. – 6. Stop sending and receiving, and update the negotiation-needed flag.
  stopSendingAndReceiving(transceiver);
  updateNegotiationNeededFlag(connection);
}

/** https://w3c.github.io/webrtc-pc/#stop-sending-and-receiving */
function stopSendingAndReceiving(transceiver: TransceiverSlots): void {
  // 3. – 4. Stop sending media with sender, and receiving media with receiver; RTCP BYE goes to the peer.
  closeStreams(transceiver);
  // 5. Execute the steps for receiver.[[ReceiverTrack]] to be ended (https://w3c.github.io/mediacapture-main/#track-ended:
  // in a task), and those of its clones: they have one source.
  const { track } = receiverSlotsOf(transceiver.receiver);
  queueTask(() => {
    for (const each of new Set([track, ...liveTracksOf(trackSlotsOf(track).source)])) endTrack(each);
  });
  // 6. – 7. Set transceiver.[[Direction]] to "inactive", and [[Stopping]] to true.
  transceiver.direction = 'inactive';
  transceiver.stopping = true;
}

/** https://w3c.github.io/webrtc-pc/#stop-the-rtcrtptransceiver */
export function stopTransceiver(transceiver: TransceiverSlots): void {
  const receiver = receiverSlotsOf(transceiver.receiver);
  // 2. If transceiver.[[Stopping]] is false, stop sending and receiving.
  if (!transceiver.stopping) stopSendingAndReceiving(transceiver);
  // 3. – 7.
  for (const side of [senderSlotsOf(transceiver.sender), receiver]) {
    side.encodedFrames.close();
    side.packets.attachPort(null);
  }
  transceiver.stopped = true;
  transceiver.receptive = false;
  transceiver.currentDirection = null;
  receiver.associatedRemoteMediaStreams = [];
  receiver.lastStableStateAssociatedRemoteMediaStreams = [];
}
