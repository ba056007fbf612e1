/** STUN and TURN over UDP against coturn, started here and stopped here. */
import { RTCPeerConnection } from '../../lib';
import { freePort, gathered as gather, hasCoturn, startCoturn, type Coturn } from '../support/coturn';

let server: Coturn;
let port: number;

beforeAll(async () => {
  if (!hasCoturn) return;
  server = await startCoturn();
  ({ port } = server);
}, 20_000);

afterAll(async () => {
  if (hasCoturn) await server.stop();
});

const withCoturn = hasCoturn ? it : it.skip;
type Candidate = NonNullable<ConstructorParameters<typeof RTCPeerConnection>[0]> extends never ? never : any;

function connect(left: RTCPeerConnection, right: RTCPeerConnection): { left: Candidate[]; right: Candidate[] } {
  const seen: { left: Candidate[]; right: Candidate[] } = { left: [], right: [] };
  const early: Candidate[][] = [[], []];
  const pass = (list: Candidate[], index: number, from: RTCPeerConnection, to: RTCPeerConnection) => {
    from.onicecandidate = ({ candidate }) => {
      if (candidate?.candidate) list.push(candidate);
      if (to.remoteDescription) void to.addIceCandidate(candidate);
      else early[index]!.push(candidate);
    };
  };
  pass(seen.left, 0, left, right);
  pass(seen.right, 1, right, left);
  void (async () => {
    await left.setLocalDescription();
    await right.setRemoteDescription(left.localDescription!);
    for (const candidate of early[0]!.splice(0)) await right.addIceCandidate(candidate);
    await right.setLocalDescription();
    await left.setRemoteDescription(right.localDescription!);
    for (const candidate of early[1]!.splice(0)) await left.addIceCandidate(candidate);
  })();
  return seen;
}

const gathered = (configuration: any) => gather(RTCPeerConnection, configuration);

withCoturn('a STUN server yields no duplicate of the host candidate on loopback, and no error', async () => {
  const { candidates, errors } = await gathered({
    iceServers: [{ urls: `stun:127.0.0.1:${port}` }],
    bindAddress: '127.0.0.1',
    includeLoopback: true,
  });
  expect(errors).toEqual([]);
  expect(candidates.filter(({ type }) => type === 'host')).toHaveLength(1);
  // Not behind a NAT the server-reflexive candidate equals the host one and is redundant (RFC 8445 section 5.1.3).
  expect(candidates.filter(({ type }) => type === 'srflx')).toHaveLength(0);
});

withCoturn(
  'two peers that may only relay connect through TURN and exchange messages',
  async () => {
    const configuration: any = {
      iceServers: [{ urls: `turn:127.0.0.1:${port}?transport=udp`, username: 'bench', credential: 'secret' }],
      iceTransportPolicy: 'relay',
      bindAddress: '127.0.0.1',
      includeLoopback: true,
    };
    const [left, right] = [new RTCPeerConnection(configuration), new RTCPeerConnection(configuration)];
    try {
      const channel = left.createDataChannel('relayed', { negotiated: true, id: 0 });
      const remote = right.createDataChannel('relayed', { negotiated: true, id: 0 });
      const echoed = new Promise((done) => (channel.onmessage = ({ data }) => done(data)));
      remote.onmessage = ({ data }) => remote.send(data);
      const opened = new Promise((done) => (channel.onopen = done));
      const seen = connect(left, right);
      await opened;
      const message = 'x'.repeat(50_000);
      channel.send(message);
      expect(await echoed).toBe(message);
      expect([...seen.left, ...seen.right].map(({ type }) => type)).toEqual(['relay', 'relay']);
      const stats: any[] = [...(await left.getStats()).values()];
      const { selectedCandidatePairId } = stats.find(({ type }) => type === 'transport');
      const pair = stats.find(({ id }) => id === selectedCandidatePairId);
      const local = stats.find(({ id }) => id === pair.localCandidateId);
      expect(local).toMatchObject({ candidateType: 'relay', relayProtocol: 'udp' });
    } finally {
      left.close();
      right.close();
    }
  },
  20_000,
);

withCoturn('wrong credentials end in icecandidateerror 401 and an ordinary end of gathering', async () => {
  const { candidates, errors } = await gathered({
    iceServers: [{ urls: `turn:127.0.0.1:${port}`, username: 'bench', credential: 'wrong' }],
    iceTransportPolicy: 'relay',
    bindAddress: '127.0.0.1',
    includeLoopback: true,
  });
  expect(candidates).toEqual([]);
  expect(errors).toHaveLength(1);
  expect(errors[0]).toMatchObject({ errorCode: 401, url: `turn:127.0.0.1:${port}` });
});

withCoturn(
  'a server that does not answer ends in icecandidateerror 701',
  async () => {
    const { errors } = await gathered({
      iceServers: [{ urls: `stun:127.0.0.1:${await freePort()}` }],
      bindAddress: '127.0.0.1',
      includeLoopback: true,
    });
    expect(errors.map(({ errorCode }) => errorCode)).toEqual([701]);
  },
  30_000,
);
