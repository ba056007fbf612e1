import { fireEvent } from '../dom/fire-event';
import { queueTask } from '../dom/queue-task';
import { closedSession } from '../jsep/jsep-session';
import type { Connection } from './connection';
import { sctpSlotsOf } from './RTCSctpTransport';
import { stopTransceiver } from './stop-transceiver';

/**
 * Close the connection (https://w3c.github.io/webrtc-pc/#close-the-connection). Nothing is fired at the connection; its
 * channels close and remote tracks end, and say so.
 */
export function closeConnection(connection: Connection): void {
  // 1. If connection.[[IsClosed]] is true, abort these steps.
  if (connection.isClosed) return;
  // 2. – 3. Set [[IsClosed]] to true, and [[SignalingState]] with it to "closed".
  connection.isClosed = true;
  connection.operations.close();
  // 4. Stop each transceiver that is not stopped.
  for (const transceiver of connection.transceivers.notStopped) stopTransceiver(transceiver);
  // 5. Set the [[ReadyState]] slot of each of connection's RTCDataChannels to "closed".
  connection.channels.closeAbruptly();
  // 6. Tear down the SCTP association by sending an ABORT, and set its state to "closed".
  const { sctp } = connection;
  if (sctp) {
    sctp.association.close();
    const slots = sctpSlotsOf(sctp.rtc);
    if (slots.state !== 'closed') {
      slots.state = 'closed';
      // "A task is queued" says RTCSctpTransportState of an association "closed intentionally".
      queueTask(() => {
        fireEvent(sctp.rtc, 'statechange');
      });
    }
  }
  // 7. – 9. Close the DTLS and ICE transports, releasing all their resources, and set their states.
  connection.pool.discard();
  connection.transports.closeAll();
  // 10. – 11. Set [[IceConnectionState]] and [[ConnectionState]] to "closed".
  connection.iceConnectionState = 'closed';
  connection.connectionState = 'closed';
  connection.session = closedSession(connection.session);
}
