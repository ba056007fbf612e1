import type { NativeDtlsStateChange } from '../binding/native-addon';
import { fireEvent } from '../dom/fire-event';
import type { RTCErrorInit } from '../webidl/generated/dictionaries';
import type { Connection } from './connection';
import type { TransportPair } from './connection-transports';
import { updateConnectionStates } from './ice-events';
import { dtlsSlotsOf } from './RTCDtlsTransport';
import { RTCError } from './RTCError';
import { RTCErrorEvent } from './RTCErrorEvent';

/** Changes of state of the DTLS transport. Each call is in a task of its own already. */
export function observeDtls(connection: Connection, pair: TransportPair): void {
  pair.dtls.observer = {
    dtlsStateChanged: (change) => {
      if (connection.isClosed) return;
      const { state, error } = change;
      const slots = dtlsSlotsOf(pair.rtcDtls);
      if (slots.state === state) return;
      // "When the underlying DTLS transport experiences an error", or changes for any other reason
      // (https://w3c.github.io/webrtc-pc/#rtcdtlstransport-interface):
      slots.state = state;
      if (state === 'connected') slots.remoteCertificates = pair.dtls.info?.peerCertificates ?? [];
      if (state === 'failed') fireFailure(pair, change);
      fireEvent(pair.rtcDtls, 'statechange');
      updateConnectionStates(connection);
      if (state === 'closed' || state === 'failed') endAssociation(connection, pair, error);
    },
  };
}

function fireFailure(pair: TransportPair, { error: message, receivedAlert, sentAlert }: NativeDtlsStateChange): void {
  const init: RTCErrorInit = /fingerprint/i.test(message)
    ? { errorDetail: 'fingerprint-failure' }
    : {
        errorDetail: 'dtls-failure',
        ...(receivedAlert >= 0 && { receivedAlert }),
        ...(sentAlert >= 0 && { sentAlert }),
      };
  fireEvent(pair.rtcDtls, new RTCErrorEvent('error', { error: new RTCError(init, message) }));
}

/** SCTP cannot live without DTLS (https://w3c.github.io/webrtc-pc/#rtcsctptransportstate, "closed"). */
function endAssociation(connection: Connection, pair: TransportPair, error: string): void {
  const { sctp } = connection;
  if (!sctp || sctp.pair !== pair) return;
  const message = error === '' ? 'The peer closed the connection.' : `The DTLS transport failed: ${error}`;
  sctp.association.close({ message, causeCode: null });
}
