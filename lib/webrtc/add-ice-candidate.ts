import { queueTask } from '../dom/queue-task';
import { addRemoteCandidate, type JsepResult } from '../jsep/jsep-session';
import type { RTCIceCandidateInit } from '../webidl/generated/dictionaries';
import type { Connection } from './connection';
import { toException } from './jsep-exception';

/** The chained steps of https://w3c.github.io/webrtc-pc/#dom-peerconnection-addicecandidate */
export function addIceCandidate(connection: Connection, candidate: RTCIceCandidateInit): Promise<void> {
  // 1. – 5. Checks, and what the candidate does to the descriptions: addRemoteCandidate() throws what they reject with.
  const before = connection.session;
  let added: JsepResult;
  try {
    added = addRemoteCandidate(before, candidate);
  } catch (error) {
    // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- made there
    return Promise.reject(toException(error));
  }
  // 6. – 7. In parallel, add the ICE candidate; queue a task that adds it to the descriptions.
  return new Promise((resolve, reject) => {
    queueTask(() => {
      // 7.1 If connection.[[IsClosed]] is true, then abort these steps.
      if (connection.isClosed) return;
      try {
        // The session may have got local candidates since.
        if (connection.session !== before) added = addRemoteCandidate(connection.session, candidate);
        connection.session = added.session;
        connection.transports.perform(added.effects);
      } catch (error) {
        // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- made there
        reject(toException(error));
        return;
      }
      resolve();
    });
  });
}
