/** Server's needs: many connections on one UDP port, a port range, a bind address. */
import { createSocket } from 'node:dgram';
import { nonstandard, RTCPeerConnection } from '../../lib';
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

describe('a listener on a shared port', () => {
  const loopback = { bindAddress: '127.0.0.1' };
  interface BindingRequest {
    localUsernameFragment: string;
    remoteUsernameFragment: string;
    address: string;
    port: number;
    localAddress: string;
  }

  it('tells of a peer that nobody waits for, and the connection that is made for it gets its checks', async () => {
    const listener = await nonstandard.RTCIceUdpListener.listen({ ...loopback, port: 0 });
    const { port } = listener;
    expect(port).toBeGreaterThan(0);
    // As libp2p's WebRTC-direct: the client makes both descriptions up; what the server learns is in the user name.
    const ufrag = 'libp2p+webrtc+v1/0123456789';
    const password = 'a-password-that-both-sides-know'.replaceAll('-', '+');
    const iceCredentials = { usernameFragment: ufrag, password };
    const client = new RTCPeerConnection({ ...loopback, iceCredentials } as never);
    let server: Connection | null = null;
    try {
      const opened = once<Event>(client.createDataChannel('x', { negotiated: true, id: 0 }), 'open');
      await client.setLocalDescription();
      await gathered(client);
      const clientSdp = client.localDescription!.sdp;
      expect(clientSdp).toContain(`a=ice-ufrag:${ufrag}`);
      expect(clientSdp).toContain(`a=ice-pwd:${password}`);
      // A server with the same certificate, so that the client knows its fingerprint beforehand.
      const [certificate] = [
        await RTCPeerConnection.generateCertificate({ name: 'ECDSA', namedCurve: 'P-256' } as never),
      ];
      const fingerprint = certificate.getFingerprints()[0]!.value!.toUpperCase();
      const answer = clientSdp
        .replace(/^a=candidate.*\r\n/gm, '')
        .replace(/^a=fingerprint.*$/m, `a=fingerprint:sha-256 ${fingerprint}`)
        .replace(/^a=setup:.*$/m, 'a=setup:passive')
        .replace(/^(a=ice-ufrag:.*)$/m, `a=candidate:1 1 udp 2130706431 127.0.0.1 ${port} typ host\r\n$1`);
      const request = once<BindingRequest>(listener as never, 'bindingrequest');
      await client.setRemoteDescription({ type: 'answer', sdp: answer });
      const { localUsernameFragment, remoteUsernameFragment, address, port: from, localAddress } = await request;
      expect({ localUsernameFragment, remoteUsernameFragment, address, localAddress }).toEqual({
        localUsernameFragment: ufrag,
        remoteUsernameFragment: ufrag,
        address: '127.0.0.1',
        localAddress: '127.0.0.1',
      });
      expect(portsOf(client)).toContain(from);
      server = new RTCPeerConnection({
        ...loopback,
        iceCredentials,
        certificates: [certificate],
        enableIceUdpMux: true,
        portRange: { min: port, max: port },
        disableFingerprintVerification: true,
      } as never);
      const channel = server.createDataChannel('x', { negotiated: true, id: 0 });
      const heard = once<MessageEvent>(channel, 'message');
      // The answer that the client has made up says that the server waits for its handshake; of the client's certificate it
      // knows nothing yet.
      const offer = clientSdp
        .replace('a=setup:actpass', 'a=setup:active')
        .replace(/^a=fingerprint.*$/m, `a=fingerprint:sha-256 ${fingerprint.replace(/[0-9A-F]/g, '0')}`);
      await server.setRemoteDescription({ type: 'offer', sdp: offer });
      await server.setLocalDescription();
      const channelOpened = await opened;
      (channelOpened.target as RTCDataChannel).send('hello');
      expect((await heard).data).toBe('hello');
    } finally {
      client.close();
      server?.close();
      listener.close();
    }
  });

  it('says why a port cannot be had', async () => {
    const socket = createSocket('udp4');
    await new Promise<void>((done) => socket.bind(0, '127.0.0.1', done));
    const { port } = socket.address();
    await expect(nonstandard.RTCIceUdpListener.listen({ ...loopback, port })).rejects.toMatchObject({
      name: 'NetworkError',
      message: expect.stringContaining(`127.0.0.1:${port}`),
    });
    socket.close();
    for (const options of [{ port: 65536 }, { bindAddress: 'x' }, { interfaces: { allow: ['1.2.3.4/33'] } }]) {
      await expect(nonstandard.RTCIceUdpListener.listen(options)).rejects.toThrow(TypeError);
    }
  });
});

describe('the addresses that are used', () => {
  const hostsWith = async (configuration: object): Promise<string[]> => {
    const connection = new RTCPeerConnection(configuration as never);
    try {
      connection.createDataChannel('x');
      await connection.setLocalDescription();
      await gathered(connection);
      return [...connection.localDescription!.sdp.matchAll(/^a=candidate:(.*)$/gm)].map(([, line]) => {
        const [, , , , address, , , type] = line!.split(' ');
        return `${type} ${address} ${/ raddr (\S+)/.exec(line!)?.[1] ?? ''}`.trim();
      });
    } finally {
      connection.close();
    }
  };

  it('are those that the list of interfaces allows', async () => {
    expect(await hostsWith({ interfaces: { allow: ['127.0.0.0/8'] } })).toEqual(['host 127.0.0.1']);
    expect(await hostsWith({ interfaces: { allow: ['l*'], exclude: ['::1'] } })).toEqual(['host 127.0.0.1']);
    expect(await hostsWith({ interfaces: { exclude: ['0.0.0.0/0', '::/0'] } })).toEqual([]);
  });

  it('are those of a 1:1 NAT, in place of the host candidates or beside them', async () => {
    const addresses = ['203.0.113.1/127.0.0.1', '203.0.113.2'];
    const base = { bindAddress: '127.0.0.1' };
    expect(await hostsWith({ ...base, nat1To1: { addresses } })).toEqual(['host 203.0.113.1']);
    expect(await hostsWith({ ...base, nat1To1: { addresses, candidateType: 'srflx' } })).toEqual([
      'host 127.0.0.1',
      'srflx 203.0.113.1 127.0.0.1',
    ]);
  });

  it.each([
    { interfaces: { allow: [''] } },
    { interfaces: { exclude: ['1.2.3.4/x'] } },
    { interfaces: { allow: ['eth0/8'] } },
    { nat1To1: {} },
    { nat1To1: { addresses: ['x'] } },
    { nat1To1: { addresses: ['1.2.3.4/::1'] } },
    { nat1To1: { addresses: ['1.2.3.4/'] } },
    { nat1To1: { addresses: ['1.2.3.4', '1.2.3.5'] } },
    { nat1To1: { addresses: ['1.2.3.4/10.0.0.1', '1.2.3.5/10.0.0.1'] } },
    { nat1To1: { addresses: ['1.2.3.4'], candidateType: 'relay' } },
    { iceCredentials: {} },
    { iceCredentials: { usernameFragment: 'abc', password: 'a'.repeat(22) } },
    { iceCredentials: { usernameFragment: 'abcd', password: 'a'.repeat(21) } },
  ])('cannot be %j', (configuration) => {
    expect(() => new RTCPeerConnection(configuration as never)).toThrow(TypeError);
  });
});
