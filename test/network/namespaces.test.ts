/**
 * Two processes on hosts of their own, with a router between them: network namespaces, for which one has to be root on
 * Linux. The router can translate addresses, have a smaller MTU, and lose its links.
 */
import type { RemoteAgent } from '../interop/remote-agent';
import {
  HostsWithRouter,
  reasonAgainstNamespaces,
  reasonAgainstTranslation,
  run,
  startOn,
  talkBetween,
} from '../support/network-namespaces';

const hosts = new HostsWithRouter('n');
const { left, router, right } = hosts;

const reason = reasonAgainstNamespaces();
if (reason) console.log(`namespaces.test.ts is skipped: ${reason}`);

(reason ? describe.skip : describe)('hosts with a router between them', () => {
  let a: RemoteAgent;
  let b: RemoteAgent;
  let candidates: string[];
  jest.setTimeout(60_000);

  beforeEach(async () => {
    await hosts.build();
    [a, b] = await Promise.all([startOn(left), startOn(right)]);
    candidates = [];
  });
  afterEach(async () => {
    await Promise.all([a?.stop(), b?.stop()]);
    hosts.destroy();
  });

  async function negotiate(iceRestart = false): Promise<void> {
    const offer = await a.command('offer', { pc: 'p', iceRestart, complete: true });
    await a.command('accept', {
      pc: 'p',
      description: await b.command('answer', { pc: 'p', description: offer, complete: true }),
    });
  }

  async function connect(): Promise<void> {
    for (const agent of [a, b]) {
      agent.onEvent = (event) => {
        if (event.event === 'candidate')
          candidates.push((event['candidate'] as { candidate: string } | null)?.candidate ?? '');
      };
      await agent.command('connect', { pc: 'p' });
    }
    for (const label of ['talk', 'echo', 'sink']) {
      await a.command('channel', { pc: 'p', label });
    }
    await negotiate();
    for (const key of ['talk', 'echo', 'sink']) {
      await a.until(({ event, key: one }) => event === 'channel-open' && one === key, `open of ${key}`);
      await b.until(({ event, key: one }) => event === 'channel-open' && one === key, `open of ${key}`);
    }
  }

  /** A message from left to right. */
  const talk = (length: number, timeoutMs = 10_000) => talkBetween(a, b, length, timeoutMs);

  const state = (agent: RemoteAgent, wanted: string, after: number, timeoutMs = 15_000) =>
    agent.until(
      (one) => one.event === 'connection-state' && one['state'] === wanted && one.at > after,
      `connectionState ${wanted}`,
      timeoutMs,
    );

  it('connect directly, and large messages flow', async () => {
    const started = performance.now();
    await connect();
    console.log(`routed: open after ${(performance.now() - started).toFixed(0)} ms`);
    await talk(262_144);
    const start = performance.now();
    await a.command('flood', { pc: 'p', key: 'sink', total: 50_000_000, length: 65_536 });
    await b.until(({ event }) => event === 'sunk', '50 MB', 30_000);
    console.log(`routed: ${(50_000 / (performance.now() - start)).toFixed(0)} MB/s`);
  });

  it('connect over IPv6 alone', async () => {
    run(`ip -n ${left} -4 addr flush dev eth0; ip -n ${right} -4 addr flush dev eth0`);
    await connect();
    await talk(100_000);
    expect(candidates.some((line) => line.includes(' fd77:1::2 '))).toBe(true);
    expect(candidates.some((line) => line.includes('10.77.'))).toBe(false);
  });

  it.each([4, 6])('exchange large messages over a link with the MTU 1280, IPv%d', async (version) => {
    run(`ip -n ${router} link set port2 mtu 1280`);
    if (version === 6) run(`ip -n ${left} -4 addr flush dev eth0`);
    else run(`ip -n ${left} -6 addr flush dev eth0`);
    await connect();
    for (const length of [1_100, 1_200, 1_300, 1_500, 65_536, 262_144]) await talk(length, 3_000);
  });

  it.each([4, 6])('fill jumbo frames, and go on when the path carries less all at once, IPv%d', async (version) => {
    for (const net of [1, 2]) {
      run(`ip -n ${[left, right][net - 1]} link set eth0 mtu 9000 gso_max_segs 1
        ip -n ${router} link set port${net} mtu 9000`);
    }
    if (version === 6) run(`ip -n ${left} -4 addr flush dev eth0`);
    else run(`ip -n ${left} -6 addr flush dev eth0`);
    await connect();
    const read = (what: string) => Number(run(`ip netns exec ${left} cat /sys/class/net/eth0/statistics/tx_${what}`));
    const sizeDuring = async (task: () => Promise<unknown>) => {
      const before = [read('bytes'), read('packets')];
      await task();
      return (read('bytes') - before[0]!) / (read('packets') - before[1]!);
    };
    const flood = async (total: number) => {
      const from = b.events.length;
      await a.command('flood', { pc: 'p', key: 'sink', total, length: 65_536 });
      await b.until((event) => event.event === 'sunk' && b.events.indexOf(event) >= from, 'the end of a flood', 30_000);
    };
    await flood(5_000_000);
    const wide = await sizeDuring(() => flood(20_000_000));
    // Nothing tells the sender: the router's packets about it do not reach who sends with DF set and looks at none.
    const narrowed = flood(50_000_000);
    run(`ip -n ${router} link set port2 mtu 1280`);
    await narrowed;
    const narrow = await sizeDuring(() => flood(5_000_000));
    console.log(`IPv${version}: ${wide.toFixed(0)} octets a packet, then ${narrow.toFixed(0)}`);
    expect(wide).toBeGreaterThan(5_000);
    expect(narrow).toBeLessThan(1_420);
    await talk(262_144);
  });

  it('tell that a link is down, and recover when it is back', async () => {
    await connect();
    await talk(1_000);
    const down = performance.now();
    run(`ip -n ${left} link set eth0 down`);
    await Promise.all([state(a, 'disconnected', down), state(b, 'disconnected', down)]);
    console.log(`disconnected after ${(performance.now() - down).toFixed(0)} ms`);
    await a.command('send', { pc: 'p', key: 'talk', length: 777 });
    const up = performance.now();
    run(`ip -n ${left} link set eth0 up; ip -n ${left} addr replace fd77:1::2/64 dev eth0 nodad`);
    hosts.route(left, 1);
    await Promise.all([state(a, 'connected', up), state(b, 'connected', up)]);
    console.log(`connected again after ${(performance.now() - up).toFixed(0)} ms`);
    await b.until(({ event, length }) => event === 'message' && length === 777, 'the message sent meanwhile');
    await talk(50_000);
  });

  it('go on after an ICE restart when an address was replaced', async () => {
    run(`ip -n ${left} -6 addr flush dev eth0`);
    await connect();
    await talk(1_000);
    run(`ip -n ${left} addr add 10.77.1.9/24 dev eth0; ip -n ${left} addr del 10.77.1.2/24 dev eth0`);
    run(`ip -n ${left} addr replace 10.77.1.9/24 dev eth0; ip -n ${left} route replace default via 10.77.1.1`);
    const start = performance.now();
    await negotiate(true);
    await talk(50_000);
    console.log(`on the new address after ${(performance.now() - start).toFixed(0)} ms`);
    expect(candidates.some((line) => line.includes(' 10.77.1.9 '))).toBe(true);
  });

  it('connect through a translator of addresses, which gives out another port and address later', async () => {
    const missing = reasonAgainstTranslation();
    if (missing) {
      console.log(`not tested: ${missing}`);
      return;
    }
    run(`ip -n ${left} -6 addr flush dev eth0`);
    const translateTo = (address: string) =>
      run(`ip netns exec ${router} nft '
        table ip nat { chain post { type nat hook postrouting priority 100; }; }
        flush chain ip nat post
        add rule ip nat post oifname "port2" udp dport 1-65535 snat to ${address}:40000-50000 fully-random
        add rule ip nat post oifname "port2" snat to ${address}'`);
    run(`ip -n ${router} addr add 10.77.2.50/24 dev port2`);
    translateTo('10.77.2.1');
    // Nobody reaches the left host from outside; mappings end after a second of silence.
    run(`ip netns exec ${router} nft '
      table ip filter { chain f { type filter hook forward priority 0; }; }
      add rule ip filter f iifname "port2" ct state new drop'`);
    const mappingsLast = (seconds: number) =>
      run(`ip netns exec ${router} sh -ec '
        echo ${seconds} > /proc/sys/net/netfilter/nf_conntrack_udp_timeout
        echo ${seconds} > /proc/sys/net/netfilter/nf_conntrack_udp_timeout_stream'`);
    mappingsLast(1);
    await connect();
    await talk(100_000);
    translateTo('10.77.2.50');
    // Silence, in which the mapping ends; the next packet from the left host gets another.
    await new Promise((done) => setTimeout(done, 4_000));
    mappingsLast(60);
    const start = performance.now();
    await talk(100_000);
    console.log(`after the rebinding: a message of 100,000 octets took ${(performance.now() - start).toFixed(0)} ms`);
    const states = [...a.events, ...b.events]
      .filter(({ event }) => event === 'connection-state')
      .map((one) => one['state']);
    expect(states).not.toContain('failed');
    expect(states).not.toContain('closed');
  });
});
