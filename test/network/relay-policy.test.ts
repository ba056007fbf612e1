/**
 * `iceTransportPolicy: 'relay'` on the wire: what leaves the host is counted by its packet filter, in a network namespace,
 * for which one has to be root on Linux.
 */
import { spawnSync } from 'node:child_process';
import type { RemoteAgent } from '../interop/remote-agent';
import { hasCoturn, startCoturn, type Coturn } from '../support/coturn';
import {
  HostsWithRouter,
  reasonAgainstNamespaces,
  reasonAgainstTranslation,
  run,
  startOn,
  talkBetween,
} from '../support/network-namespaces';
import { createStunRequest } from '../support/stun-request';

const reason =
  reasonAgainstNamespaces() ?? reasonAgainstTranslation() ?? (hasCoturn ? null : 'coturn is not installed');
if (reason) console.log(`relay-policy.test.ts is skipped: ${reason}`);

/** Sends the datagrams of argv[1], [port, hexadecimal][], to the left host. */
const SEND = `
  const socket = require('node:dgram').createSocket('udp4');
  const all = JSON.parse(process.argv[1]).map(
    ([port, octets]) => new Promise((done) => socket.send(Buffer.from(octets, 'hex'), port, '10.77.1.2', done)));
  Promise.all(all).then(() => socket.close());`;

(reason ? describe.skip : describe)('a host that may only relay', () => {
  const hosts = new HostsWithRouter('p');
  const { left, router, right } = hosts;
  const TURN = '10.77.2.1';
  let server: Coturn;
  let a: RemoteAgent;
  let b: RemoteAgent;
  jest.setTimeout(60_000);

  beforeEach(async () => {
    await hosts.build();
    run(`ip -n ${left} -6 addr flush dev eth0`);
    server = await startCoturn([], { namespace: router, address: TURN });
    [a, b] = await Promise.all([startOn(left), startOn(right)]);
  });
  afterEach(async () => {
    await Promise.all([a?.stop(), b?.stop(), server?.stop()]);
    hosts.destroy();
  });

  /** Octets that have left the host, to the server and elsewhere, by way of its own loopback, too. */
  const watch = () =>
    run(`ip netns exec ${left} nft '
      table inet sniffer {
        counter server { }
        counter elsewhere { }
        chain out { type filter hook output priority 0; }
      }
      add rule inet sniffer out ip daddr ${TURN} meta l4proto { tcp, udp } th dport ${server.port} counter name server accept
      add rule inet sniffer out meta l4proto { tcp, udp } counter name elsewhere'`);
  const counted = (name: string) => {
    const text = run(`ip netns exec ${left} nft list counter inet sniffer ${name}`);
    return Number(/bytes (\d+)/.exec(text)![1]);
  };

  /** Whoever knows the password asks each of the host's sockets directly, as a peer would that has seen its address. */
  async function checkDirectly({ sdp }: { sdp: string }, username: string): Promise<number> {
    const sockets = run(`ip netns exec ${left} ss -H -u -a -n`).matchAll(/(?:10\.77\.1\.2|0\.0\.0\.0|\*):(\d+)/g);
    const ports = [...new Set([...sockets].map(([, port]) => Number(port)))].filter((port) => port > 0);
    const password = /^a=ice-pwd:(.*)\r$/m.exec(sdp)![1]!;
    const checks = ports.map((port) => [port, createStunRequest(username, password).toString('hex')]);
    const enter = ['netns', 'exec', right, process.execPath, '-e', SEND, JSON.stringify(checks)];
    expect(spawnSync('ip', enter, { encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
    return ports.length;
  }

  it.each(['udp', 'tcp'])('sends to its server over %s, and from no other socket', async (transport) => {
    watch();
    const iceServers = [
      { urls: `turn:${TURN}:${server.port}?transport=${transport}`, username: 'bench', credential: 'secret' },
      // Of this one only an address would be learned, which may not be shown.
      { urls: `stun:${TURN}:${server.port}` },
    ];
    await a.command('connect', { pc: 'p', configuration: { iceServers, iceTransportPolicy: 'relay' } });
    await b.command('connect', { pc: 'p' });
    await a.command('channel', { pc: 'p', label: 'talk' });
    const offer = await a.command<{ type: string; sdp: string }>('offer', { pc: 'p', complete: true });
    expect(offer.sdp.match(/^a=candidate:.*$/gm)).toHaveLength(1);
    expect(offer.sdp).not.toContain('10.77.1.2');
    const answer = await b.command<{ sdp: string }>('answer', { pc: 'p', description: offer, complete: true });
    const fragment = (sdp: string) => /^a=ice-ufrag:(.*)\r$/m.exec(sdp)![1]!;
    const username = `${fragment(offer.sdp)}:${fragment(answer.sdp)}`;
    // Before there is a pair, and while there is one.
    const asked = await checkDirectly(offer, username);
    if (transport === 'udp') expect(asked).toBeGreaterThan(0);
    await a.command('accept', { pc: 'p', description: answer });
    for (const agent of [a, b]) {
      await agent.until(({ event, key }) => event === 'channel-open' && key === 'talk', 'an open channel', 30_000);
    }
    await talkBetween(a, b, 262_144, 20_000);
    await checkDirectly(offer, username);
    await talkBetween(a, b, 100_000, 20_000);
    await a.command('close', { pc: 'p' });
    expect(counted('server')).toBeGreaterThan(362_144);
    expect(counted('elsewhere')).toBe(0);
  });

  it('asks nobody for the names of its peer', async () => {
    watch();
    run(`ip netns exec ${left} nft 'add rule inet sniffer out meta l4proto igmp counter name elsewhere'`);
    const iceServers = [{ urls: `turn:${TURN}:${server.port}`, username: 'bench', credential: 'secret' }];
    await a.command('connect', { pc: 'p', configuration: { iceServers, iceTransportPolicy: 'relay' } });
    await b.command('connect', { pc: 'p', configuration: { iceServers, mdnsCandidates: true } });
    await a.command('channel', { pc: 'p', label: 'talk' });
    const offer = await a.command('offer', { pc: 'p', complete: true });
    const answer = await b.command<{ type: string; sdp: string }>('answer', {
      ...{ pc: 'p', description: offer, complete: true },
    });
    const names = answer.sdp.match(/^a=candidate:.*\.local .*$/gm)!;
    expect(names.length).toBeGreaterThan(0);
    // One of multicast DNS, and one of DNS.
    const other = names[0]!.replace(/[^ ]+\.local/, 'host.peerwire.example');
    const sdp = answer.sdp.replace(names[0]!, `${names[0]}\r\n${other}`);
    await a.command('accept', { pc: 'p', description: { type: answer.type, sdp } });
    // By the peer's relay: nothing else is known of it.
    for (const agent of [a, b]) {
      await agent.until(({ event, key }) => event === 'channel-open' && key === 'talk', 'an open channel', 30_000);
    }
    await talkBetween(a, b, 10_000, 20_000);
    expect(counted('elsewhere')).toBe(0);
  });

  it('sends nothing where there is no server', async () => {
    watch();
    await a.command('connect', { pc: 'p', configuration: { iceServers: [], iceTransportPolicy: 'relay' } });
    await b.command('connect', { pc: 'p' });
    await a.command('channel', { pc: 'p', label: 'talk' });
    const offer = await a.command('offer', { pc: 'p', complete: true });
    const answer = await b.command('answer', { pc: 'p', description: offer, complete: true });
    await a.command('accept', { pc: 'p', description: answer });
    await a.until(({ event, state }) => event === 'connection-state' && state === 'failed', 'failed', 40_000);
    expect(counted('elsewhere')).toBe(0);
  });
});
