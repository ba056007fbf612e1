/**
 * Hosts in network namespaces with a router between them that translates addresses and filters (nftables): what gets
 * through where UDP does not, and a server behind a 1:1 NAT. For this one has to be root on Linux.
 */
import type { RemoteAgent } from '../interop/remote-agent';
import { hasCoturn, startCoturn } from '../support/coturn';
import {
  HostsWithRouter,
  reasonAgainstNamespaces,
  reasonAgainstTranslation,
  run,
  startOn,
  talkBetween,
} from '../support/network-namespaces';

const reason = reasonAgainstNamespaces() ?? reasonAgainstTranslation();
if (reason) console.log(`nat-namespaces.test.ts is skipped: ${reason}`);

(reason ? describe.skip : describe)('a NAT between two hosts', () => {
  const hosts = new HostsWithRouter('t');
  const { left, router, right } = hosts;
  let a: RemoteAgent;
  let b: RemoteAgent;
  jest.setTimeout(60_000);

  beforeEach(async () => {
    await hosts.build();
    run(`ip -n ${left} -6 addr flush dev eth0`);
    [a, b] = await Promise.all([startOn(left), startOn(right)]);
  });
  afterEach(async () => {
    await Promise.all([a?.stop(), b?.stop()]);
    hosts.destroy();
  });

  /** The left host's connections leave with the router's address, nobody connects to it, and it has no UDP. */
  const blockUdp = () =>
    hosts.filter(`
      table ip nat { chain post { type nat hook postrouting priority 100; }; }
      add rule ip nat post oifname "port2" masquerade
      table ip filter {
        chain through { type filter hook forward priority 0; }
        chain to { type filter hook input priority 0; }
      }
      add rule ip filter through meta l4proto udp drop
      add rule ip filter through iifname "port2" ct state new drop
      add rule ip filter to iifname "port1" meta l4proto udp drop`);

  async function connect(ofLeft: object, ofRight: object): Promise<void> {
    await a.command('connect', { pc: 'p', configuration: { iceServers: [], ...ofLeft } });
    await b.command('connect', { pc: 'p', configuration: { iceServers: [], ...ofRight } });
    await a.command('channel', { pc: 'p', label: 'talk' });
    const offer = await a.command('offer', { pc: 'p', complete: true });
    const answer = await b.command('answer', { pc: 'p', description: offer, complete: true });
    await a.command('accept', { pc: 'p', description: answer });
    for (const agent of [a, b]) {
      await agent.until(({ event, key }) => event === 'channel-open' && key === 'talk', 'an open channel', 30_000);
    }
  }

  const selected = (agent: RemoteAgent) =>
    agent.command<{ local: any; remote: any }>('run', {
      pc: 'p',
      args: [],
      code: `async (pc) => {
        const rows = [...(await pc.getStats()).values()];
        const { selectedCandidatePairId } = rows.find(({ type }) => type === 'transport');
        const pair = rows.find(({ id }) => id === selectedCandidatePairId);
        const of = (wanted) => rows.find(({ id }) => id === wanted);
        return { local: of(pair.localCandidateId), remote: of(pair.remoteCandidateId) };
      }`,
    });

  it('is crossed over TCP where it blocks UDP and the other one listens', async () => {
    blockUdp();
    await connect({}, { iceTcp: 'listen' });
    await talkBetween(a, b, 262_144, 20_000);
    expect((await selected(a)).local).toMatchObject({ protocol: 'tcp', tcpType: 'active' });
    const { local, remote } = await selected(b);
    expect(local).toMatchObject({ protocol: 'tcp', tcpType: 'passive', address: '10.77.2.2' });
    expect(remote).toMatchObject({ candidateType: 'prflx', protocol: 'tcp', tcpType: 'active' });
  });

  (hasCoturn ? it : it.skip)('is crossed by a relay over TCP where it blocks UDP', async () => {
    blockUdp();
    const server = await startCoturn([], { namespace: router, address: '10.77.2.1' });
    try {
      const urls = ['udp', 'tcp'].map((transport) => `turn:10.77.2.1:${server.port}?transport=${transport}`);
      await connect({ iceServers: [{ urls, username: 'bench', credential: 'secret' }] }, {});
      await talkBetween(a, b, 262_144, 20_000);
      expect((await selected(a)).local).toMatchObject({ candidateType: 'relay', relayProtocol: 'tcp', url: urls[1] });
      expect((await selected(b)).remote).toMatchObject({ candidateType: 'relay', address: '10.77.2.1' });
    } finally {
      await server.stop();
    }
  });

  const forwarding = {
    'all of an outer address': `
      add rule ip nat pre iifname "port2" ip daddr 10.77.2.60 dnat to 10.77.1.2
      add rule ip nat post oifname "port2" ip saddr 10.77.1.2 snat to 10.77.2.60`,
    'one port of its own': `
      add rule ip nat pre iifname "port2" tcp dport 9000 dnat to 10.77.1.2
      add rule ip nat post oifname "port2" masquerade`,
  };
  (hasCoturn ? it : it.skip).each(Object.entries(forwarding))(
    'is crossed to a TCP port as a STUN server has seen it, where the NAT forwards %s',
    async (what, rules) => {
      run(`ip -n ${router} addr add 10.77.2.60/24 dev port2`);
      // Without UDP, and the left host begins nothing but the question.
      hosts.filter(`
        table ip nat {
          chain pre { type nat hook prerouting priority -100; }
          chain post { type nat hook postrouting priority 100; }
        }
        ${rules}
        table ip filter { chain through { type filter hook forward priority 0; }; }
        add rule ip filter through meta l4proto udp drop
        add rule ip filter through iifname "port1" ct state new tcp dport != 3478 drop`);
      run(`ip -n ${right} route del default; ip -n ${right} -6 route del default`);
      const server = await startCoturn([], { namespace: right, address: '10.77.2.2' });
      try {
        const urls = `stun:10.77.2.2:${server.port}`;
        await connect({ iceServers: [{ urls }], iceTcp: 'listen', portRange: { min: 9000, max: 9000 } }, {});
        await talkBetween(a, b, 262_144, 20_000);
        const address = what.startsWith('all') ? '10.77.2.60' : '10.77.2.1';
        expect((await selected(b)).remote).toMatchObject({
          ...{ candidateType: 'srflx', protocol: 'tcp', tcpType: 'passive', address, port: 9000 },
        });
        expect((await selected(a)).local).toMatchObject({ candidateType: 'srflx', url: urls, port: 9000 });
      } finally {
        await server.stop();
      }
    },
  );

  it.each(['host', 'srflx'])('is a 1:1 NAT in front of a server that tells its outer address (%s)', async (type) => {
    run(`ip -n ${router} addr add 10.77.2.60/24 dev port2`);
    // The server begins no connections, and its own address means nothing on the other side.
    hosts.filter(`
      table ip nat {
        chain pre { type nat hook prerouting priority -100; }
        chain post { type nat hook postrouting priority 100; }
      }
      add rule ip nat pre iifname "port2" ip daddr 10.77.2.60 dnat to 10.77.1.2
      add rule ip nat post oifname "port2" ip saddr 10.77.1.2 snat to 10.77.2.60
      table ip filter { chain through { type filter hook forward priority 0; }; }
      add rule ip filter through iifname "port1" ct state new drop`);
    run(`ip -n ${right} route del default; ip -n ${right} -6 route del default`);
    await connect({ nat1To1: { addresses: ['10.77.2.60'], candidateType: type } }, {});
    await talkBetween(a, b, 262_144, 20_000);
    expect((await selected(b)).remote).toMatchObject({ address: '10.77.2.60', candidateType: type });
    const told = a.events.flatMap((event) => (event['candidate'] as { candidate: string } | null)?.candidate || []);
    expect(told.some((line) => line.includes(' 10.77.2.60 '))).toBe(true);
    expect(told.some((line) => line.includes(' 10.77.1.2 '))).toBe(type === 'srflx');
  });
});
