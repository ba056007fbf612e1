/**
 * Servers that send their clients to others (300, Try Alternate: RFC 8489 section 10, RFC 8656 section 7.4): coturn, and
 * servers that do what no honest one would.
 */
import { RTCPeerConnection } from '../../lib';
import { CertificateAuthority, hasOpenssl } from '../support/certificates';
import { connectPair, negotiate } from '../support/connect';
import { gathered as gather, hasCoturn, startCoturn, type Coturn } from '../support/coturn';
import { attributes, Method, ScriptedStunServer, type Transport } from '../support/scripted-stun-server';

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

const transports = hasOpenssl ? (['udp', 'tcp', 'tls'] as const) : (['udp', 'tcp'] as const);
const withTls = hasOpenssl ? it : it.skip;
const withCoturn = hasCoturn && hasOpenssl ? it : it.skip;

async function serve(transport: Transport, address = '127.0.0.1', names?: string): Promise<ScriptedStunServer> {
  const certify = () => authority.credentials(authority.certify('tls.pem', names ?? 'DNS:localhost,IP:127.0.0.1'));
  const server = await ScriptedStunServer.start(transport, address, transport === 'tls' ? certify() : undefined);
  closing.push(() => server.close());
  return server;
}

const urlOf = (transport: Transport, port: number, host = '127.0.0.1') =>
  transport === 'tls' ? `turns:${host}:${port}` : `turn:${host}:${port}?transport=${transport}`;
const configuration = (urls: string | string[], more = {}): any => ({
  iceServers: [{ urls, username: 'bench', credential: 'secret' }],
  iceTransportPolicy: 'relay',
  includeLoopback: true,
  bindAddress: '127.0.0.1',
  ...more,
});
const gathered = (urls: string | string[], more?: object) => gather(RTCPeerConnection, configuration(urls, more));
const to = ({ port }: ScriptedStunServer, ip = '127.0.0.1') => attributes.alternateServer(ip, port);

describe.each(transports)('a TURN server over %s', (transport) => {
  it('sends to another one, which makes the allocation', async () => {
    const [first, second] = [await serve(transport), await serve(transport)];
    first.script = (request) => request.tryAlternate(to(second));
    second.script = (request) => request.allocated(4000);
    const url = urlOf(transport, first.port);
    const { candidates, errors } = await gathered(url);
    expect(errors).toEqual([]);
    expect(candidates).toHaveLength(1);
    expect(candidates[0]).toMatchObject({ type: 'relay', address: '203.0.113.9', port: 4000, url });
    expect(first.count(Method.allocate)).toBe(1);
  });

  it('names one of each family, of which that is taken that it has been asked in', async () => {
    const [first, second] = [await serve(transport), await serve(transport)];
    const other = attributes.alternateServer('2001:db8::1', 9);
    first.script = (request) => request.tryAlternate(to(second), other);
    second.script = (request) => request.allocated(4000);
    const { candidates, errors } = await gathered(urlOf(transport, first.port));
    expect(errors).toEqual([]);
    expect(candidates).toHaveLength(1);
  });

  it('sends to one of the other family alone, which a connection can reach', async () => {
    const [first, second] = [await serve(transport), await serve(transport, '::1')];
    first.script = (request) => request.tryAlternate(to(second, '::1'));
    second.script = (request) => request.allocated(4000);
    const more = transport === 'udp' ? {} : { bindAddress: undefined };
    const { candidates, errors } = await gathered(urlOf(transport, first.port), more);
    if (transport !== 'udp') {
      expect(errors).toEqual([]);
      expect(candidates).toHaveLength(1);
      return;
    }
    expect(candidates).toEqual([]);
    expect(errors).toEqual([expect.objectContaining({ errorCode: 300 })]);
    expect(errors[0].errorText).toMatch(/Try Alternate \(.*address family/);
    expect(second.requests).toEqual([]);
  });

  it.each(['itself', 'one that sends back'])('that sends to %s is asked once', async (where) => {
    const [first, second] = [await serve(transport), await serve(transport)];
    first.script = (request) => request.tryAlternate(to(where === 'itself' ? first : second));
    second.script = (request) => request.tryAlternate(to(first));
    const url = urlOf(transport, first.port);
    const { candidates, errors } = await gathered(url);
    expect(candidates).toEqual([]);
    expect(errors).toEqual([expect.objectContaining({ errorCode: 300, url })]);
    expect(errors[0].errorText).toMatch(/Try Alternate \(.*asked already/);
    expect([first.requests.length, second.requests.length]).toEqual([1, where === 'itself' ? 0 : 1]);
  });

  it('begins a row of redirections that has an end', async () => {
    const servers = [];
    for (let i = 0; i < 6; ++i) servers.push(await serve(transport));
    servers.forEach((server, i) => (server.script = (request) => request.tryAlternate(to(servers[(i + 1) % 6]!))));
    const { errors } = await gathered(urlOf(transport, servers[0]!.port));
    expect(errors).toEqual([expect.objectContaining({ errorCode: 300 })]);
    expect(errors[0].errorText).toMatch(/too often/);
    expect(servers.map(({ requests }) => requests.length)).toEqual([1, 1, 1, 1, 0, 0]);
  });

  it.each([
    ['nobody', () => []],
    ['the unspecified address', () => [attributes.alternateServer('0.0.0.0', 3478)]],
    ['no port', () => [attributes.alternateServer('127.0.0.1', 0)]],
  ])('that sends to %s ends in icecandidateerror 300', async (_, values) => {
    const first = await serve(transport);
    first.script = (request) => request.tryAlternate(...values());
    const { errors } = await gathered(urlOf(transport, first.port));
    expect(errors).toEqual([expect.objectContaining({ errorCode: 300 })]);
  });
});

describe('TURN over TLS', () => {
  /** A server for localhost that sends to another one, whose certificate has `names`. */
  async function redirected(names: string, ...values: Buffer[]) {
    const [first, second] = [await serve('tls'), await serve('tls', '127.0.0.1', names)];
    first.script = (request) => request.tryAlternate(to(second), ...values);
    second.script = (request) => request.allocated(4000);
    return gathered(urlOf('tls', first.port, 'localhost'));
  }

  withTls('is asked of a server with another certificate, whose name ALTERNATE-DOMAIN tells', async () => {
    const names = 'DNS:turn2.peerwire.example';
    const { candidates, errors } = await redirected(names, attributes.alternateDomain('turn2.peerwire.example'));
    expect(errors).toEqual([]);
    expect(candidates).toHaveLength(1);
  });

  withTls('goes on from there under that name', async () => {
    const names = 'DNS:turn2.peerwire.example';
    const [first, second, third] = [await serve('tls'), await serve('tls', undefined, names), await serve('tls', undefined, names)]; // prettier-ignore
    first.script = (request) => request.tryAlternate(to(second), attributes.alternateDomain('turn2.peerwire.example'));
    second.script = (request) => request.tryAlternate(to(third));
    third.script = (request) => request.allocated(4000);
    const { candidates, errors } = await gathered(urlOf('tls', first.port, 'localhost'));
    expect(errors).toEqual([]);
    expect(candidates).toHaveLength(1);
  });

  withTls.each([
    ['another name, of which nothing is told', 'DNS:turn2.peerwire.example', []],
    [
      'the first name, where ALTERNATE-DOMAIN is another',
      'DNS:localhost',
      [attributes.alternateDomain('turn2.peerwire.example')],
    ],
  ])('refuses a certificate for %s', async (_, names, values) => {
    const { candidates, errors } = await redirected(names, ...values);
    expect(candidates).toEqual([]);
    expect(errors).toEqual([expect.objectContaining({ errorCode: 701 })]);
    expect(errors[0].errorText).toMatch(/hostname mismatch/);
  });

  withTls.each(['', '127.0.0.1', 'localhost\0.peerwire.example', 'a b', 'x'.repeat(300)])(
    'takes no ALTERNATE-DOMAIN that is no name: %j',
    async (name) => {
      const { candidates, errors } = await redirected('DNS:localhost,IP:127.0.0.1', attributes.alternateDomain(name));
      expect(candidates).toEqual([]);
      expect(errors).toEqual([expect.objectContaining({ errorCode: 300 })]);
      expect(errors[0].errorText).toMatch(/domain/);
    },
  );
});

/** A connection that gathers from `url`, again and again; nothing is ever reached by what it gathers. */
class Restarting {
  readonly candidates: any[] = [];
  readonly errors: any[] = [];
  readonly #pc: RTCPeerConnection;
  readonly #peer = new RTCPeerConnection({ bindAddress: '127.0.0.1', includeLoopback: true } as never);

  constructor(url: string) {
    this.#pc = new RTCPeerConnection(configuration(url));
    closing.push(() => [this.#pc, this.#peer].forEach((pc) => pc.close()));
    this.#pc.createDataChannel('x');
    this.#pc.onicecandidateerror = (event: any) => this.errors.push(event);
  }
  /** Until gathering is complete. */
  async gather(): Promise<void> {
    this.candidates.length = 0;
    const complete = new Promise<void>((done) => {
      this.#pc.onicecandidate = ({ candidate }: any) => {
        if (candidate === null) done();
        else if (candidate.candidate) this.candidates.push(candidate);
      };
    });
    this.#pc.restartIce();
    await negotiate(this.#pc, this.#peer);
    await complete;
  }
}

describe.each(transports)('an allocation over %s', (transport) => {
  it('whose server sends elsewhere when it is refreshed is made there, too', async () => {
    const [first, second] = [await serve(transport), await serve(transport)];
    // Of a lifetime that has it refreshed after two seconds.
    first.script = (request) =>
      request.method === Method.allocate ? request.allocated(4000, 4) : request.tryAlternate(to(second));
    const allocated = new Promise<void>((done) => {
      second.script = (request) => {
        if (request.method !== Method.allocate) return request.success(attributes.lifetime(600));
        done();
        return request.allocated(5000);
      };
    });
    const pc = new Restarting(urlOf(transport, first.port));
    await pc.gather();
    await allocated;
    expect(pc.candidates.map(({ port }) => port)).toEqual([4000]);
    // Nobody is told of what comes after the end of gathering; a restart tells of it, without asking the first server.
    const asked = first.count(Method.allocate);
    await pc.gather();
    expect(pc.candidates.map(({ port }) => port)).toEqual([5000]);
    expect(first.count(Method.allocate)).toBe(asked);
    expect(second.count(Method.allocate)).toBe(1);
    expect(pc.errors).toEqual([]);
  });

  it('that was made where the server has sent is found by a restart', async () => {
    const [first, second] = [await serve(transport), await serve(transport)];
    first.script = (request) => request.tryAlternate(to(second));
    second.script = (request) =>
      request.method === Method.allocate ? request.allocated(4000) : request.success(attributes.lifetime(600));
    const pc = new Restarting(urlOf(transport, first.port));
    await pc.gather();
    await pc.gather();
    expect(pc.candidates.map(({ port }) => port)).toEqual([4000]);
    expect([first.count(Method.allocate), second.count(Method.allocate)]).toEqual([1, 1]);
    expect(second.count(Method.refresh)).toBe(1);
  });

  it('whose server sends to itself when it is refreshed has an end, and a restart says so at once', async () => {
    const server = await serve(transport);
    server.script = (request) =>
      request.method === Method.allocate ? request.allocated(4000) : request.tryAlternate(to(server));
    const pc = new Restarting(urlOf(transport, server.port));
    await pc.gather();
    expect(pc.errors).toEqual([]);
    await pc.gather();
    expect(pc.candidates).toEqual([]);
    expect(pc.errors).toEqual([expect.objectContaining({ errorCode: 300 })]);
  });
});

describe('a STUN server', () => {
  const stun = (urls: string, more = {}) => gather(RTCPeerConnection, { iceServers: [{ urls }], bindAddress: '127.0.0.1', includeLoopback: true, ...more } as never); // prettier-ignore
  const reflexive = (candidates: any[], protocol: string) =>
    candidates.filter((each) => each.type === 'srflx' && each.protocol === protocol);
  const mapped = (request: any) => request.success(attributes.mapped('203.0.113.77', request.from.port ^ 1));

  it('over UDP sends to another one, which tells the address', async () => {
    const [first, second] = [await serve('udp'), await serve('udp')];
    first.script = (request) => request.tryAlternate(to(second), attributes.alternateServer('2001:db8::1', 9));
    second.script = mapped;
    const { candidates, errors } = await stun(`stun:127.0.0.1:${first.port}`, { iceTcp: 'off' });
    expect(errors).toEqual([]);
    expect(reflexive(candidates, 'udp')).toHaveLength(1);
    expect([first.requests.length, second.requests.length]).toEqual([1, 1]);
  });

  it('over UDP that sends in circles ends in icecandidateerror 300', async () => {
    const [first, second] = [await serve('udp'), await serve('udp')];
    first.script = (request) => request.tryAlternate(to(second));
    second.script = (request) => request.tryAlternate(to(first));
    const { candidates, errors } = await stun(`stun:127.0.0.1:${first.port}`, { iceTcp: 'off' });
    expect(reflexive(candidates, 'udp')).toEqual([]);
    expect(errors).toEqual([expect.objectContaining({ errorCode: 300 })]);
    expect([first.requests.length, second.requests.length]).toEqual([1, 1]);
  });

  withTls('over TLS sends to another one, as the name that it tells, out of the same port', async () => {
    const [first, second] = [await serve('tls'), await serve('tls', '127.0.0.1', 'DNS:stun2.peerwire.example')];
    first.script = (request) => request.tryAlternate(to(second), attributes.alternateDomain('stun2.peerwire.example'));
    second.script = mapped;
    const { candidates, errors } = await stun(`stuns:localhost:${first.port}`, { iceTcp: 'listen' });
    expect(errors).toEqual([]);
    const [host] = candidates.filter((each) => each.type === 'host' && each.tcpType === 'passive');
    expect(reflexive(candidates, 'tcp')).toEqual([expect.objectContaining({ port: host.port ^ 1 })]);
    expect([...first.requests, ...second.requests].map(({ from }) => from.port)).toEqual([host.port, host.port]);
  });

  withTls('over TLS that sends in circles ends in icecandidateerror 300', async () => {
    const [first, second] = [await serve('tls'), await serve('tls')];
    first.script = (request) => request.tryAlternate(to(second));
    second.script = (request) => request.tryAlternate(to(first));
    const { candidates, errors } = await stun(`stuns:localhost:${first.port}`, { iceTcp: 'listen' });
    expect(reflexive(candidates, 'tcp')).toEqual([]);
    expect(errors).toEqual([expect.objectContaining({ errorCode: 300 })]);
    expect([first.requests.length, second.requests.length]).toEqual([1, 1]);
  });
});

describe('coturn', () => {
  let first: Coturn;
  let second: Coturn;
  async function start(): Promise<void> {
    const certificate = authority.certify('coturn.pem', 'IP:127.0.0.1');
    const tls = [`--cert=${certificate}`, `--pkey=${authority.keyFile}`];
    second = await startCoturn(tls);
    closing.push(() => second.stop());
    const alternates = [
      `--alternate-server=127.0.0.1:${second.port}`,
      `--tls-alternate-server=127.0.0.1:${second.tlsPort}`,
    ];
    first = await startCoturn([...tls, ...alternates]);
    closing.push(() => first.stop());
  }

  withCoturn.each(['udp', 'tcp', 'tls'] as const)(
    'sends to another one over %s, by which two peers connect that may only relay',
    async (transport) => {
      await start();
      const config = configuration(urlOf(transport, transport === 'tls' ? first.tlsPort : first.port));
      const [left, right] = [new RTCPeerConnection(config), new RTCPeerConnection(config)];
      closing.push(() => [left, right].forEach((pc) => pc.close()));
      const allocated = second.logged(/ALLOCATE processed, success/);
      const [channel, remote] = await connectPair(left, right);
      const received = new Promise((done) => (remote.onmessage = ({ data }: any) => done(data)));
      channel.send('by way of another server');
      expect(await received).toBe('by way of another server');
      await allocated;
    },
    30_000,
  );
});
