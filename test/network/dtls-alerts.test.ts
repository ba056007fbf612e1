import { expect, test } from '@jest/globals';
import type { RTCErrorEvent } from '../../lib';
import { once } from '../support/connect';
import { pairThrough } from '../support/relayed-pair';
import { UdpRelay } from '../support/udp-relay';

/** Of a ClientHello without session id and cookie, behind the headers of record and message, version and random. */
const SESSION_ID = 13 + 12 + 2 + 32;
const HANDSHAKE_FAILURE = 40;

/** As a client sends it that has no cipher suite in common with us. */
function withoutCommonSuite(datagram: Buffer): Buffer {
  const isClientHello = datagram[0] === 22 && datagram[13] === 1;
  if (!isClientHello) return datagram;
  const altered = Buffer.from(datagram);
  const suites = SESSION_ID + 4;
  altered.fill(0xfa, suites, suites + altered.readUInt16BE(SESSION_ID + 2));
  return altered;
}

test('an error tells which side has sent the alert', async () => {
  const relay = await UdpRelay.open({ seed: 1 });
  relay.alter = (datagram) => [withoutCommonSuite(datagram)];
  const pair = await pairThrough(relay, (left) => left.createDataChannel('x'));
  // Who answers is the client.
  const [server, client] = await Promise.all(
    [pair.left, pair.right].map((side) => once<RTCErrorEvent>(side.sctp!.transport as EventTarget, 'error')),
  );
  const errorDetail = 'dtls-failure';
  expect(server!.error).toMatchObject({ errorDetail, sentAlert: HANDSHAKE_FAILURE, receivedAlert: null });
  expect(client!.error).toMatchObject({ errorDetail, sentAlert: null, receivedAlert: HANDSHAKE_FAILURE });
  await pair.close();
});
