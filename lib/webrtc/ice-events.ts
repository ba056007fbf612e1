import { fireEvent } from '../dom/fire-event';
import { queueDelayedTask } from '../dom/queue-delayed-task';
import { queueTask } from '../dom/queue-task';
import type { NativeIceCandidate, NativeIceCandidateError } from '../binding/native-addon';
import { addLocalCandidate, type LocalCandidateResult } from '../jsep/jsep-session';
import { fromNativeCandidate } from '../transport/ice-candidate';
import type { Connection } from './connection';
import { deriveIceConnectionState, deriveIceGatheringState, derivePeerConnectionState } from './connection-state';
import type { TransportPair } from './connection-transports';
import { createCandidateErrorEvent, createLocalCandidate, createSelectedPair } from './ice-candidate-objects';
import { RTCIceCandidate } from './RTCIceCandidate';
import { iceSlotsOf } from './RTCIceTransport';
import { RTCPeerConnectionIceEvent } from './RTCPeerConnectionIceEvent';

/** For so many milliseconds "connected" stands at least before it is "completed". */
const CONNECTED_MS = 1000;

/** Indications of the ICE agent. Each call is in a task of its own already. */
export function observeIce(connection: Connection, pair: TransportPair): void {
  pair.ice.observer = {
    iceGatheringStateChanged: (state) => {
      if (connection.isClosed) return;
      if (state === 'complete') {
        const wasReverting = pair.isReverting;
        pair.isReverting = false;
        // A rollback in the middle of gathering still has an end to tell.
        if (!wasReverting || iceSlotsOf(pair.rtcIce).gathererState === 'gathering') {
          endGathering(connection, pair);
        } else {
          pair.isGathering = false;
          connection.transports.updateLife();
        }
      } else if (state === 'gathering' && !pair.isReverting) {
        beginGathering(connection, pair);
      }
    },
    candidateGathered: (candidate) => {
      surfaceCandidate(connection, pair, candidate);
    },
    candidateFailed: (error) => {
      reportCandidateError(connection, error);
    },
    selectedPairChanged: (local, remote) => {
      changeSelectedPair(connection, pair, local, remote);
    },
    iceStateChanged: (state) => {
      changeIceState(connection, pair, state);
    },
    iceRoleChanged: (role) => {
      iceSlotsOf(pair.rtcIce).role = role;
    },
  };
}

/**
 * A restart begins to gather with the description that asks for it. The agent's word comes in a task of its own, as the
 * Recommendation has it, but whoever awaited setLocalDescription() and then reads the states must not take the "complete"
 * of the generation before for this one's: the states change at once, their events follow.
 */
export function anticipateGathering(connection: Connection, pair: TransportPair): void {
  const slots = iceSlotsOf(pair.rtcIce);
  if (slots.gathererState !== 'complete') return;
  slots.gathererState = 'gathering';
  pair.isGatheringUntold = true;
  deriveGathering(connection);
}

/** The restart was rolled back before anybody was told of it. */
export function forgetGathering(connection: Connection, pair: TransportPair): void {
  if (!pair.isGatheringUntold) return;
  iceSlotsOf(pair.rtcIce).gathererState = 'complete';
  pair.isGatheringUntold = false;
  deriveGathering(connection);
}

/** Steps for "it began gathering a generation of candidates" (https://w3c.github.io/webrtc-pc/#rtcicetransport). */
function beginGathering(connection: Connection, pair: TransportPair): void {
  // 1. If connection.[[IsClosed]] is true, abort. 2. Set [[IceGathererState]] to gathering.
  iceSlotsOf(pair.rtcIce).gathererState = 'gathering';
  // 3. – 4. Derive the connection's gathering state.
  deriveGathering(connection);
  pair.isGatheringUntold = false;
  // 5. Fire gatheringstatechange at transport, 6. and icegatheringstatechange at connection if it changed.
  fireEvent(pair.rtcIce, 'gatheringstatechange');
  tellGathering(connection);
}

/** Steps for "is finished gathering a generation of candidates", two tasks. */
function endGathering(connection: Connection, pair: TransportPair): void {
  const ufrag = iceSlotsOf(pair.rtcIce).localParameters?.usernameFragment ?? '';
  // 2. – 3. Add a=end-of-candidates to the descriptions of this generation.
  const place = addCandidate(connection, pair, ufrag, null);
  // 4. – 5. Fire icecandidate with an empty candidate.
  if (place) {
    const { sdpMid, sdpMLineIndex } = place;
    const candidate = new RTCIceCandidate({ sdpMid, sdpMLineIndex, candidate: '', usernameFragment: ufrag });
    fireEvent(connection.target, new RTCPeerConnectionIceEvent('icecandidate', { candidate }));
  }
  // Second task:
  queueTask(() => {
    // 1. If connection.[[IsClosed]] is true, abort; so too when another generation is being gathered by now, or the
    // transport has gone with a rollback.
    if (connection.isClosed || pair.ice.gatheringState !== 'complete' || pair.ice.state === 'closed') return;
    pair.isGathering = false;
    // 2. – 4. Set the states.
    iceSlotsOf(pair.rtcIce).gathererState = 'complete';
    deriveGathering(connection);
    // 5. – 7. Fire gatheringstatechange at transport, icegatheringstatechange and the null candidate at connection.
    fireEvent(pair.rtcIce, 'gatheringstatechange');
    tellGathering(connection);
    connection.transports.updateLife();
    // What could not be told while the states said that candidates were being gathered.
    if (pair.ice.state === 'completed' && iceSlotsOf(pair.rtcIce).state !== 'completed') {
      queueTask(() => {
        changeIceState(connection, pair, pair.ice.state);
      });
    }
  });
}

/** https://w3c.github.io/webrtc-pc/#surface-the-candidate; gathering begins with its description, so none is early */
function surfaceCandidate(connection: Connection, pair: TransportPair, native: NativeIceCandidate): void {
  // 1. If connection.[[IsClosed]] is true, abort these steps.
  if (connection.isClosed || pair.isReverting) return;
  const line = fromNativeCandidate(native);
  const { usernameFragment, url } = native;
  // 2. – 4. Add candidate to the descriptions of its generation; an older generation's is dropped.
  const place = addCandidate(connection, pair, usernameFragment, line);
  if (!place) return;
  // 5. Let newCandidate be the result of creating an RTCIceCandidate.
  const candidate = createLocalCandidate(native, place, line);
  // 6. Add newCandidate to transport's set of local candidates.
  iceSlotsOf(pair.rtcIce).localCandidates.push(candidate);
  // 7. Fire an event named icecandidate.
  const init = url === '' ? { candidate } : { candidate, url };
  fireEvent(connection.target, new RTCPeerConnectionIceEvent('icecandidate', init));
}

function addCandidate(
  connection: Connection,
  pair: TransportPair,
  ufrag: string,
  candidate: Parameters<typeof addLocalCandidate>[3],
): LocalCandidateResult['place'] {
  if (pair.id === null) return null;
  const { session, place } = addLocalCandidate(connection.session, pair.id, ufrag, candidate);
  connection.session = session;
  return place;
}

/** https://w3c.github.io/webrtc-pc/#event-icecandidateerror */
function reportCandidateError(connection: Connection, error: NativeIceCandidateError): void {
  if (connection.isClosed) return;
  fireEvent(connection.target, createCandidateErrorEvent(error));
}

/** "The steps to change the selected candidate pair and state", for the pair. */
function changeSelectedPair(
  connection: Connection,
  pair: TransportPair,
  local: NativeIceCandidate,
  remote: NativeIceCandidate,
): void {
  if (connection.isClosed) return;
  const slots = iceSlotsOf(pair.rtcIce);
  slots.selectedCandidatePair = createSelectedPair(slots, local, remote, pair.mid);
  fireEvent(pair.rtcIce, 'selectedcandidatepairchange');
}

/**
 * Applications that look a moment late wait for "connected", which browsers do not leave for "completed": so it stands for
 * a while before.
 */
function showConnected(connection: Connection, pair: TransportPair): void {
  pair.cancelCompletion?.();
  pair.cancelCompletion = queueDelayedTask(() => {
    pair.cancelCompletion = null;
    if (pair.ice.state === 'completed') changeIceState(connection, pair, 'completed');
  }, CONNECTED_MS);
}

/** "The steps to change the selected candidate pair and state", for the state. */
function changeIceState(connection: Connection, pair: TransportPair, state: TransportPair['ice']['state']): void {
  if (connection.isClosed) return;
  pair.isAboutToCheck = false;
  const slots = iceSlotsOf(pair.rtcIce);
  if (slots.state === state) return;
  // "Completed" is to have finished gathering, which takes a task more to be told: endGathering() comes back to it.
  if (state === 'completed' && (slots.gathererState === 'gathering' || pair.cancelCompletion !== null)) return;
  slots.state = state;
  if (state === 'connected') showConnected(connection, pair);
  // All states are set before the first event is fired.
  deriveConnection(connection);
  fireEvent(pair.rtcIce, 'statechange');
  tellConnection(connection);
  connection.transports.updateLife();
}

/** After transports came or went: derives all three states and fires what changed. */
export function updateConnectionStates(connection: Connection): void {
  if (connection.isClosed) return;
  deriveGathering(connection);
  deriveConnection(connection);
  tellGathering(connection);
  tellConnection(connection);
  connection.transports.updateLife();
}

/**
 * A description was applied, and other transports may be considered than before: the states follow at once, as whoever
 * awaits the description may read them; the events come in a task of their own.
 */
export function updateStatesWithDescription(connection: Connection): void {
  deriveGathering(connection);
  deriveConnection(connection);
  const { toldStates: told } = connection;
  if (
    connection.iceGatheringState === told.iceGatheringState &&
    connection.iceConnectionState === told.iceConnectionState &&
    connection.connectionState === told.connectionState
  )
    return;
  queueTask(() => {
    tellGathering(connection);
    tellConnection(connection);
  });
}

function deriveGathering(connection: Connection): void {
  const { iceGatheringState: before, transports } = connection;
  connection.iceGatheringState = deriveIceGatheringState(transports.states, before);
}

function deriveConnection(connection: Connection): void {
  const { states } = connection.transports;
  connection.iceConnectionState = deriveIceConnectionState(false, states);
  connection.connectionState = derivePeerConnectionState(connection.iceConnectionState, states);
}

/** Whether no agent has said yet that it gathers: see anticipateGathering(). What is rolled back first is never told. */
function isAnticipated({ transports }: Connection): boolean {
  const gathering = transports.pairs.filter(({ rtcIce }) => iceSlotsOf(rtcIce).gathererState === 'gathering');
  return gathering.every(({ isGatheringUntold }) => isGatheringUntold);
}

/**
 * "All RTCIceTransports have finished gathering candidates, and the RTCPeerConnection's RTCIceGatheringState has transitioned
 * to complete", says the Recommendation of the null candidate (https://w3c.github.io/webrtc-pc/#rtcpeerconnectioniceevent):
 * who waits for it sends a description that has all candidates. One transport of several is not all.
 */
function tellGathering(connection: Connection): void {
  const { iceGatheringState, isClosed, target, toldStates: told } = connection;
  if (isClosed || iceGatheringState === told.iceGatheringState) return;
  if (iceGatheringState === 'gathering' && isAnticipated(connection)) return;
  told.iceGatheringState = iceGatheringState;
  fireEvent(target, 'icegatheringstatechange');
  // A listener of the event before may have closed the connection: nothing is fired at it then.
  if (iceGatheringState !== 'complete' || connection.isClosed) return;
  fireEvent(target, new RTCPeerConnectionIceEvent('icecandidate', { candidate: null }));
}

function tellConnection(connection: Connection): void {
  const { iceConnectionState, connectionState, isClosed, target, toldStates: told } = connection;
  if (isClosed) return;
  const iceChanged = iceConnectionState !== told.iceConnectionState;
  const connectionChanged = connectionState !== told.connectionState;
  told.iceConnectionState = iceConnectionState;
  told.connectionState = connectionState;
  if (iceChanged) fireEvent(target, 'iceconnectionstatechange');
  // A listener of the event before may have closed the connection: nothing is fired at it then.
  if (connectionChanged && !connection.isClosed) fireEvent(target, 'connectionstatechange');
}
