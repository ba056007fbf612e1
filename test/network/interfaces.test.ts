/** Interfaces that come and go while a connection runs: network namespaces, for which one has to be root on Linux. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { RemoteAgent } from '../interop/remote-agent';
import { hasCoturn } from '../support/coturn';
import {
  CableBetweenHosts,
  reasonAgainstNamespaces,
  run,
  startOn,
  talkBetween,
  untilHolds,
  untilUp,
} from '../support/network-namespaces';

const reason = reasonAgainstNamespaces();
if (reason) console.log(`interfaces.test.ts is skipped: ${reason}`);

(reason ? describe.skip : describe)('a connection', () => {
  const cable = new CableBetweenHosts('i');
  const { left, right } = cable;
  let a: RemoteAgent;
  let b: RemoteAgent;
  jest.setTimeout(90_000);

  beforeEach(async () => {
    await cable.build();
    // A second cable, which the left host has no address for yet.
    run(`
      ip -n ${left} link add eth1 type veth peer name eth1 netns ${right}
      ip -n ${right} addr add 10.79.0.2/24 dev eth1
      ip -n ${right} link set eth1 up
      ip -n ${left} link set eth1 up`);
    await Promise.all([untilUp(left, 'eth1'), untilUp(right, 'eth1')]);
    [a, b] = await Promise.all([startOn(left), startOn(right)]);
  });
  afterEach(async () => {
    await Promise.all([a?.stop(), b?.stop()]);
    cable.destroy();
  });

  type Description = { type: string; sdp: string };
  /** `told`: what either is told of the other's description. */
  async function negotiate(iceRestart: boolean, told: (own: Description) => Description): Promise<void> {
    const offer = told(await a.command<Description>('offer', { pc: 'p', iceRestart, complete: true }));
    const answer = told(await b.command<Description>('answer', { pc: 'p', description: offer, complete: true }));
    await a.command('accept', { pc: 'p', description: answer });
  }

  async function connect(ofLeft: object = {}, ofRight: object = {}, told = (own: Description) => own): Promise<void> {
    await a.command('connect', { pc: 'p', configuration: ofLeft });
    await b.command('connect', { pc: 'p', configuration: ofRight });
    await a.command('channel', { pc: 'p', label: 'talk' });
    await negotiate(false, told);
    await b.until(({ event, key }) => event === 'channel-open' && key === 'talk', 'open');
    await a.until(({ event, key }) => event === 'channel-open' && key === 'talk', 'open');
  }

  const talk = (length: number) => talkBetween(a, b, length, 30_000);

  const plugIn = () => run(`ip -n ${left} addr add 10.79.0.1/24 dev eth1`);
  const state = (wanted: string, after: number) =>
    a.until(
      (one) => one.event === 'connection-state' && one['state'] === wanted && one.at > after,
      `connectionState ${wanted}`,
      40_000,
    );
  const expectNoFailure = () => {
    const states = [...a.events, ...b.events].filter(({ event }) => event === 'connection-state');
    expect(states.map((one) => one['state'])).not.toContain('failed');
  };
  const received = (device: string) =>
    Number(run(`ip netns exec ${right} cat /sys/class/net/${device}/statistics/rx_bytes`));

  it('uses an interface that has come later when the first one goes, without a restart', async () => {
    await connect();
    await talk(1_000);
    plugIn();
    // The new way is found by checks of the left host alone: nobody signals anything.
    const before = received('eth1');
    run(`ip -n ${left} link set eth0 down`);
    await talk(200_000);
    expect(received('eth1') - before).toBeGreaterThan(200_000);
    expectNoFailure();
  });

  it('begins with temporary IPv6 addresses, not with those that they stand for or that are deprecated', async () => {
    run(`
      ip netns exec ${left} sh -c 'echo 2 > /proc/sys/net/ipv6/conf/eth0/use_tempaddr'
      ip -n ${left} addr add 2001:db8:1::1/64 dev eth0 nodad valid_lft 7200 preferred_lft 3600 mngtmpaddr
      ip -n ${left} addr add 2001:db8:2::1/64 dev eth0 nodad valid_lft 7200 preferred_lft 0`);
    const temporary = () => run(`ip -n ${left} -6 addr show dev eth0 temporary -tentative`);
    await untilHolds(() => temporary().includes('2001:db8:1:'), 'a temporary address');
    await connect();
    const candidates = a.events
      .filter(({ event }) => event === 'candidate')
      .map((one) => (one['candidate'] as { candidate: string } | null)?.candidate ?? '');
    const ipv6 = candidates.filter((text) => text.includes(' 2001:db8:'));
    expect(ipv6).toHaveLength(1);
    expect(ipv6[0]).toContain(' 2001:db8:1:0:');
    expect(ipv6[0]).not.toContain(' 2001:db8:1::1 ');
  });

  it('goes on over an address that becomes deprecated', async () => {
    run(`
      ip -n ${left} addr flush dev eth0
      ip -n ${left} addr add 2001:db8:1::1/64 dev eth0 nodad
      ip -n ${right} addr flush dev eth0
      ip -n ${right} addr add 2001:db8:1::2/64 dev eth0 nodad`);
    await connect();
    await talk(1_000);
    run(`
      ip -n ${left} addr add 2001:db8:2::1/64 dev eth0 nodad
      ip -n ${left} addr change 2001:db8:1::1/64 dev eth0 valid_lft 7200 preferred_lft 0`);
    const bound = () => run(`ip netns exec ${left} cat /proc/net/udp6`);
    await untilHolds(() => bound().includes('B80D01200000020000000000'), 'a socket on the address that has come');
    await talk(200_000);
    const states = a.events.filter(({ event }) => event === 'connection-state').map((one) => one['state']);
    expect(states).not.toContain('disconnected');
  });

  it('says at once that nothing is left, and goes on over the next interface that comes', async () => {
    await connect();
    await talk(1_000);
    const down = performance.now();
    run(`ip -n ${left} addr flush dev eth0; ip -n ${left} -6 addr flush dev eth0`);
    await state('disconnected', down);
    console.log(`disconnected after ${(performance.now() - down).toFixed(0)} ms`);
    const up = performance.now();
    plugIn();
    await state('connected', up);
    console.log(`connected again after ${(performance.now() - up).toFixed(0)} ms`);
    await talk(100_000);
  });

  it('is found again by an ICE restart, when nobody knows an address of the other that is left', async () => {
    run(`ip -n ${right} addr flush dev eth1`);
    await connect({ iceTcp: 'listen' });
    await talk(1_000);
    const gathered = () => a.events.filter(({ event, pc }) => event === 'candidate' && pc === 'p');
    const told = gathered().length;
    // Both leave the first network for the second, and no check finds the way: not even one that would leave by the first
    // with an address of the second, were it still there.
    const down = performance.now();
    run(`ip -n ${left} link set eth0 down`);
    plugIn();
    run(`ip -n ${right} addr add 10.79.0.2/24 dev eth1`);
    await state('disconnected', down);
    // The end of candidates was told, and stands until the restart (https://www.w3.org/TR/webrtc/#dom-rtcicegathererstate-complete).
    expect(gathered()).toHaveLength(told);
    const restarted = performance.now();
    await negotiate(true, (own) => own);
    await state('connected', restarted);
    await talk(100_000);
    const after = gathered().slice(told);
    const lines = after.map(({ candidate }) => (candidate as { candidate: string } | null)?.candidate ?? null);
    expect(lines).toContainEqual(expect.stringMatching(/ udp \d+ 10\.79\.0\.1 .* typ host/));
    expect(lines).toContainEqual(expect.stringMatching(/ tcp \d+ 10\.79\.0\.1 .* typ host tcptype passive/));
    expect(lines).not.toContainEqual(expect.stringContaining(' 10.78.0.1 '));
    expect(lines.at(-1)).toBeNull();
  });

  describe('over TCP alone', () => {
    /** A connection that has no address any more is not held. */
    const untilNoneStands = () =>
      untilHolds(() => run(`ip netns exec ${left} ss -Htn state established`) === '', 'no connection stands');
    const withoutUdp = ({ type, sdp }: Description) => ({ type, sdp: sdp.replace(/a=candidate:.* udp .*\r\n/g, '') });

    it('connects from an interface that has come later when the first one goes', async () => {
      await connect({}, { iceTcp: 'listen' }, withoutUdp);
      await talk(1_000);
      plugIn();
      const before = received('eth1');
      run(`ip -n ${left} link set eth0 down`);
      await talk(200_000);
      expect(received('eth1') - before).toBeGreaterThan(200_000);
      expectNoFailure();
    });

    it.each([
      ['connects', {}, { iceTcp: 'listen' }],
      ['listens', { iceTcp: 'listen' }, {}],
    ])('connects again when the address of the side that %s is back', async (_, ofLeft, ofRight) => {
      await connect(ofLeft, ofRight, withoutUdp);
      await talk(1_000);
      const down = performance.now();
      run(`ip -n ${left} addr flush dev eth0; ip -n ${left} -6 addr flush dev eth0`);
      await state('disconnected', down);
      await untilNoneStands();
      const up = performance.now();
      run(`ip -n ${left} addr add 10.78.0.1/24 dev eth0`);
      await state('connected', up);
      await talk(100_000);
    });
  });

  /** A TURN server on the right host, for as long as `use` takes. */
  async function withTurnServer(use: (urls: string) => Promise<void>): Promise<void> {
    const folder = mkdtempSync(join(tmpdir(), 'peerwire-turn-'));
    const server = spawn('ip', [
      ...['netns', 'exec', right, 'turnserver', '-n', '--log-file=stdout', '--simple-log', '--verbose'],
      ...['--listening-ip=10.78.0.2', '--relay-ip=10.78.0.2', '--lt-cred-mech', '--user=bench:secret'],
      ...['--realm=peerwire.example', '--no-tls', '--no-dtls', '--no-cli'],
      ...[`--pidfile=${join(folder, 'pid')}`, `--userdb=${join(folder, 'users.sqlite')}`],
    ]);
    const ended = once(server, 'exit');
    try {
      const listens = new Promise<void>((done) =>
        createInterface({ input: server.stdout }).on('line', (line) => {
          if (/TCP listener opened on/.test(line)) done();
        }),
      );
      const death = ended.then(([code]) => Promise.reject(new Error(`turnserver ended with ${code}`)));
      death.catch(() => {});
      await Promise.race([listens, death]);
      await use('turn:10.78.0.2?transport=tcp');
    } finally {
      server.kill('SIGTERM');
      await ended;
      rmSync(folder, { recursive: true });
    }
  }

  (hasCoturn ? it : it.skip)('connects with its TURN server again when the first interface goes', () =>
    withTurnServer(async (urls) => {
      const iceServers = [{ urls, username: 'bench', credential: 'secret' }];
      await connect({ iceServers, iceTransportPolicy: 'relay' });
      await talk(1_000);
      plugIn();
      const before = received('eth1');
      run(`ip -n ${left} link set eth0 down; ip -n ${left} route add default via 10.79.0.2`);
      await talk(200_000);
      expect(received('eth1') - before).toBeGreaterThan(200_000);
      expectNoFailure();
    }),
  );

  const untilBound = (address: string) =>
    untilHolds(() => run(`ip netns exec ${left} ss -Huan`).includes(` ${address}:`), `${address} has a socket`);

  it('has what came to its pool of candidates before it had a description', async () => {
    await a.command('connect', { pc: 'q', configuration: { iceCandidatePoolSize: 1 } });
    await untilBound('10.78.0.1');
    plugIn();
    await untilBound('10.79.0.1');
    await a.command('channel', { pc: 'q', label: 'talk' });
    const { sdp } = await a.command<Description>('offer', { pc: 'q', complete: true });
    expect(sdp).toMatch(/^a=candidate:.* udp \d+ 10\.78\.0\.1 /m);
    expect(sdp).toMatch(/^a=candidate:.* udp \d+ 10\.79\.0\.1 /m);
  });

  it('tells nothing of what has left its pool of candidates before it had a description', async () => {
    await a.command('connect', { pc: 'q', configuration: { iceCandidatePoolSize: 1 } });
    await untilBound('10.78.0.1');
    plugIn();
    await untilBound('10.79.0.1');
    await a.command('channel', { pc: 'q', label: 'talk' });
    run(`ip -n ${left} link set eth0 down`);
    // At once: the kernel may not have told of it yet.
    const { sdp } = await a.command<Description>('offer', { pc: 'q', complete: true });
    expect(sdp).not.toContain('10.78.0.1');
    expect(sdp).toMatch(/^a=candidate:.* udp \d+ 10\.79\.0\.1 /m);
  });

  it('gathers on an interface that comes while it gathers', async () => {
    // A server that never answers keeps gathering going; the peer is told of candidates as they come.
    await a.command('connect', { pc: 'q', configuration: { iceServers: [{ urls: 'stun:10.78.0.99' }] } });
    await a.command('channel', { pc: 'q', label: 'talk' });
    await a.command('offer', { pc: 'q' });
    const candidate = (address: string) =>
      a.until(
        ({ event, pc, candidate: one }) =>
          event === 'candidate' && pc === 'q' && !!(one as { candidate: string } | null)?.candidate.includes(address),
        `a candidate with ${address}`,
        20_000,
      );
    await candidate(' 10.78.0.1 ');
    plugIn();
    await candidate(' 10.79.0.1 ');
  });
});
