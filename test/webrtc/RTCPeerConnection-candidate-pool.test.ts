/** `iceCandidatePoolSize`: what is gathered before setLocalDescription(). */
import { spawnSync } from 'node:child_process';
import { createSocket, type Socket } from 'node:dgram';
import { join } from 'node:path';
import { RTCPeerConnection } from '../../lib';
import { connectPair, once } from '../support/connect';

type Connection = InstanceType<typeof RTCPeerConnection>;

/** A STUN server that tells who asks, and answers never. */
async function silentServer(): Promise<{ socket: Socket; url: string; asked: () => Promise<number> }> {
  const socket = createSocket('udp4');
  await new Promise<void>((done) => socket.bind(0, '127.0.0.1', done));
  const asked = (): Promise<number> =>
    new Promise((resolve) => socket.once('message', (_request, { port }) => resolve(port)));
  return { socket, url: `stun:127.0.0.1:${socket.address().port}`, asked };
}

const closed: { close(): void }[] = [];
afterEach(() => {
  for (const each of closed.splice(0)) each.close();
});
function pooled(configuration: object = {}): Connection {
  const connection = new RTCPeerConnection({
    bindAddress: '127.0.0.1',
    iceCandidatePoolSize: 1,
    ...configuration,
  } as never);
  closed.push(connection);
  return connection;
}
const firstCandidate = async (connection: Connection) => {
  for (;;) {
    const { candidate } = await once<RTCPeerConnectionIceEvent>(connection, 'icecandidate');
    if (candidate?.candidate) return candidate;
  }
};

it('servers are asked before a description is set, from the socket whose candidate it then has', async () => {
  const server = await silentServer();
  closed.push(server.socket);
  const asked = server.asked();
  const connection = pooled({ iceServers: [{ urls: server.url }] });
  const port = await asked;
  // Nothing is told of it before.
  expect(connection.iceGatheringState).toBe('new');
  connection.createDataChannel('x');
  const first = firstCandidate(connection);
  await connection.setLocalDescription();
  const candidate = await first;
  expect(candidate.port).toBe(port);
  expect(connection.localDescription!.sdp).toContain(`a=ice-ufrag:${candidate.usernameFragment}\r\n`);
});

it('other servers before the description mean another pool, and none afterwards', async () => {
  const [one, other] = await Promise.all([silentServer(), silentServer()]);
  closed.push(one.socket, other.socket);
  const askedOne = one.asked();
  const connection = pooled({ iceServers: [{ urls: one.url }] });
  const before = await askedOne;
  const askedOther = other.asked();
  connection.setConfiguration({ iceCandidatePoolSize: 1, iceServers: [{ urls: other.url }] });
  const port = await askedOther;
  expect(port).not.toBe(before);
  connection.createDataChannel('x');
  const first = firstCandidate(connection);
  await connection.setLocalDescription();
  expect((await first).port).toBe(port);
  expect(() => connection.setConfiguration({ iceCandidatePoolSize: 2, iceServers: [{ urls: other.url }] })).toThrow(
    expect.objectContaining({ name: 'InvalidModificationError' }),
  );
});

it('a size that is set later fills the pool, and none empties it', async () => {
  const server = await silentServer();
  closed.push(server.socket);
  const connection = pooled({ iceCandidatePoolSize: 0, iceServers: [{ urls: server.url }] });
  const asked = server.asked();
  connection.setConfiguration({ iceCandidatePoolSize: 255, iceServers: [{ urls: server.url }] });
  const port = await asked;
  connection.setConfiguration({ iceServers: [{ urls: server.url }] });
  connection.createDataChannel('x');
  const first = firstCandidate(connection);
  await connection.setLocalDescription();
  expect((await first).port).not.toBe(port);
});

it('what was gathered is told in order, and both sides connect with it', async () => {
  const [a, b] = [pooled(), pooled()];
  const told: string[] = [];
  a.onicegatheringstatechange = () => told.push(a.iceGatheringState);
  a.onicecandidate = ({ candidate }) => told.push(candidate ? (candidate.candidate ? 'candidate' : 'end') : 'null');
  const [from, to] = await connectPair(a, b);
  const message = once<MessageEvent>(to, 'message');
  from.send('hello');
  expect((await message).data).toBe('hello');
  expect(told).toEqual(['gathering', 'candidate', 'end', 'complete', 'null']);
});

it('a restart after a description from the pool has credentials of its own', async () => {
  const [a, b] = [pooled(), pooled()];
  await connectPair(a, b);
  const fragment = () => /^a=ice-ufrag:(.*)\r$/m.exec(a.localDescription!.sdp)![1];
  const before = fragment();
  a.restartIce();
  await a.setLocalDescription();
  expect(fragment()).not.toBe(before);
});

it('a pool alone does not keep the process', () => {
  const script = `new (require(${JSON.stringify(join(__dirname, '../..'))}).RTCPeerConnection)({ iceCandidatePoolSize: 1 })`;
  const { status, stderr, signal } = spawnSync(process.execPath, ['-e', script], { encoding: 'utf8', timeout: 15_000 });
  expect([status, signal, stderr]).toEqual([0, null, '']);
});
