/** Server's needs: many connections on one UDP port, a port range, a bind address. */
import { createSocket } from 'node:dgram';
import { RTCPeerConnection } from '../../lib';
import { connectPair, once } from '../support/connect';

async function freePort(): Promise<number> {
  const socket = createSocket('udp4');
  await new Promise<void>((done) => socket.bind(0, '127.0.0.1', done));
  const { port } = socket.address();
  await new Promise<void>((done) => socket.close(done));
  return port;
}

type Connection = InstanceType<typeof RTCPeerConnection>;
const portsOf = (connection: Connection) =>
  [...connection.localDescription!.sdp.matchAll(/^a=candidate:.* typ host/gm)].map(([line]) =>
    Number(line.split(' ')[5]),
  );
const addressesOf = (connection: Connection) =>
  [...connection.localDescription!.sdp.matchAll(/^a=candidate:.* typ host/gm)].map(([line]) => line.split(' ')[4]);
const gathered = async (connection: Connection) => {
  while (connection.iceGatheringState !== 'complete') await once(connection, 'icegatheringstatechange');
};

it('fifty clients connect to fifty connections on one port, and each has its own', async () => {
  const port = await freePort();
  const connections: Connection[] = [];
  try {
    await Promise.all(
      Array.from({ length: 50 }, async (_, index) => {
        const server = new RTCPeerConnection({ enableIceUdpMux: true, portRange: { min: port, max: port } } as never);
        const client = new RTCPeerConnection();
        connections.push(server, client);
        const [fromClient, fromServer] = await connectPair(client, server);
        fromServer.onmessage = ({ data }) => fromServer.send(`${data} of ${index}`);
        const echoed = once<MessageEvent>(fromClient, 'message');
        fromClient.send(`hello`);
        expect((await echoed).data).toBe(`hello of ${index}`);
        await gathered(server);
        expect(new Set(portsOf(server))).toEqual(new Set([port]));
      }),
    );
  } finally {
    for (const connection of connections) connection.close();
  }
}, 30_000);

it('a port range holds for connections at the same time, and says so when it is used up', async () => {
  const min = await freePort();
  const range = { portRange: { min, max: min + 4 }, bindAddress: '127.0.0.1', includeLoopback: true };
  const connections = Array.from({ length: 5 }, () => new RTCPeerConnection(range as never));
  const beyond = new RTCPeerConnection(range as never);
  try {
    const ports: number[] = [];
    for (const connection of connections) {
      connection.createDataChannel('x');
      await connection.setLocalDescription();
      await gathered(connection);
      ports.push(...portsOf(connection));
    }
    // Another process may hold one of the five; none may be used twice or be outside.
    expect(new Set(ports).size).toBe(ports.length);
    expect(ports.length).toBeGreaterThan(2);
    for (const port of ports) expect(port >= min && port <= min + 4).toBe(true);
    const errors: number[] = [];
    beyond.onicecandidateerror = ({ errorCode }) => errors.push(errorCode);
    beyond.createDataChannel('x');
    await beyond.setLocalDescription();
    await gathered(beyond);
    expect(portsOf(beyond)).toEqual([]);
    expect(errors).toEqual([701]);
  } finally {
    for (const connection of [...connections, beyond]) connection.close();
  }
});

it('a bind address is the only one used', async () => {
  const connection = new RTCPeerConnection({ bindAddress: '127.0.0.1', includeLoopback: true } as never);
  try {
    connection.createDataChannel('x');
    await connection.setLocalDescription();
    await gathered(connection);
    expect(addressesOf(connection)).toEqual(['127.0.0.1']);
  } finally {
    connection.close();
  }
});
