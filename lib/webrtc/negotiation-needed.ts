import { fireEvent } from '../dom/fire-event';
import { queueTask } from '../dom/queue-task';
import { isNegotiationNeeded, type NegotiationNeeds } from '../jsep/jsep-session';
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
    if (!isNegotiationNeeded(connection.session, negotiationNeeds(connection))) {
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

/** For https://w3c.github.io/webrtc-pc/#dfn-check-if-negotiation-is-needed: all that the descriptions do not say. */
export function negotiationNeeds(connection: Connection): NegotiationNeeds {
  return {
    credentialsToReplace: connection.localIceCredentialsToReplace,
    hasDataChannels: connection.channels.anyCreated,
    transceivers: connection.transceivers.views,
  };
}
