import { nativeAddon } from '../binding/load';
import { createDOMException } from '../dom/dom-exception';
import { fireEvent } from '../dom/fire-event';
import { queueTask } from '../dom/queue-task';
import {
  applyLocal,
  applyRemote,
  implicitLocalType,
  lastCreated,
  localIceCredentials,
  needsImplicitRollback,
  rollback,
  type DescriptionType,
  type IceParameters,
  type JsepDescription,
  type JsepResult,
} from '../jsep/jsep-session';
import type { RTCLocalSessionDescriptionInit, RTCSessionDescriptionInit } from '../webidl/generated/dictionaries';
import {
  applyLocalMedia,
  applyRemoteMedia,
  rememberStableMedia,
  removeStoppedTransceivers,
  rollBackMedia,
} from './apply-media';
import type { Connection } from './connection';
import { createAnswer, createOffer, ensureCertificates } from './create-description';
import { updateConnectionStates, updateStatesWithDescription } from './ice-events';
import { toException } from './jsep-exception';
import { negotiationNeeds, updateNegotiationNeededFlag } from './negotiation-needed';
import { announceTrackChanges, TrackChanges } from './remote-tracks';
import { controlOf, type RTCDataChannel } from './RTCDataChannel';
import { sctpSlotsOf } from './RTCSctpTransport';
import { updateStreams } from './rtp-streams';

type Side = 'local' | 'remote';

/** The chained steps of https://w3c.github.io/webrtc-pc/#dom-peerconnection-setlocaldescription */
export async function setLocalDescription(
  connection: Connection,
  description: RTCLocalSessionDescriptionInit,
): Promise<void> {
  // 1. Let type be description.type if present, or else what the signaling state implies.
  const type = description.type ?? implicitLocalType(connection.session);
  if (type === 'rollback') return rollBack(connection, 'local');
  // 2. – 3. An sdp that is not what was created last is an InvalidModificationError: applyLocal() sees to it.
  let { sdp } = description;
  // 4. – 5. If sdp is empty, take the last created offer or answer, or else create one.
  if (sdp === '') {
    const created = isStale(connection, type)
      ? null
      : lastCreated(connection.session, type, negotiationNeeds(connection));
    sdp =
      created ??
      (type === 'offer' ? await createOffer(connection, { iceRestart: false }) : await createAnswer(connection, {}))
        .sdp;
  }
  // 6. Set the local session description indicated by {type, sdp}.
  await setDescription(connection, 'local', type, () =>
    applyLocal(connection.session, type, sdp, connection.transceivers.views),
  );
}

/** "No longer accurately represents the system state": ICE has to restart since the offer was created. */
function isStale(connection: Connection, type: DescriptionType): boolean {
  if (type !== 'offer') return false;
  const { session, localIceCredentialsToReplace, outdatedIceCredentials } = connection;
  const offer = session.lastCreatedOffer?.text ?? '';
  return [...localIceCredentialsToReplace, ...outdatedIceCredentials].some(({ usernameFragment }) =>
    offer.includes(`a=ice-ufrag:${usernameFragment}\r\n`),
  );
}

/** The chained steps of https://w3c.github.io/webrtc-pc/#dom-peerconnection-setremotedescription */
export async function setRemoteDescription(
  connection: Connection,
  { type, sdp }: RTCSessionDescriptionInit,
): Promise<void> {
  if (type === 'rollback') return rollBack(connection, 'remote');
  // 1. If an offer is invalid for the current signaling state, roll the local one back first.
  if (needsImplicitRollback(connection.session, type)) await rollBack(connection, 'local');
  // The answer will need a certificate: it is made meanwhile. Should that fail, createAnswer() tries again and tells.
  if (type === 'offer') ensureCertificates(connection).catch(() => undefined);
  // 2. Set the remote session description.
  await setDescription(connection, 'remote', type, () =>
    applyRemote(connection.session, type, sdp, connection.transceivers.views),
  );
}

/** "Set a session description" with a description of type "rollback" */
async function rollBack(connection: Connection, side: Side): Promise<void> {
  // 2. InvalidStateError in stable and in the pranswer states.
  const { signalingState } = connection;
  if (signalingState !== 'have-local-offer' && signalingState !== 'have-remote-offer') {
    throw createDOMException(`There is nothing to roll back in state ${signalingState}.`, 'InvalidStateError');
  }
  await setDescription(connection, side, 'rollback', () => rollback(connection.session, side));
}

/** https://w3c.github.io/webrtc-pc/#set-description */
function setDescription(
  connection: Connection,
  side: Side,
  type: DescriptionType | 'rollback',
  apply: () => JsepResult,
): Promise<void> {
  // 1. Let p be a new promise. 4. In parallel, apply description; each outcome queues a task.
  return new Promise((resolve, reject) => {
    const attempt = (): void => {
      // If connection.[[IsClosed]] is true, then abort these steps.
      if (connection.isClosed) return;
      // 4.6.3 If any promises from setParameters() are not settled, start the process over.
      const { unsettledSetParameters } = connection.transceivers;
      if (unsettledSetParameters.length > 0) {
        void Promise.allSettled(unsettledSetParameters).then(() => {
          queueTask(attempt);
        });
        return;
      }
      try {
        const result = apply();
        // Without a network thread nothing changes.
        if (result.effects.some(({ kind }) => kind === 'gather')) nativeAddon().startNetwork();
        // 4.6.18 Resolve p with undefined.
        commit(connection, side, type, result, resolve);
      } catch (error) {
        // 4.5 InvalidStateError, RTCError, InvalidAccessError or OperationError; and where the system refuses a thread.
        // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- made there
        reject(toException(error));
      }
    };
    queueTask(attempt);
  });
}

/** "If description is applied successfully": all slots first, then the events; `done` when all have been fired. */
function commit(
  connection: Connection,
  side: Side,
  type: DescriptionType | 'rollback',
  result: JsepResult,
  done: () => void,
): void {
  const stateBefore = connection.signalingState;
  // 4. An offer in stable: remember what a rollback returns to.
  if (type === 'offer' && stateBefore === 'stable') {
    connection.lastStableStateSctp = connection.sctp;
    rememberStableMedia(connection);
  }
  // 5. – 6. Descriptions and signaling state.
  connection.session = result.session;
  if (type === 'answer') forgetReplacedCredentials(connection);
  // 7. An offer that describes an SCTP association makes [[SctpTransport]].
  const removed = updateSctpTransport(connection, type, result);
  // An answer that rejects its section: what waits for it waits in vain, and not what is created from now on.
  const refused = removed && type === 'answer' && !connection.sctp ? connection.channels.waiting : [];
  // The transports that the descriptions ask for.
  connection.transports.perform(result.effects);
  connection.transports.mirrorSession();
  // 8. Let trackEventInits, muteTracks, addList and removeList be empty lists.
  const changes = new TrackChanges();
  // 9. The DTLS role is negotiated: channels get their ids.
  const failed = type === 'rollback' || type === 'offer' ? [] : connection.channels.assignIds();
  // 10. – 11. Transceivers.
  if (type === 'rollback') rollBackMedia(connection, stateBefore === 'have-remote-offer', changes);
  else if (side === 'local') applyLocalMedia(connection, type, result.media, changes);
  else applyRemoteMedia(connection, type, result.media, changes);
  // 12. An answer removes transceivers that are stopped and rejected.
  if (type === 'answer') removeStoppedTransceivers(connection);
  // RFC 9429 section 3.5.4: what the pool still has is not needed once an answer has told what is.
  if (type === 'answer') connection.pool.discard();
  updateStreams(connection);
  updateStatesWithDescription(connection);
  // 13. In stable, clear and update the negotiation-needed flag.
  const { signalingState } = connection;
  if (signalingState === 'stable') {
    connection.negotiationNeeded = false;
    updateNegotiationNeededFlag(connection);
  }
  // 14. If [[SignalingState]] changed, fire signalingstatechange.
  if (signalingState !== stateBefore) fireEvent(connection.target, 'signalingstatechange');
  // 15. Channels that could get no id fail.
  for (const channel of failed) {
    controlOf(channel).fireError('data-channel-failure', 'There is no id left for the data channel.');
  }
  // 16. – 19. Tracks are muted, leave their streams, join others, and are announced.
  announceTrackChanges(connection, changes, () => {
    if (removed) endAssociation(connection, removed, refused);
    done();
  });
}

/**
 * "Finally, if none of the ICE credentials in [[LocalIceCredentialsToReplace]] are present in description", the new
 * [[CurrentLocalDescription]], "set it to an empty set."
 */
function forgetReplacedCredentials(connection: Connection): void {
  const present = new Set(localIceCredentials(connection.session).map(({ usernameFragment }) => usernameFragment));
  const isGone = (credentials: readonly IceParameters[]): boolean =>
    !credentials.some(({ usernameFragment }) => present.has(usernameFragment));
  if (isGone(connection.localIceCredentialsToReplace)) connection.localIceCredentialsToReplace = [];
  if (isGone(connection.outdatedIceCredentials)) connection.outdatedIceCredentials = [];
}

/** @returns the [[SctpTransport]] that is no longer one */
function updateSctpTransport(
  connection: Connection,
  type: DescriptionType | 'rollback',
  { session, effects }: JsepResult,
): Connection['sctp'] {
  const before = connection.sctp;
  if (type === 'offer') {
    const mid = dataMidOf(session.pendingLocal ?? session.pendingRemote);
    if (mid !== null && !before) connection.sctp = connection.transports.createSctp(mid);
    return null;
  }
  if (type === 'rollback') {
    connection.sctp = connection.lastStableStateSctp;
  } else if (type === 'answer' && session.sctp === null) {
    // 8. An answer that closes the association, or that never let it be.
    connection.sctp = null;
  } else if (session.sctp && before && before.association.isStarted) {
    // The association is replaced (another port, another DTLS association): RFC 8841 section 10.4.
    if (effects.some(({ kind }) => kind === 'stop-sctp')) {
      connection.sctp = connection.transports.createSctp(session.sctp.mid);
      return before;
    }
  }
  return before !== connection.sctp ? before : null;
}

/** The mid of the section that asks for an SCTP association. */
function dataMidOf(description: JsepDescription | null): string | null {
  const section = description?.model.media.find(
    ({ kind, port, protocol, attributes }) =>
      kind === 'application' &&
      protocol.endsWith('DTLS/SCTP') &&
      (port !== 0 || attributes.some(({ name }) => name === 'bundle-only')),
  );
  if (!section) return null;
  return section.attributes.find(({ name }) => name === 'mid')?.value ?? '';
}

function endAssociation(
  connection: Connection,
  { rtc, association }: NonNullable<Connection['sctp']>,
  refused: readonly RTCDataChannel[],
): void {
  queueTask(() => {
    if (connection.isClosed) return;
    association.close(null);
    connection.channels.refuse(refused);
    const slots = sctpSlotsOf(rtc);
    if (slots.state !== 'closed') {
      slots.state = 'closed';
      fireEvent(rtc, 'statechange');
    }
    updateConnectionStates(connection);
  });
}
