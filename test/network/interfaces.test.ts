/** Interfaces that come and go while a connection runs: network namespaces, for which one has to be root on Linux. */
import type { RemoteAgent } from '../interop/remote-agent';
import {
  CableBetweenHosts,
  reasonAgainstNamespaces,
  run,
  startOn,
  talkBetween,
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
    for (const agent of [a, b]) await agent.command('connect', { pc: 'p' });
  });
  afterEach(async () => {
    await Promise.all([a?.stop(), b?.stop()]);
    cable.destroy();
  });

  async function connect(): Promise<void> {
    await a.command('channel', { pc: 'p', label: 'talk' });
    const offer = await a.command('offer', { pc: 'p', complete: true });
    const answer = await b.command('answer', { pc: 'p', description: offer, complete: true });
    await a.command('accept', { pc: 'p', description: answer });
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
    const states = [...a.events, ...b.events].filter(({ event }) => event === 'connection-state');
    expect(states.map((one) => one['state'])).not.toContain('failed');
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
