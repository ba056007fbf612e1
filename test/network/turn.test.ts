/** STUN and TURN over UDP against coturn, started here and stopped here. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RTCPeerConnection } from '../../lib';

const hasCoturn = spawnSync('turnserver', ['--version']).error === undefined;
if (!hasCoturn)
  console.warn('skipped: STUN and TURN tests need coturn (Debian package coturn), which is not installed');

let server: ChildProcess;
let port: number;
let folder: string;

async function freePort(): Promise<number> {
  const socket = createSocket('udp4');
  await new Promise<void>((done) => socket.bind(0, '127.0.0.1', done));
  const { port: free } = socket.address();
  await new Promise<void>((done) => socket.close(done));
  return free;
}

beforeAll(async () => {
  if (!hasCoturn) return;
  port = await freePort();
  folder = mkdtempSync(join(tmpdir(), 'peerwire-turn-'));
  server = spawn(
    'turnserver',
    [
      '-n',
      '--log-file=stdout',
      '--simple-log',
      '--verbose',
      `--listening-port=${port}`,
      '--listening-ip=127.0.0.1',
      '--relay-ip=127.0.0.1',
      '--allow-loopback-peers',
      '--lt-cred-mech',
      '--user=bench:secret',
      '--realm=peerwire.example',
      '--fingerprint',
      '--no-tls',
      '--no-dtls',
      '--no-cli',
      `--pidfile=${join(folder, 'turnserver.pid')}`,
      `--userdb=${join(folder, 'users.sqlite')}`,
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  // Ready when it answers, not when it says so.
  const probe = createSocket('udp4');
  const request = Buffer.concat([Buffer.from('000100002112a442', 'hex'), Buffer.alloc(12, 7)]);
  const answered = once(probe, 'message');
  const asking = setInterval(() => probe.send(request, port, '127.0.0.1'), 50);
  const ended = once(server, 'exit').then(([code]) => {
    throw new Error(`turnserver ended with ${code}`);
  });
  try {
    await Promise.race([answered, ended]);
  } finally {
    clearInterval(asking);
    probe.close();
    ended.catch(() => {});
  }
}, 20_000);

afterAll(async () => {
  if (!hasCoturn) return;
  if (server.exitCode === null) {
    const ended = once(server, 'exit');
    server.kill('SIGTERM');
    await ended;
  }
  rmSync(folder, { recursive: true });
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

const gathered = async (configuration: any) => {
  const pc = new RTCPeerConnection(configuration);
  try {
    pc.createDataChannel('x');
    const candidates: Candidate[] = [];
    const errors: any[] = [];
    pc.onicecandidateerror = (event) => errors.push(event);
    const done = new Promise<void>((end) => {
      pc.onicecandidate = ({ candidate }) => {
        if (candidate === null) end();
        else if (candidate.candidate) candidates.push(candidate);
      };
    });
    await pc.setLocalDescription();
    await done;
    return { candidates, errors };
  } finally {
    pc.close();
  }
};

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
