import { createDOMException } from '../dom/dom-exception';
import { queueTask } from '../dom/queue-task';
import {
  createAnswer as createJsepAnswer,
  createOffer as createJsepOffer,
  type CreatedDescription,
  type LocalParameters,
} from '../jsep/jsep-session';
import { generateDefaultCertificate } from '../transport/certificate';
import { generateIceCredentials } from '../transport/ice-credentials';
import type { RTCAnswerOptions, RTCOfferOptions, RTCSessionDescriptionInit } from '../webidl/generated/dictionaries';
import type { Connection } from './connection';
import { MAX_RECEIVE_MESSAGE_SIZE } from './connection-transports';
import { toException } from './jsep-exception';

/** "If connection was not constructed with a set of certificates, and one has not yet been generated, wait for it." */
export async function ensureCertificates(connection: Connection): Promise<void> {
  if (connection.certificates.length > 0) return;
  connection.certificatesPending ??= generateDefaultCertificate().then(
    (certificate) => {
      connection.certificates = [certificate];
    },
    (error: unknown) => {
      connection.certificatesPending = null; // the next call tries again
      const reason = error instanceof Error ? error.message : String(error);
      throw createDOMException(`No certificate could be generated: ${reason}`, 'OperationError');
    },
  );
  await connection.certificatesPending;
}

/** What createOffer() alone is told is left out for an answer. */
type DescriptionOptions = Pick<
  LocalParameters,
  'silenceSuppression' | 'hasDataChannels' | 'iceRestart' | 'credentialsToReplace'
>;

function localParameters(
  connection: Connection,
  { silenceSuppression, hasDataChannels = false, iceRestart = false, credentialsToReplace = [] }: DescriptionOptions,
): LocalParameters {
  // What the pool has gathered, and else the configured credentials, are for the first transport, until it restarts.
  const { transports } = connection.session;
  let configured =
    transports.length === 0 ? (connection.pool.credentials ?? connection.nonstandard.iceCredentials) : null;
  return {
    fingerprints: connection.certificates.map((certificate) => {
      const { algorithm, value } = certificate.fingerprint('sha-256');
      return { algorithm, value: value.toUpperCase() };
    }),
    newIceParameters: () => {
      const { usernameFragment, password } = configured ?? generateIceCredentials();
      configured = null;
      return { usernameFragment, password };
    },
    maxMessageSize: MAX_RECEIVE_MESSAGE_SIZE,
    transceivers: connection.transceivers.views,
    silenceSuppression,
    hasDataChannels,
    iceRestart,
    credentialsToReplace,
  };
}

/** Runs `create` in a task, once there is a certificate; never settles when the connection is closed before. */
async function createInTask(
  connection: Connection,
  create: () => CreatedDescription,
): Promise<RTCSessionDescriptionInit> {
  await ensureCertificates(connection);
  return new Promise((resolve, reject) => {
    queueTask(() => {
      // Final steps 1. If connection.[[IsClosed]] is true, then abort these steps.
      if (connection.isClosed) return;
      try {
        // 3. – 6. Generate the SDP, remember it as the last created one, and resolve with a plain dictionary.
        const { session, type, sdp } = create();
        connection.session = session;
        resolve({ type, sdp });
      } catch (error) {
        // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- made there
        reject(toException(error));
      }
    });
  });
}

/** https://w3c.github.io/webrtc-pc/#dfn-create-an-offer */
export async function createOffer(
  connection: Connection,
  { iceRestart, voiceActivityDetection }: RTCOfferOptions,
): Promise<RTCSessionDescriptionInit> {
  // 1. If connection.[[SignalingState]] is neither "stable" nor "have-local-offer", reject with InvalidStateError.
  const { signalingState } = connection;
  if (signalingState !== 'stable' && signalingState !== 'have-local-offer') {
    throw createDOMException(`An offer cannot be created in state ${signalingState}.`, 'InvalidStateError');
  }
  // 2. – 4. In parallel …
  return createInTask(connection, () =>
    createJsepOffer(
      connection.session,
      localParameters(connection, {
        silenceSuppression: voiceActivityDetection,
        hasDataChannels: connection.channels.anyCreated,
        iceRestart,
        credentialsToReplace: [...connection.localIceCredentialsToReplace, ...connection.outdatedIceCredentials],
      }),
    ),
  );
}

/** https://w3c.github.io/webrtc-pc/#dfn-create-an-answer */
export async function createAnswer(
  connection: Connection,
  { voiceActivityDetection }: RTCAnswerOptions,
): Promise<RTCSessionDescriptionInit> {
  // 1. If connection.[[SignalingState]] is neither "have-remote-offer" nor "have-local-pranswer", reject.
  const { signalingState } = connection;
  if (signalingState !== 'have-remote-offer' && signalingState !== 'have-local-pranswer') {
    throw createDOMException(`An answer cannot be created in state ${signalingState}.`, 'InvalidStateError');
  }
  // 2. – 4. In parallel …
  return createInTask(connection, () =>
    createJsepAnswer(connection.session, localParameters(connection, { silenceSuppression: voiceActivityDetection })),
  );
}
