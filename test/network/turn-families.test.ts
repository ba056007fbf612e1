/**
 * A TURN server between a host that has IPv4 alone and one that has IPv6 alone (RFC 8656): network namespaces, for which
 * one has to be root on Linux.
 */
import type { RemoteAgent } from '../interop/remote-agent';
import { hasCoturn, startCoturn, type Coturn } from '../support/coturn';
import {
  HostsWithRouter,
  reasonAgainstNamespaces,
  run,
  startOn,
  talkBetween,
  untilHolds,
} from '../support/network-namespaces';

const reason = reasonAgainstNamespaces() ?? (hasCoturn ? null : 'coturn is not installed');
if (reason) console.log(`turn-families.test.ts is skipped: ${reason}`);

(reason ? describe.skip : describe)('between IPv4 and IPv6', () => {
  const hosts = new HostsWithRouter('f');
  const { left, router, right } = hosts;
  let server: Coturn;
  let a: RemoteAgent;
  let b: RemoteAgent;
  jest.setTimeout(60_000);

  beforeEach(async () => {
    await hosts.build();
    run(`ip -n ${left} -6 addr flush dev eth0; ip -n ${right} -4 addr flush dev eth0`);
    await untilHolds(() => !run(`ip -n ${router} -6 addr show tentative`).includes('fd77'), 'addresses of the router');
    // Allocations so short-lived that they have to be refreshed within the test.
    const options = ['--max-allocate-lifetime=6', '--relay-ip=fd77:2::1', '--listening-ip=fd77:2::1'];
    server = await startCoturn(options, { namespace: router, address: '10.77.2.1' });
    [a, b] = await Promise.all([startOn(left), startOn(right)]);
  });
  afterEach(async () => {
    await Promise.all([a?.stop(), b?.stop(), server?.stop()]);
    hosts.destroy();
  });

  it.each([
    { who: 'the one with IPv4', transport: 'udp' },
    { who: 'the one with IPv4', transport: 'tcp' },
    { who: 'the one with IPv6', transport: 'udp' },
    { who: 'the one with IPv6', transport: 'tcp' },
  ])('$who has a relayed address of the other family, over $transport', async ({ who, transport }) => {
    const [host, relayed] = who.includes('IPv4') ? ['10.77.2.1', 'fd77:2::1'] : ['[fd77:2::1]', '10.77.2.1'];
    const urls = `turn:${host}:${server.port}?transport=${transport}`;
    const iceServers = [{ urls, username: 'bench', credential: 'secret' }];
    const [theirs, plain] = who.includes('IPv4') ? [a, b] : [b, a];
    await theirs.command('connect', { pc: 'p', configuration: { iceServers } });
    await plain.command('connect', { pc: 'p' });
    await theirs.command('channel', { pc: 'p', label: 'talk' });
    const offer = await theirs.command<{ sdp: string }>('offer', { pc: 'p', complete: true });
    const answer = await plain.command('answer', { pc: 'p', description: offer, complete: true });
    await theirs.command('accept', { pc: 'p', description: answer });
    for (const agent of [a, b]) {
      await agent.until(({ event, key }) => event === 'channel-open' && key === 'talk', 'an open channel', 20_000);
    }
    const relays = [...offer.sdp.matchAll(/^a=candidate:.* (\S+) \d+ typ relay/gm)].map(([, address]) => address);
    expect(relays.sort()).toEqual(['10.77.2.1', 'fd77:2::1']);
    const selected = await theirs.command<string>('run', {
      pc: 'p',
      args: [],
      code: `(pc) => pc.sctp.transport.iceTransport.getSelectedCandidatePair().local.address`,
    });
    expect(selected).toBe(relayed);
    await talkBetween(theirs, plain, 200_000, 10_000);
    await server.logged(/refreshed.*lifetime=6/);
    await server.logged(/refreshed.*lifetime=6/);
    await talkBetween(theirs, plain, 100_000, 10_000);
    await talkBetween(plain, theirs, 100_000, 10_000);
  });
});
