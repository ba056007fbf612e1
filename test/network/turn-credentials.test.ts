/** Credentials of TURN that are good for some time, as servers that make them from a secret hand them out. */
import { RTCPeerConnection } from '../../lib';
import { negotiate, once, trickle } from '../support/connect';
import { hasCoturn, startCoturn, type Coturn } from '../support/coturn';

const USERS = 3;
let server: Coturn;
beforeAll(async () => {
  if (!hasCoturn) return;
  const users = Array.from({ length: USERS }, (_, index) => `--user=user-${index}:secret-${index}`);
  // One allocation that is used, and one that takes its place.
  server = await startCoturn([...users, '--total-quota=2']);
}, 20_000);
afterAll(async () => {
  if (hasCoturn) await server.stop();
});

(hasCoturn ? test : test.skip)(
  'an allocation of credentials that are no longer configured is given back once nothing takes it',
  async () => {
    const configurationOf = (index: number) => ({
      iceServers: [{ urls: `turn:127.0.0.1:${server.port}`, username: `user-${index}`, credential: `secret-${index}` }],
      iceTransportPolicy: 'relay' as const,
      bindAddress: '127.0.0.1',
      includeLoopback: true,
    });
    const left = new RTCPeerConnection(configurationOf(0) as never);
    const right = new RTCPeerConnection({ bindAddress: '127.0.0.1', includeLoopback: true } as never);
    const errors: { errorCode: number; errorText: string }[] = [];
    left.onicecandidateerror = (event) => errors.push(event as never);
    trickle(left, right);
    try {
      const channel = left.createDataChannel('relayed', { negotiated: true, id: 0 });
      const remote = right.createDataChannel('relayed', { negotiated: true, id: 0 });
      remote.onmessage = ({ data }) => remote.send(data as string);
      await negotiate(left, right);
      await once(channel, 'open');
      for (let index = 1; index < USERS; index++) {
        left.setConfiguration(configurationOf(index) as never);
        left.restartIce();
        const deleted = server.logged(new RegExp(`delete: .* username=<user-${index - 1}>`));
        await negotiate(left, right);
        await deleted;
        const echoed = once<MessageEvent>(channel, 'message');
        channel.send(`after restart ${index}`);
        expect((await echoed).data).toBe(`after restart ${index}`);
      }
      expect(errors.map(({ errorCode, errorText }) => `${errorCode} ${errorText}`)).toEqual([]);
    } finally {
      left.close();
      right.close();
    }
  },
  60_000,
);
