/**
 * STUN over TCP and TLS: out of the port on which peers connect, against coturn and against servers that tell what no
 * NAT on loopback would make of it.
 */
import { createSocket } from 'node:dgram';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { RTCPeerConnection } from '../../lib';
import { CertificateAuthority, hasOpenssl } from '../support/certificates';
import { connectPair, negotiate } from '../support/connect';
import { freePort, gathered as gather, hasCoturn, startCoturn } from '../support/coturn';

const environment = process.env['NODE_EXTRA_CA_CERTS'];
let authority: CertificateAuthority;
const closing: (() => unknown)[] = [];

beforeAll(() => {
  if (!hasOpenssl) return;
  authority = new CertificateAuthority();
  process.env['NODE_EXTRA_CA_CERTS'] = authority.file;
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});
afterAll(() => {
  authority?.remove();
  if (environment === undefined) delete process.env['NODE_EXTRA_CA_CERTS'];
  else process.env['NODE_EXTRA_CA_CERTS'] = environment;
});

const withTls = hasOpenssl ? it : it.skip;
const withCoturn = hasCoturn && hasOpenssl ? it : it.skip;

const listening = (urls: string | string[], more = {}): any => ({
  iceServers: [{ urls }],
  iceTcp: 'listen',
  bindAddress: '127.0.0.1',
  includeLoopback: true,
  ...more,
});
const gathered = (urls: string | string[], more?: object) => gather(RTCPeerConnection, listening(urls, more));
const ofType = (candidates: any[], type: string, protocol: string) =>
  candidates.filter((each) => each.type === type && each.protocol === protocol && each.tcpType !== 'active');

/** What a server answers that sees 203.0.113.77 and this port. */
function answer(request: Buffer, port: number): Buffer {
  const reply = Buffer.from('0101000c2112a442' + '00'.repeat(12) + '002000080001000000000000', 'hex');
  request.copy(reply, 8, 8, 20);
  reply.writeUInt16BE(port ^ 0x2112, 26);
  Buffer.from([203 ^ 0x21, 0 ^ 0x12, 113 ^ 0xa4, 77 ^ 0x42]).copy(reply, 28);
  return reply;
}

interface StunServer {
  port: number;
  /** Ports that it was connected to from, in order. */
  connections: number[];
}

async function serve(listener: Server, connections: number[], silent: boolean, port = 0): Promise<StunServer> {
  const sockets = new Set<Socket>();
  const event = 'setSecureContext' in listener ? 'secureConnection' : 'connection';
  listener.on('tlsClientError', () => {}); // the client's refusal, which is what is tested
  listener.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {}); // the client resets its connections
  });
  listener.on(event, (socket: Socket) => {
    connections.push(socket.remotePort!);
    sockets.add(socket);
    socket.on('error', () => {});
    let received = Buffer.alloc(0);
    socket.on('data', (octets) => {
      received = Buffer.concat([received, octets as Buffer]);
      // Requests of several connections may come together.
      while (received.length >= 20 && received.length >= 20 + received.readUInt16BE(2)) {
        if (!silent) socket.write(answer(received, socket.remotePort! ^ 1));
        received = received.subarray(20 + received.readUInt16BE(2));
      }
    });
  });
  await new Promise<void>((done) => listener.listen(port, '127.0.0.1', done));
  closing.push(() => {
    sockets.forEach((socket) => socket.destroy());
    return new Promise((done) => listener.close(done));
  });
  return { port: (listener.address() as AddressInfo).port, connections };
}
const serveTcp = (silent = false, port?: number) => serve(createServer(), [], silent, port);
const serveTls = (names: string, silent = false) =>
  serve(createTlsServer(authority.credentials(authority.certify('tls.pem', names))), [], silent);

/** STUN over UDP on a port that TCP has, too. */
async function serveUdp(port: number): Promise<void> {
  const socket = createSocket('udp4');
  socket.on('message', (request, from) => socket.send(answer(request, from.port ^ 1), from.port, from.address));
  await new Promise<void>((done) => socket.bind(port, '127.0.0.1', done));
  closing.push(() => new Promise<void>((done) => socket.close(done)));
}

withTls('stuns: is asked over TLS out of the port that listens, and gives a passive candidate', async () => {
  const { port, connections } = await serveTls('IP:127.0.0.1');
  const url = `stuns:127.0.0.1:${port}`;
  const { candidates, errors } = await gathered(url);
  expect(errors).toEqual([]);
  const [host] = ofType(candidates, 'host', 'tcp');
  expect(connections).toEqual([host.port]);
  expect(ofType(candidates, 'srflx', 'udp')).toEqual([]);
  const [reflexive, ...others] = ofType(candidates, 'srflx', 'tcp');
  expect(others).toEqual([]);
  expect(reflexive).toMatchObject({
    tcpType: 'passive',
    address: '203.0.113.77',
    port: host.port ^ 1,
    relatedAddress: '127.0.0.1',
    relatedPort: host.port,
    url,
  });
  expect(reflexive.candidate).toMatch(
    / tcp \d+ 203\.0\.113\.77 \d+ typ srflx raddr 127\.0\.0\.1 rport \d+ tcptype passive/,
  );
});

withTls('stuns: names are checked against the certificate', async () => {
  const { port } = await serveTls('DNS:localhost');
  const { candidates, errors } = await gathered(`stuns:localhost:${port}`);
  expect(errors).toEqual([]);
  expect(ofType(candidates, 'srflx', 'tcp')).toHaveLength(1);
});

withTls.each([
  ['for another name', 'DNS:stun.peerwire.example', /hostname mismatch/],
  ['that has the name as its common name alone', '', /hostname mismatch/],
])('a certificate %s is refused', async (_, names, reason) => {
  const { port } = await serveTls(names);
  const { candidates, errors } = await gathered(`stuns:localhost:${port}`);
  expect(ofType(candidates, 'srflx', 'tcp')).toEqual([]);
  expect(errors).toHaveLength(1);
  const [host] = ofType(candidates, 'host', 'tcp');
  expect(errors[0]).toMatchObject({ errorCode: 701, address: '127.0.0.1', port: host.port });
  expect(errors[0].errorText).toMatch(reason);
});

it('stuns: of a port where nobody listens ends in icecandidateerror 701 at once', async () => {
  const { errors } = await gathered(`stuns:127.0.0.1:${await freePort()}`);
  expect(errors).toHaveLength(1);
  expect(errors[0]).toMatchObject({ errorCode: 701, errorText: 'Connection refused' });
});

withTls(
  'stuns: of a server that does not answer ends in icecandidateerror 701',
  async () => {
    const { port } = await serveTls('IP:127.0.0.1', true);
    const { errors } = await gathered(`stuns:127.0.0.1:${port}`);
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatchObject({ errorCode: 701, errorText: 'STUN server did not answer' });
  },
  20_000,
);

it('stuns: says what to set where no TCP port listens', async () => {
  const { errors } = await gathered('stuns:127.0.0.1', { iceTcp: 'active' });
  expect(errors).toHaveLength(1);
  expect(errors[0]).toMatchObject({ errorCode: 701, url: 'stuns:127.0.0.1' });
  expect(errors[0].errorText).toMatch(/set iceTcp to 'listen', or use stun:/);
});

it('stun: is asked over TCP, too', async () => {
  const { port, connections } = await serveTcp(false, await freePort());
  await serveUdp(port);
  const { candidates, errors } = await gathered(`stun:127.0.0.1:${port}`);
  expect(errors).toEqual([]);
  for (const protocol of ['udp', 'tcp']) {
    const [host] = ofType(candidates, 'host', protocol);
    expect(ofType(candidates, 'srflx', protocol)).toEqual([expect.objectContaining({ port: host.port ^ 1 })]);
    if (protocol === 'tcp') expect(connections).toEqual([host.port]);
  }
});

it.each(['off', 'active'])('stun: is not asked over TCP with iceTcp %s', async (iceTcp) => {
  const { port, connections } = await serveTcp(false, await freePort());
  await serveUdp(port);
  const { candidates } = await gathered(`stun:127.0.0.1:${port}`, { iceTcp });
  expect(ofType(candidates, 'srflx', 'udp')).toHaveLength(1);
  expect(connections).toEqual([]);
});

it.each([
  ['is closed', async () => freePort()],
  ['says nothing', async () => (await serveTcp(true, await freePort())).port],
])('a TCP port of a stun: server that %s is no error, and hardly waited for', async (_, open) => {
  const port = await open();
  await serveUdp(port);
  const begun = performance.now();
  const { candidates, errors } = await gathered(`stun:127.0.0.1:${port}`);
  expect(performance.now() - begun).toBeLessThan(2000);
  expect(errors).toEqual([]);
  expect(ofType(candidates, 'srflx', 'udp')).toHaveLength(1);
  expect(ofType(candidates, 'srflx', 'tcp')).toEqual([]);
});

/** The next reflexive candidate over TCP. */
const reflexiveOverTcp = (pc: RTCPeerConnection): Promise<any> =>
  new Promise((done) =>
    pc.addEventListener('icecandidate', ({ candidate }: any) => {
      if (candidate?.type === 'srflx' && candidate.protocol === 'tcp') done(candidate);
    }),
  );

it('connections that share a port share the connection to the server', async () => {
  const { port, connections } = await serveTcp(false, await freePort());
  await serveUdp(port);
  const shared = await freePort();
  const more = { enableIceUdpMux: true, portRange: { min: shared, max: shared } };
  const open: RTCPeerConnection[] = [];
  closing.push(() => open.forEach((pc) => pc.close()));
  const reflexive = await Promise.all(
    Array.from({ length: 5 }, async () => {
      const pc = new RTCPeerConnection(listening(`stun:127.0.0.1:${port}`, more));
      open.push(pc);
      pc.createDataChannel('x');
      const candidate = reflexiveOverTcp(pc);
      await pc.setLocalDescription();
      return candidate;
    }),
  );
  expect(reflexive).toEqual(Array(5).fill(expect.objectContaining({ port: shared ^ 1, relatedPort: shared })));
  expect(connections).toEqual([shared]);
  // And when they are gone, the next one has one of its own, at once.
  for (const pc of open.splice(0)) pc.close();
  const again = await gathered(`stun:127.0.0.1:${port}`, more);
  expect(ofType(again.candidates, 'srflx', 'tcp')).toHaveLength(1);
  expect(connections).toEqual([shared, shared]);
});

it('a restart asks over the connection that there is', async () => {
  const { port, connections } = await serveTcp(false, await freePort());
  await serveUdp(port);
  const [left, right] = [
    new RTCPeerConnection(listening(`stun:127.0.0.1:${port}`)),
    new RTCPeerConnection({ bindAddress: '127.0.0.1', includeLoopback: true } as any),
  ];
  closing.push(() => [left, right].forEach((pc) => pc.close()));
  const first = reflexiveOverTcp(left);
  await connectPair(left, right);
  const { port: mapped, usernameFragment } = await first;
  const second = reflexiveOverTcp(left);
  left.restartIce();
  await negotiate(left, right);
  expect(await second).toMatchObject({ port: mapped });
  expect((await second).usernameFragment).not.toBe(usernameFragment);
  expect(connections).toHaveLength(1);
});

withCoturn(
  'coturn answers over TCP and TLS',
  async () => {
    const certificate = authority.certify('coturn.pem', 'IP:127.0.0.1');
    const server = await startCoturn([`--cert=${certificate}`, `--pkey=${authority.keyFile}`]);
    try {
      const asked = Promise.all([
        server.logged(/session .*(TCP|tcp).* 127\.0\.0\.1/i),
        server.logged(/session .*(TLS|tls).* 127\.0\.0\.1/i),
      ]);
      // There is no NAT: the address is that of the host candidate.
      const { candidates, errors } = await gathered([
        `stun:127.0.0.1:${server.port}`,
        `stuns:127.0.0.1:${server.tlsPort}`,
      ]);
      expect(errors).toEqual([]);
      expect(candidates.filter(({ type }) => type !== 'host')).toEqual([]);
      await asked;
    } finally {
      await server.stop();
    }
  },
  30_000,
);
