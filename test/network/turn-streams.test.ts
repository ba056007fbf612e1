/** TURN over TCP and TLS against coturn, with a certificate authority of our own. */
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { join } from 'node:path';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import { RTCPeerConnection } from '../../lib';
import { CertificateAuthority, hasOpenssl } from '../support/certificates';
import { connectPair } from '../support/connect';
import { freePort, gathered as gather, hasCoturn, startCoturn, type Coturn } from '../support/coturn';

const environment = process.env['NODE_EXTRA_CA_CERTS'];
let server: Coturn;
let authority: CertificateAuthority;
let certificate: string;
let otherCertificate: string;

beforeAll(async () => {
  if (!hasCoturn) return;
  const tls: string[] = [];
  if (hasOpenssl) {
    authority = new CertificateAuthority();
    certificate = authority.certify('server.pem', 'IP:127.0.0.1,DNS:localhost');
    otherCertificate = authority.certify('other.pem', 'IP:192.0.2.1,DNS:turn.peerwire.example');
    tls.push(`--cert=${certificate}`, `--pkey=${authority.keyFile}`);
  }
  // Nonces and allocations so short-lived that both have to be renewed within a test.
  server = await startCoturn([...tls, '--stale-nonce=2', '--max-allocate-lifetime=8']);
}, 30_000);

afterEach(() => {
  if (environment === undefined) delete process.env['NODE_EXTRA_CA_CERTS'];
  else process.env['NODE_EXTRA_CA_CERTS'] = environment;
});

afterAll(async () => {
  if (hasCoturn) await server.stop();
  authority?.remove();
});

const withCoturn = hasCoturn ? it : it.skip;
const withTls = hasCoturn && hasOpenssl ? it : it.skip;

const urlOf = {
  tcp: (host = '127.0.0.1') => `turn:${host}:${server.port}?transport=tcp`,
  tls: (host = '127.0.0.1') => `turns:${host}:${server.tlsPort}`,
};
const configuration = (urls: string, credential = 'secret'): any => ({
  iceServers: [{ urls, username: 'bench', credential }],
  iceTransportPolicy: 'relay',
  bindAddress: '127.0.0.1',
  includeLoopback: true,
});
const gathered = (urls: string, credential?: string) => gather(RTCPeerConnection, configuration(urls, credential));

async function relayedPair(urls: string): Promise<void> {
  const [left, right] = [new RTCPeerConnection(configuration(urls)), new RTCPeerConnection(configuration(urls))];
  try {
    const [channel, remote] = await connectPair(left, right);
    remote.onmessage = ({ data }: any) => remote.send(data);
    const exchange = async (message: string) => {
      const echoed = new Promise((done) => (channel.onmessage = ({ data }: any) => done(data)));
      channel.send(message);
      expect(await echoed).toBe(message);
    };
    await exchange('x'.repeat(200_000));
    const stats: any[] = [...(await left.getStats()).values()];
    const { selectedCandidatePairId } = stats.find(({ type }) => type === 'transport');
    const pair = stats.find(({ id }) => id === selectedCandidatePairId);
    expect(stats.find(({ id }) => id === pair.localCandidateId)).toMatchObject({
      candidateType: 'relay',
      relayProtocol: urls.startsWith('turns') ? 'tls' : 'tcp',
      protocol: 'udp',
      url: urls,
    });
    // Each refreshing of the allocation finds the nonce expired (438), and is repeated with another one.
    await Promise.all([server.logged(/error 438: Stale nonce/), server.logged(/refreshed.*lifetime=8/)]);
    await exchange('after the nonce has expired');
  } finally {
    left.close();
    right.close();
  }
}

withCoturn(
  'two peers that may only relay connect over TCP, beyond the life of a nonce',
  () => relayedPair(urlOf.tcp()),
  60_000,
);

withTls(
  'two peers that may only relay connect over TLS, with an authority of NODE_EXTRA_CA_CERTS',
  async () => {
    process.env['NODE_EXTRA_CA_CERTS'] = authority.file;
    await relayedPair(urlOf.tls());
  },
  60_000,
);

withTls('names are resolved and checked against the certificate', async () => {
  process.env['NODE_EXTRA_CA_CERTS'] = authority.file;
  const { candidates, errors } = await gathered(urlOf.tls('localhost'));
  expect(errors).toEqual([]);
  expect(candidates).toHaveLength(1);
  expect(candidates[0]).toMatchObject({ type: 'relay', protocol: 'udp', relayProtocol: 'tls' });
});

withTls('a certificate of an unknown authority is refused', async () => {
  delete process.env['NODE_EXTRA_CA_CERTS'];
  const { candidates, errors } = await gathered(urlOf.tls());
  expect(candidates).toEqual([]);
  expect(errors).toHaveLength(1);
  expect(errors[0]).toMatchObject({ errorCode: 701, url: urlOf.tls(), address: null });
  expect(errors[0].errorText).toMatch(/certificate of the server: .*issuer/);
});

/** The error of gathering with a TLS server of Node.js on 127.0.0.1. */
async function errorWith(options: TlsOptions, host = '127.0.0.1'): Promise<any> {
  process.env['NODE_EXTRA_CA_CERTS'] = authority.file;
  const listener = createTlsServer(options);
  listener.on('tlsClientError', () => {}); // the client's refusal, which is what is tested
  await new Promise<void>((done) => listener.listen(0, '127.0.0.1', done));
  try {
    const { port } = listener.address() as { port: number };
    const { candidates, errors } = await gathered(`turns:${host}:${port}`);
    expect(candidates).toEqual([]);
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatchObject({ errorCode: 701 });
    return errors[0];
  } finally {
    await new Promise((done) => listener.close(done));
  }
}

withTls('a certificate for another address or name is refused', async () => {
  const options = authority.credentials(otherCertificate);
  expect((await errorWith(options)).errorText).toMatch(/IP address mismatch/);
  expect((await errorWith(options, 'localhost')).errorText).toMatch(/hostname mismatch/);
});

withTls('TLS before 1.2 is refused', async () => {
  const old: TlsOptions = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' };
  const { errorText } = await errorWith({ ...old, ...authority.credentials(certificate) });
  expect(errorText).toMatch(/TLS: .*protocol version/);
});

withTls('NODE_EXTRA_CA_CERTS that cannot be read is told where it matters', async () => {
  process.env['NODE_EXTRA_CA_CERTS'] = join(authority.folder, 'missing.pem');
  const { errors } = await gathered(urlOf.tls());
  expect(errors[0].errorText).toMatch(/NODE_EXTRA_CA_CERTS could not be read: No such file or directory/);
});

withTls('a server that does not speak TLS ends in icecandidateerror 701', async () => {
  const { errors } = await gathered(`turns:127.0.0.1:${server.port}?transport=tcp`);
  expect(errors).toHaveLength(1);
  expect(errors[0]).toMatchObject({ errorCode: 701 });
  expect(errors[0].errorText).toMatch(/TLS/);
});

withCoturn('wrong credentials end in icecandidateerror 401', async () => {
  const { candidates, errors } = await gathered(urlOf.tcp(), 'wrong');
  expect(candidates).toEqual([]);
  expect(errors.map(({ errorCode, url }) => [errorCode, url])).toEqual([[401, urlOf.tcp()]]);
});

it('a server where nobody listens ends in icecandidateerror 701 at once', async () => {
  const { errors } = await gathered(`turn:127.0.0.1:${await freePort()}?transport=tcp`);
  expect(errors).toHaveLength(1);
  expect(errors[0]).toMatchObject({ errorCode: 701, errorText: 'Connection refused' });
});

it('TURN over DTLS is refused by name', async () => {
  expect((await gathered('turns:127.0.0.1?transport=udp')).errors[0]).toMatchObject({
    errorCode: 701,
    errorText: 'TURN over DTLS is not supported',
  });
});

describe('a server that misbehaves', () => {
  let listener: Server;
  let asked: Promise<unknown[]>;
  const listen = async (answer: (request: Buffer) => Buffer | null) => {
    listener = createServer((socket) => {
      socket.on('error', () => {}); // the client leaves as it likes
      socket.on('data', (request) => {
        const reply = answer(request);
        if (reply === null) socket.destroy();
        else socket.write(reply);
      });
    });
    await new Promise<void>((done) => listener.listen(0, '127.0.0.1', done));
    asked = once(listener, 'connection');
    return `turn:127.0.0.1:${(listener.address() as { port: number }).port}?transport=tcp`;
  };
  afterEach(async () => {
    await new Promise((done) => listener.close(done));
  });

  it.each<[string, (request: Buffer) => Buffer | null, RegExp]>([
    ['that hangs up', () => null, /closed by the peer|reset by peer/],
    ['that speaks something else', () => Buffer.from('SSH-2.0-OpenSSH\r\n'), /neither STUN nor ChannelData/],
    [
      'that never stops saying nothing',
      () => Buffer.concat([Buffer.from('0101fffc2112a442', 'hex')]),
      /did not answer/,
    ],
  ])(
    '%s ends in icecandidateerror 701',
    async (_, answer, reason) => {
      const { candidates, errors } = await gathered(await listen(answer));
      await asked;
      expect(candidates).toEqual([]);
      expect(errors).toHaveLength(1);
      expect(errors[0]).toMatchObject({ errorCode: 701 });
      expect(errors[0].errorText).toMatch(reason);
    },
    40_000,
  );
});

it('comes from a port of portRange, and says so when none of them is free', async () => {
  const first = await freePort();
  let second = first;
  while (second === first) second = await freePort();
  const sources: (number | undefined)[] = [];
  const silent: Server = createServer((socket) => {
    sources.push(socket.remotePort);
    socket.on('error', () => {}); // our end is reset when the connection is closed
  });
  await new Promise<void>((done) => silent.listen(0, '127.0.0.1', done));
  const { port } = silent.address() as AddressInfo;
  const open: RTCPeerConnection[] = [];
  const gatherFrom = async (portRange: { min: number; max: number }) => {
    const pc = new RTCPeerConnection({ ...configuration(`turn:127.0.0.1:${port}?transport=tcp`), portRange });
    open.push(pc);
    pc.createDataChannel('x');
    const accepted = once(silent, 'connection');
    const error = once(pc as never, 'icecandidateerror').then(([event]) => event.errorText as string);
    await pc.setLocalDescription();
    return Promise.race([accepted.then(() => 'connected'), error]);
  };
  try {
    expect(await gatherFrom({ min: first, max: first })).toBe('connected');
    expect(await gatherFrom({ min: second, max: second })).toBe('connected');
    expect(sources).toEqual([first, second]);
    expect(await gatherFrom({ min: first, max: first })).toMatch(/^Address (already )?in use$/);
    expect(sources).toHaveLength(2);
  } finally {
    for (const pc of open) pc.close();
    silent.close();
  }
}, 30_000);
