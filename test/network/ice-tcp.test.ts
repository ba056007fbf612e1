/** ICE over TCP (RFC 6544), on loopback: the peers are told of each other's TCP candidates alone. */
import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import { mediaDevices, MediaStreamTrackProcessor, RTCPeerConnection } from '../../lib';
import { createStunRequest } from '../support/stun-request';
import { freePort } from '../support/coturn';
import { startProgram } from '../support/package-process';

const own: any = { bindAddress: '127.0.0.1', includeLoopback: true };
const open: RTCPeerConnection[] = [];
const connection = (configuration: any = {}): RTCPeerConnection => {
  const pc = new RTCPeerConnection({ ...own, ...configuration });
  open.push(pc);
  return pc;
};
afterEach(() => open.splice(0).forEach((pc) => pc.close()));

/** Negotiates a data channel; each side is told of the other's TCP candidates only. */
async function join(left: RTCPeerConnection, right: RTCPeerConnection): Promise<[any, any]> {
  const strip = ({ type, sdp }: any) => ({
    type,
    sdp: sdp.replace(/a=candidate:.* udp .*\r\n/g, ''),
  });
  const gathered = (pc: RTCPeerConnection) =>
    new Promise<void>((done) => {
      if (pc.iceGatheringState === 'complete') done();
      else pc.addEventListener('icegatheringstatechange', () => pc.iceGatheringState === 'complete' && done());
    });
  const channel: any = left.createDataChannel('over tcp', { negotiated: true, id: 0 });
  const remote: any = right.createDataChannel('over tcp', { negotiated: true, id: 0 });
  const opened = Promise.all([once(channel, 'open'), once(remote, 'open')]);
  await left.setLocalDescription();
  await gathered(left);
  await right.setRemoteDescription(strip(left.localDescription));
  await right.setLocalDescription();
  await gathered(right);
  await left.setRemoteDescription(strip(right.localDescription));
  await opened;
  return [channel, remote];
}

async function exchange(channel: any, remote: any, size: number): Promise<void> {
  const message = new Uint8Array(size).map((_, index) => index * 7);
  channel.binaryType = remote.binaryType = 'arraybuffer';
  remote.onmessage = ({ data }: any) => remote.send(data);
  const echoed = new Promise<ArrayBuffer>((done) => (channel.onmessage = ({ data }: any) => done(data)));
  channel.send(message);
  expect(Buffer.compare(Buffer.from(await echoed), Buffer.from(message))).toBe(0);
}

async function selectedCandidates(pc: RTCPeerConnection): Promise<{ local: any; remote: any }> {
  const stats: any[] = [...(await pc.getStats()).values()];
  const { selectedCandidatePairId } = stats.find(({ type }) => type === 'transport');
  const pair = stats.find(({ id }) => id === selectedCandidatePairId);
  return {
    local: stats.find(({ id }) => id === pair.localCandidateId),
    remote: stats.find(({ id }) => id === pair.remoteCandidateId),
  };
}

describe.each([
  ['offers', 'listen', undefined],
  ['answers', undefined, 'listen'],
])('one that listens and %s', (_, first, second) => {
  it('is connected to over TCP, and data goes both ways', async () => {
    const left = connection(first ? { iceTcp: first } : {});
    const right = connection(second ? { iceTcp: second } : {});
    const [channel, remote] = await join(left, right);
    await exchange(channel, remote, 200_000);
    const listening = await selectedCandidates(first ? left : right);
    const connecting = await selectedCandidates(first ? right : left);
    expect(listening.local).toMatchObject({ protocol: 'tcp', tcpType: 'passive', candidateType: 'host' });
    expect(listening.remote).toMatchObject({ protocol: 'tcp', tcpType: 'active', candidateType: 'prflx' });
    expect(connecting.local).toMatchObject({ protocol: 'tcp', tcpType: 'active' });
    expect(connecting.remote).toMatchObject({ protocol: 'tcp', tcpType: 'passive', port: listening.local.port });
  });
});

it('tells active and passive candidates where it listens, and none otherwise', async () => {
  const tcpLines = async (configuration: any) => {
    const pc = connection(configuration);
    pc.createDataChannel('x');
    const candidates: any[] = [];
    const done = new Promise<void>((end) => {
      pc.onicecandidate = ({ candidate }: any) => {
        if (candidate === null) end();
        else if (candidate.protocol === 'tcp') candidates.push(candidate);
      };
    });
    await pc.setLocalDescription();
    await done;
    return candidates;
  };
  expect(await tcpLines({})).toEqual([]);
  expect(await tcpLines({ iceTcp: 'off' })).toEqual([]);
  expect(await tcpLines({ iceTcp: 'listen', iceTransportPolicy: 'relay' })).toEqual([]);
  const [passive, active] = await tcpLines({ iceTcp: 'listen' });
  expect(passive).toMatchObject({ type: 'host', tcpType: 'passive', address: '127.0.0.1' });
  expect(passive.candidate).toMatch(/ tcp \d+ 127\.0\.0\.1 \d+ typ host tcptype passive/);
  expect(active).toMatchObject({ type: 'host', tcpType: 'active', port: 9 });
  expect(active.priority).toBeGreaterThan(passive.priority);
});

it('an impossible iceTcp is a TypeError', () => {
  expect(() => connection({ iceTcp: 'passive' })).toThrow(TypeError);
});

it('media goes over TCP, too', async () => {
  const [left, right] = [connection(), connection({ iceTcp: 'listen' })];
  const stream = await mediaDevices.getUserMedia({ audio: true, video: true });
  try {
    stream.getTracks().forEach((track: any) => left.addTrack(track, stream));
    const frames = new Map<string, Promise<any>>();
    right.ontrack = ({ track }: any) => {
      const reader = new MediaStreamTrackProcessor({ track }).readable.getReader();
      frames.set(
        track.kind,
        reader.read().then(async ({ value }: any) => {
          await reader.cancel();
          return value;
        }),
      );
    };
    await join(left, right);
    const [picture, sound] = await Promise.all([frames.get('video'), frames.get('audio')]);
    expect(picture.displayWidth).toBeGreaterThan(0);
    expect(sound.numberOfFrames).toBeGreaterThan(0);
    picture.close();
    sound.close();
    expect((await selectedCandidates(right)).local).toMatchObject({ protocol: 'tcp' });
  } finally {
    stream.getTracks().forEach((track: any) => track.stop());
  }
});

it('many connections share one port', async () => {
  const port = await freePort();
  const shared = { iceTcp: 'listen', enableIceUdpMux: true, portRange: { min: port, max: port } };
  const pairs = await Promise.all(
    Array.from({ length: 8 }, async () => {
      const server = connection(shared);
      const [channel, remote] = await join(connection(), server);
      return { server, channel, remote };
    }),
  );
  await Promise.all(pairs.map(({ channel, remote }) => exchange(channel, remote, 20_000)));
  for (const { server } of pairs)
    expect((await selectedCandidates(server)).local).toMatchObject({ protocol: 'tcp', port });
});

/** Half of a pair in a process of its own; signals over IPC, TCP candidates only. */
const half = (offers: boolean) => `
  const pc = new RTCPeerConnection({ bindAddress: '127.0.0.1', includeLoopback: true, iceTcp: '${offers ? 'active' : 'listen'}' });
  pc.onicecandidate = ({ candidate }) => {
    if (candidate && candidate.protocol === 'tcp') process.send({ candidate });
  };
  const early = [];
  const strip = ({ type, sdp }) => ({ type, sdp: sdp.replace(/a=candidate:.* udp .*\\r\\n/g, '') });
  process.on('message', async ({ description, candidate }) => {
    if (!description) return pc.remoteDescription ? pc.addIceCandidate(candidate) : early.push(candidate);
    await pc.setRemoteDescription(description);
    for (const each of early.splice(0)) await pc.addIceCandidate(each);
    if (description.type !== 'offer') return;
    await pc.setLocalDescription();
    process.send({ description: strip(pc.localDescription) });
  });
  const channel = pc.createDataChannel('x', { negotiated: true, id: 0 });
  if (${offers}) {
    await pc.setLocalDescription();
    process.send({ description: strip(pc.localDescription) });
  }
  await opened(channel);
  const size = 3_000_000;
  let received = 0;
  const all = new Promise((done) => (channel.onmessage = ({ data }) => (received += data.length) === size && done()));
  for (let sent = 0; sent < size; sent += 50_000) channel.send('x'.repeat(50_000));
  await all;
  const stats = [...(await pc.getStats()).values()];
  const { selectedCandidatePairId } = stats.find(({ type }) => type === 'transport');
  const { localCandidateId } = stats.find(({ id }) => id === selectedCandidatePairId);
  const { protocol, tcpType } = stats.find(({ id }) => id === localCandidateId);
  // Whoever is ready first waits for the other, so that nothing is cut off.
  process.on('message', ({ end }) => end && process.disconnect());
  process.send({ result: { protocol, tcpType } });
  await new Promise((done) => process.once('disconnect', done));
  pc.close();`;

it('two processes exchange megabytes over TCP alone', async () => {
  const children = [true, false].map((offers) => startProgram(half(offers), { ipc: true }));
  const ends = children.map(async (child) => {
    let stderr = '';
    child.stderr!.on('data', (text) => (stderr += text));
    const [code, signal] = await once(child, 'close');
    return { code, signal, stderr };
  });
  try {
    const results = await Promise.all(
      children.map((child, index) => {
        const result = new Promise<unknown>((done) =>
          child.on('message', (message: { result?: unknown }) => {
            if (message.result) done(message.result);
            else children[1 - index]!.send(message, () => {}); // where it cannot, its end tells
          }),
        );
        const early = ends[index]!.then((end) => {
          throw new Error(`the one who ${index === 0 ? 'offers' : 'answers'} has ended: ${JSON.stringify(end)}`);
        });
        return Promise.race([result, early]);
      }),
    );
    expect(results).toEqual([
      { protocol: 'tcp', tcpType: 'active' },
      { protocol: 'tcp', tcpType: 'passive' },
    ]);
    for (const child of children) child.send({ end: true });
    expect(await Promise.all(ends)).toMatchObject([{ code: 0 }, { code: 0 }]);
  } finally {
    for (const child of children) child.kill('SIGKILL');
  }
}, 60_000);

describe('strangers at a port that is shared', () => {
  const strangers: Socket[] = [];
  const stranger = async (port: number, octets?: Buffer): Promise<Socket> => {
    const socket = connectTcp(port, '127.0.0.1');
    strangers.push(socket);
    socket.on('error', () => {}); // being reset is as good as being closed
    await once(socket, 'connect');
    socket.resume();
    if (octets) socket.write(octets);
    return socket;
  };
  const gone = (socket: Socket) => (socket.closed ? Promise.resolve() : once(socket, 'close'));
  const listening = async () => {
    const port = await freePort();
    const server = connection({ iceTcp: 'listen', enableIceUdpMux: true, portRange: { min: port, max: port } });
    return { port, server };
  };
  const gather = async (server: RTCPeerConnection) => {
    server.createDataChannel('x');
    await server.setLocalDescription();
    if (server.iceGatheringState !== 'complete') {
      await new Promise<void>((done) => (server.onicecandidate = ({ candidate }: any) => candidate === null && done()));
    }
    return /a=ice-ufrag:(.*)\r\n/.exec(server.localDescription!.sdp)![1]!;
  };
  afterEach(() => strangers.splice(0).forEach((socket) => socket.destroy()));

  it('are dropped at once for what is no request of ours', async () => {
    const { port, server } = await listening();
    const fragment = await gather(server);
    const frame = (packet: Buffer) => Buffer.concat([Buffer.from([packet.length >> 8, packet.length & 255]), packet]);
    for (const octets of [
      Buffer.from('GET / HTTP/1.1\r\n\r\n'),
      Buffer.from([0, 5]), // shorter than a STUN header
      Buffer.from([0xff, 0xff, 0]), // longer than any first message
      frame(Buffer.alloc(40, 0)),
      frame(createStunRequest('nobody:peer', 'x'.repeat(24))),
      frame(createStunRequest(`${fragment}:peer`, 'a password of somebody else')),
    ]) {
      await gone(await stranger(port, octets));
    }
  });

  it('are dropped after a time-out when they say nothing, or half of something, while others connect', async () => {
    const { port, server } = await listening();
    const [channel, remote] = await join(connection(), server);
    const silent = [
      await stranger(port),
      await stranger(port, Buffer.from([0])),
      await stranger(port, Buffer.from([0, 100, 0, 1])),
    ];
    await exchange(channel, remote, 20_000);
    await Promise.all(silent.map(gone));
    await exchange(channel, remote, 20_000);
  }, 30_000);

  it('are bounded in number, and do not keep a peer out for long', async () => {
    const { port, server } = await listening();
    const first = await join(connection(), server);
    const crowd = await Promise.all(Array.from({ length: 40 }, () => stranger(port)));
    // All but those that one address may have are refused at once; the rest when their time is up.
    await exchange(...first, 1000);
    await Promise.all(crowd.map(gone));
    const shared = { iceTcp: 'listen', enableIceUdpMux: true, portRange: { min: port, max: port } };
    await exchange(...(await join(connection(), connection(shared))), 1000);
  }, 60_000);
});
