/**
 * Connections with servers over TCP that die without a word: the server's host is gone, or a NAT has forgotten the flow.
 * Network namespaces, for which one has to be root on Linux.
 */
import type { RemoteAgent } from '../interop/remote-agent';
import { hasCoturn, startCoturn, type Coturn } from '../support/coturn';
import {
  HostsWithRouter,
  reasonAgainstNamespaces,
  reasonAgainstTranslation,
  run,
  startOn,
  talkBetween,
  untilHolds,
} from '../support/network-namespaces';

const reason =
  reasonAgainstNamespaces() ?? reasonAgainstTranslation() ?? (hasCoturn ? null : 'coturn is not installed');
if (reason) console.log(`silent-death.test.ts is skipped: ${reason}`);

(reason ? describe.skip : describe)('a connection with a server', () => {
  const hosts = new HostsWithRouter('d');
  const { left, router } = hosts;
  const TURN = '10.77.2.1';
  let server: Coturn;
  let a: RemoteAgent;
  let b: RemoteAgent;
  jest.setTimeout(150_000);

  beforeEach(async () => {
    await hosts.build();
    run(`ip -n ${left} -6 addr flush dev eth0`);
    server = await startCoturn([], { namespace: router, address: TURN });
    [a, b] = await Promise.all([startOn(left), startOn(hosts.right)]);
  });
  afterEach(async () => {
    await Promise.all([a?.stop(), b?.stop(), server?.stop()]);
    hosts.destroy();
  });

  /** Ports of the left host's connections with the server that stand. */
  const flows = () =>
    [...run(`ip netns exec ${left} ss -Htn state established dst ${TURN}`).matchAll(/10\.77\.1\.2:(\d+)/g)].map(
      ([, port]) => Number(port),
    );
  /** The router drops what comes from and goes to a port of the left host, or all that is the server's. */
  const drop = (flow?: number) => {
    const [from, to] = flow ? [`tcp sport ${flow}`, `tcp dport ${flow}`] : ['tcp dport 3478', 'tcp sport 3478'];
    hosts.filter(`
      table ip dead {
        chain in { type filter hook prerouting priority -300; }
        chain out { type filter hook output priority -300; }
      }
      add rule ip dead in iifname "port1" ${from} drop
      add rule ip dead out ${to} drop`);
  };
  const heal = () => hosts.filter('delete table ip dead');

  async function negotiate(iceRestart: boolean): Promise<{ relay: string; tookMs: number }> {
    const began = performance.now();
    const offer = await a.command<{ sdp: string }>('offer', { pc: 'p', iceRestart, complete: true });
    const tookMs = performance.now() - began;
    const answer = await b.command('answer', { pc: 'p', description: offer, complete: true });
    await a.command('accept', { pc: 'p', description: answer });
    const relays = [...offer.sdp.matchAll(/^a=candidate:.* (\S+ \d+) typ relay/gm)].map(([, address]) => address!);
    expect(relays).toHaveLength(1);
    return { relay: relays[0]!, tookMs };
  }
  const open = () =>
    a.command('connect', {
      pc: 'p',
      configuration: {
        iceServers: [{ urls: `turn:${TURN}:${server.port}?transport=tcp`, username: 'bench', credential: 'secret' }],
        iceTransportPolicy: 'relay',
      },
    });
  async function connect(): Promise<string> {
    await open();
    await b.command('connect', { pc: 'p' });
    await a.command('channel', { pc: 'p', label: 'talk' });
    const { relay } = await negotiate(false);
    for (const agent of [a, b]) {
      await agent.until(({ event, key }) => event === 'channel-open' && key === 'talk', 'an open channel', 30_000);
    }
    return relay;
  }
  const state = (wanted: string, after: number) =>
    a.until(
      (one) => one.event === 'connection-state' && one['state'] === wanted && one.at > after,
      `connectionState ${wanted}`,
      60_000,
    );

  it('that carries the selected pair: consent runs out, and a restart connects anew', async () => {
    await connect();
    const [dead] = flows();
    const gone = performance.now();
    drop();
    await state('disconnected', gone);
    await state('failed', gone);
    const failedMs = performance.now() - gone;
    console.log(`failed after ${failedMs.toFixed(0)} ms`);
    expect(failedMs).toBeLessThan(50_000);
    // Nor is the connection held by then, on which nothing has been acknowledged.
    await untilHolds(() => !flows().includes(dead!), 'the dead connection is gone');
    heal();
    const back = performance.now();
    const { tookMs } = await negotiate(true);
    expect(tookMs).toBeLessThan(5_000);
    await state('connected', back);
    await talkBetween(a, b, 10_000, 20_000);
  });

  it('that a NAT has forgotten: a restart does not wait for it long', async () => {
    const before = await connect();
    const [dead] = flows();
    drop(dead);
    const restarted = performance.now();
    const { relay, tookMs } = await negotiate(true);
    console.log(`another allocation after ${tookMs.toFixed(0)} ms`);
    expect(tookMs).toBeLessThan(6_000);
    expect(relay).not.toBe(before);
    await talkBetween(a, b, 10_000, 20_000);
    expect(performance.now() - restarted).toBeLessThan(15_000);
    expect(flows()).toHaveLength(2); // until the first one has shown that it is dead, too
    await untilHolds(() => flows().length === 1, 'the dead connection is gone', 20_000);
    await talkBetween(a, b, 10_001, 20_000);
  });

  it('on which nothing is said: probes keep it alive in every NAT on the way, and notice when it is dead', async () => {
    await open();
    await a.command('channel', { pc: 'p', label: 'talk' });
    const sent = () =>
      Number(/packets (\d+)/.exec(run(`ip netns exec ${router} nft list counter ip probe probes`))![1]);
    await a.command('offer', { pc: 'p', complete: true });
    hosts.filter(`
      table ip probe {
        counter probes { }
        chain in { type filter hook prerouting priority -400; }
      }
      add rule ip probe in iifname "port1" tcp dport 3478 counter name probes`);
    await untilHolds(() => sent() >= 1, 'a probe', 60_000);
    expect(flows()).toHaveLength(1);
    drop();
    await untilHolds(() => flows().length === 0, 'the dead connection is gone', 60_000);
  });
});
