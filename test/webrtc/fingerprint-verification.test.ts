/** `disableFingerprintVerification`: who knows the peer by other means than its description. */
import { createHash } from 'node:crypto';
import { RTCPeerConnection } from '../../lib';
import { once, trickle } from '../support/connect';

const OF_NOBODY = Array.from({ length: 32 }, () => 'AB').join(':');

const open: RTCPeerConnection[] = [];
afterEach(() => {
  for (const pc of open.splice(0)) pc.close();
});

/** The answerer is given an offer with a fingerprint that no certificate has. */
async function connectUnderFalseName(
  ofClient: object,
  ofServer: object,
): Promise<{ client: RTCPeerConnection; server: RTCPeerConnection }> {
  const client = new RTCPeerConnection(ofClient as never);
  const server = new RTCPeerConnection(ofServer as never);
  open.push(client, server);
  trickle(client, server);
  client.createDataChannel('x', { negotiated: true, id: 0 });
  await client.setLocalDescription();
  const sdp = client.localDescription!.sdp.replace(/^a=fingerprint:.*$/gm, `a=fingerprint:sha-256 ${OF_NOBODY}`);
  await server.setRemoteDescription({ type: 'offer', sdp });
  await server.setLocalDescription();
  await client.setRemoteDescription(server.localDescription!);
  return { client, server };
}

test.each([
  ['of neither', {}],
  ['of the side whose certificate it is', { disableFingerprintVerification: true }],
])(
  'a certificate that is not the one of the description fails the connection with the flag %s',
  async (_, ofClient) => {
    const { server } = await connectUnderFalseName(ofClient, {});
    while (server.connectionState !== 'failed') await once(server, 'connectionstatechange');
    expect(server.sctp!.transport.state).toBe('failed');
  },
);

test('with disableFingerprintVerification any certificate will do, and is shown', async () => {
  const { client, server } = await connectUnderFalseName({}, { disableFingerprintVerification: true });
  const channel = server.createDataChannel('x', { negotiated: true, id: 0 });
  if (channel.readyState !== 'open') await once(channel, 'open');
  const [der] = server.sctp!.transport.getRemoteCertificates();
  const hash = createHash('sha256').update(new Uint8Array(der!)).digest('hex').toUpperCase();
  const shown = /^a=fingerprint:sha-256 (.*)$/m.exec(client.localDescription!.sdp)![1]!;
  expect(hash).toBe(shown.replaceAll(':', ''));
});
