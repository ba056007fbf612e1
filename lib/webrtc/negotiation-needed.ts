import { fireEvent } from '../dom/fire-event';
import { queueTask } from '../dom/queue-task';
import { isDataNegotiated } from '../jsep/jsep-session';
import type { Connection } from './connection';

/** https://w3c.github.io/webrtc-pc/#dfn-update-the-negotiation-needed-flag */
export function updateNegotiationNeededFlag(connection: Connection): void {
  // 1. If the length of [[Operations]] is not 0, set [[UpdateNegotiationNeededFlagOnEmptyChain]] to true, and abort.
  if (!connection.operations.isEmpty) {
    connection.updateNegotiationNeededFlagOnEmptyChain = true;
    return;
  }
  // 2. Queue a task to run the following steps:
  queueTask(() => {
    // 2.1 If connection.[[IsClosed]] is true, abort these steps.
    if (connection.isClosed) return;
    // 2.2 As 1.: an operation may have been chained since.
    if (!connection.operations.isEmpty) {
      connection.updateNegotiationNeededFlagOnEmptyChain = true;
      return;
    }
    // 2.3 If connection.[[SignalingState]] is not "stable", abort: the flag is updated when it is again.
    if (connection.signalingState !== 'stable') return;
    // 2.4 If the result of checking if negotiation is needed is false, clear the flag and abort.
    if (!isNegotiationNeeded(connection)) {
      connection.negotiationNeeded = false;
      return;
    }
    // 2.5 If connection.[[NegotiationNeeded]] is already true, abort these steps.
    if (connection.negotiationNeeded) return;
    // 2.6 Set connection.[[NegotiationNeeded]] to true.
    connection.negotiationNeeded = true;
    // 2.7 Fire an event named negotiationneeded at connection.
    fireEvent(connection.target, 'negotiationneeded');
  });
}

/** https://w3c.github.io/webrtc-pc/#dfn-check-if-negotiation-is-needed */
function isNegotiationNeeded(connection: Connection): boolean {
  // 1. Skipped: nothing implementation-specific needs negotiation.
  // 2. If connection.[[LocalIceCredentialsToReplace]] is not empty, return true.
  if (connection.localIceCredentialsToReplace.length > 0) return true;
  // 3. Let description be connection.[[CurrentLocalDescription]].
  // 4. If connection has created any RTCDataChannels, and no m= section in description has been negotiated yet for
  //    data, return true.
  return connection.channels.anyCreated && !isDataNegotiated(connection.session);
  // 5. Transceivers: none yet.
}
