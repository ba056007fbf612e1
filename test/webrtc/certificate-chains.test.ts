/** Certificates with those that have signed them, and several fingerprints in one description (RFC 8122 section 5). */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RTCCertificate, RTCPeerConnection } from '../../lib';
import { hasOpenssl } from '../support/certificates';
import { once, trickle } from '../support/connect';

const open: RTCPeerConnection[] = [];
afterEach(() => {
  for (const pc of open.splice(0)) pc.close();
});

const derOf = (pem: string) => Buffer.from(pem.replace(/-----[^-]+-----|\s/g, ''), 'base64');
const hexOf = (algorithm: string, der: Uint8Array) =>
  createHash(algorithm.replace('-', '')).update(der).digest('hex').toUpperCase().match(/../g)!.join(':');
const lineOf = (algorithm: string, der: Uint8Array) => `a=fingerprint:${algorithm} ${hexOf(algorithm, der)}`;

/** The answerer is given the offer with other fingerprints. */
async function connect(client: RTCPeerConnection, fingerprints: string[] | null): Promise<RTCPeerConnection> {
  const server = new RTCPeerConnection();
  open.push(client, server);
  trickle(client, server);
  client.createDataChannel('x', { negotiated: true, id: 0 });
  await client.setLocalDescription();
  const { sdp } = client.localDescription!;
  const lines = fingerprints && `${fingerprints.join('\r\n')}\r\n`;
  await server.setRemoteDescription({
    type: 'offer',
    sdp: lines ? sdp.replace(/(?:^a=fingerprint:.*\r\n)+/gm, lines) : sdp,
  });
  await server.setLocalDescription();
  await client.setRemoteDescription(server.localDescription!);
  return server;
}

async function ended(pc: RTCPeerConnection): Promise<string> {
  while (!['connected', 'failed'].includes(pc.connectionState)) await once(pc, 'connectionstatechange');
  return pc.connectionState;
}

describe('several fingerprints', () => {
  let client: RTCPeerConnection;
  let der: Buffer;
  const other = Buffer.from('no certificate at all');

  beforeEach(async () => {
    const certificate = await RTCPeerConnection.generateCertificate({ name: 'ECDSA', namedCurve: 'P-256' });
    der = derOf(RTCCertificate.toPem(certificate).certificate);
    client = new RTCPeerConnection({ certificates: [certificate] as never });
  });

  test('of every hash function, as mediasoup sends them', async () => {
    const all = ['sha-1', 'sha-224', 'sha-256', 'sha-384', 'sha-512'].map((algorithm) => lineOf(algorithm, der));
    const server = await connect(client, all);
    expect(await ended(server)).toBe('connected');
  });

  test.each(['sha-1', 'sha-224'])('%s alone, as old gateways send it', async (algorithm) => {
    expect(await ended(await connect(client, [lineOf(algorithm, der)]))).toBe('connected');
  });

  test('sha-1 alone that does not match: there is no connection', async () => {
    expect(await ended(await connect(client, [lineOf('sha-1', other)]))).toBe('failed');
  });

  test('sha-1 that matches makes up for no other', async () => {
    expect(await ended(await connect(client, [lineOf('sha-1', der), lineOf('sha-256', other)]))).toBe('failed');
  });

  test('of several certificates: one has to match', async () => {
    const server = await connect(client, [lineOf('sha-256', other), lineOf('sha-256', der)]);
    expect(await ended(server)).toBe('connected');
  });

  test('of which only one of a weaker hash function is wrong', async () => {
    const server = await connect(client, [lineOf('sha-256', other), lineOf('sha-384', der)]);
    expect(await ended(server)).toBe('connected');
  });

  test('of which that of the strongest hash function is wrong: there is no connection', async () => {
    const server = await connect(client, [lineOf('sha-256', der), lineOf('sha-512', other)]);
    expect(await ended(server)).toBe('failed');
    expect(server.sctp!.transport.state).toBe('failed');
  });
});

(hasOpenssl ? test : test.skip)('a chain of certificates is presented, and shown to the peer', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'peerwire-chain-'));
  try {
    const run = (...args: string[]) => {
      const { status, stderr } = spawnSync('openssl', args, { cwd: folder, encoding: 'utf8' });
      if (status !== 0) throw new Error(`openssl ${args.join(' ')}: ${stderr}`);
    };
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
    run('req', '-x509', ...key, '-keyout', 'ca.key', '-out', 'ca.pem', '-days', '2', '-subj', '/CN=authority');
    run('req', ...key, '-keyout', 'leaf.key', '-out', 'leaf.csr', '-subj', '/CN=leaf');
    run(
      ...['x509', '-req', '-in', 'leaf.csr', '-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial'],
      ...['-out', 'leaf.pem', '-days', '2'],
    );
    const read = (file: string) => readFileSync(join(folder, file), 'utf8');
    const [leaf, authority] = [read('leaf.pem'), read('ca.pem')];
    const certificate = RTCCertificate.fromPem(leaf + authority, read('leaf.key'));
    const client = new RTCPeerConnection({ certificates: [certificate] as never });
    const server = await connect(client, null);
    expect(await ended(server)).toBe('connected');
    const shown = server.sctp!.transport.getRemoteCertificates().map((der) => Buffer.from(der).toString('base64'));
    expect(shown).toEqual([leaf, authority].map((pem) => derOf(pem).toString('base64')));
  } finally {
    rmSync(folder, { recursive: true });
  }
});
