import { createDOMException } from '../dom/dom-exception';
import { queueTask } from '../dom/queue-task';
import type { MediaStream } from '../mediacapture/MediaStream';
import type { MediaStreamTrack } from '../mediacapture/MediaStreamTrack';
import { streamIdsOf } from './add-track';
import { updateNegotiationNeededFlag } from './negotiation-needed';
import type { SenderSlots } from './RTCRtpSender';
import { updateSender } from './rtp-streams';

/** https://w3c.github.io/webrtc-pc/#dom-rtcrtpsender-replacetrack */
export async function replaceTrack(
  sender: SenderSlots,
  withTrack: MediaStreamTrack | null,
  context: string,
): Promise<void> {
  const { connection, transceiver, kind } = sender;
  // 5. A track of another kind is a TypeError.
  if (withTrack && withTrack.kind !== kind) {
    throw new TypeError(`${context}: The track is not of kind '${kind}'.`);
  }
  // 6. Chain the following steps:
  return connection.operations.chain(async () => {
    // 6.1. If transceiver.[[Stopping]] is true, reject with an InvalidStateError.
    if (transceiver.stopping) {
      throw createDOMException(`${context}: The transceiver is stopped.`, 'InvalidStateError');
    }
    // 6.2. Let p be a new promise. 6.3. – 6.4. In parallel: any track of the kind can be sent within what is negotiated.
    return new Promise<void>((resolve, reject) => {
      // 6.4.4. Queue a task:
      queueTask(() => {
        // 1. If connection.[[IsClosed]] is true, abort these steps.
        if (connection.isClosed) return;
        // 2. Set sender.[[SenderTrack]] to withTrack.
        sender.track = withTrack;
        try {
          updateSender(sender);
        } catch (error) {
          // Operations that come later go on all the same.
          // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- passed on as it came
          reject(error);
          return;
        }
        // 3. Queue a task to resolve p.
        queueTask(resolve);
      });
    });
  });
}

/** https://w3c.github.io/webrtc-pc/#dom-rtcrtpsender-setstreams */
export function setStreams(sender: SenderSlots, streams: readonly MediaStream[], context: string): void {
  const { connection } = sender;
  // 3. If connection.[[IsClosed]] is true, throw an InvalidStateError.
  if (connection.isClosed) throw createDOMException(`${context}: The connection is closed.`, 'InvalidStateError');
  // 4. – 6. Set sender.[[AssociatedMediaStreamIds]] to the ids of streams, each once.
  sender.associatedMediaStreamIds = streamIdsOf(streams);
  // 7. Update the negotiation-needed flag for connection.
  updateNegotiationNeededFlag(connection);
}
