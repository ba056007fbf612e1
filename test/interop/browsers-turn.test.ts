/**
 * Browsers and we where only TURN servers help: on hosts of their own, with a router between them that passes nothing on.
 * For network namespaces one has to be root on Linux.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findChromium, launchChromium } from '../support/chromium';
import { hasCoturn, startCoturn, type Coturn } from '../support/coturn';
import { findFirefox, openInFirefox } from '../support/firefox';
import {
  HostsWithRouter,
  lendPort,
  programOn,
  reasonAgainstNamespaces,
  reasonAgainstTranslation,
  startOn,
} from '../support/network-namespaces';
import { startPage, type RemoteAgent } from './remote-agent';

interface Description {
  type: 'offer' | 'answer';
  sdp: string;
}
const TURN = '10.77.2.1';
const reason =
  reasonAgainstNamespaces() ?? reasonAgainstTranslation() ?? (hasCoturn ? null : 'coturn is not installed');
if (reason) console.log(`browsers-turn.test.ts is skipped: ${reason}`);

const browsers = [
  {
    name: 'Chromium',
    found: findChromium(),
    open: async (path: string, url: string) => {
      const { context, close } = await launchChromium(path);
      await (await context.newPage()).goto(url);
      return close;
    },
  },
  { name: 'Firefox', found: findFirefox(), open: openInFirefox },
];

(reason ? describe.skip : describe).each(browsers)('$name behind a TURN server', ({ name, found, open }) => {
  if ('reason' in found) {
    console.log(`browsers-turn.test.ts: ${name} is skipped: ${found.reason}`);
    it.skip(name, () => {});
    return;
  }
  const hosts = new HostsWithRouter(`b${name[0]!.toLowerCase()}`);
  const { left, router, right } = hosts;
  const folder = mkdtempSync(join(tmpdir(), 'peerwire-netns-'));
  let server: Coturn;
  let page: RemoteAgent;
  let us: RemoteAgent;
  let takeBack: (() => Promise<unknown>) | undefined;
  jest.setTimeout(60_000);

  beforeAll(async () => {
    await hosts.build();
    hosts.filter(`
      table inet filter { chain through { type filter hook forward priority 0; policy drop; }; }`);
    server = await startCoturn([], { namespace: router, address: TURN });
    us = await startOn(right);
    page = await startPage(async (url) => {
      takeBack = await lendPort(left, Number(new URL(url).port), folder);
      return open(programOn(left, found.path, folder), url);
    });
  });
  afterAll(async () => {
    await Promise.all([page?.stop(), us?.stop(), server?.stop()]);
    await takeBack?.();
    hosts.destroy();
    rmSync(folder, { recursive: true, force: true });
  });

  const selected = () =>
    us.command<{ local: any; remote: any }>('run', {
      pc: key,
      args: [],
      code: `async (pc) => {
        const rows = [...(await pc.getStats()).values()];
        const of = (wanted) => rows.find(({ id }) => id === wanted);
        const { selectedCandidatePairId } = rows.find(({ type }) => type === 'transport');
        const pair = of(selectedCandidatePairId);
        return { local: of(pair.localCandidateId), remote: of(pair.remoteCandidateId) };
      }`,
    });

  let key: string;
  let serial = 0;
  it.each([
    { transport: 'udp', policy: 'relay', offerer: 'we' },
    { transport: 'udp', policy: 'relay', offerer: 'they' },
    { transport: 'tcp', policy: 'relay', offerer: 'we' },
    { transport: 'tcp', policy: 'all', offerer: 'they' },
  ])('connects over $transport (iceTransportPolicy: $policy), when $offerer offer', async (one) => {
    key = `p${++serial}`;
    const urls = `turn:${TURN}:${server.port}?transport=${one.transport}`;
    const iceServers = [{ urls, username: 'bench', credential: 'secret' }];
    const configuration = { iceServers, iceTransportPolicy: one.policy };
    const [offerer, answerer] = one.offerer === 'we' ? [us, page] : [page, us];
    for (const agent of [us, page]) await agent.command('connect', { pc: key, configuration });
    await offerer.command('channel', { pc: key, label: 'talk' });
    const negotiate = async (iceRestart: boolean) => {
      const offer = await offerer.command<Description>('offer', { pc: key, iceRestart, complete: true });
      const description = await answerer.command<Description>('answer', {
        pc: key,
        description: offer,
        complete: true,
      });
      await offerer.command('accept', { pc: key, description });
    };
    const talk = async (length: number) => {
      for (const [from, to] of [
        [offerer, answerer],
        [answerer, offerer],
      ] as const) {
        await from.command('send', { pc: key, key: 'talk', length });
        await to.until(
          (event) => event.event === 'message' && event.pc === key && event['length'] === length,
          `a message of ${length} octets`,
        );
      }
    };
    await negotiate(false);
    for (const agent of [us, page]) {
      await agent.until(({ event, pc }) => event === 'channel-open' && pc === key, 'an open channel', 30_000);
    }
    await talk(100_000);
    const { local, remote } = await selected();
    expect([local.address, remote.address]).toContain(TURN);
    if (one.policy === 'relay') expect(local).toMatchObject({ candidateType: 'relay', relayProtocol: one.transport });
    // The allocations stay, or others take their place.
    await negotiate(true);
    await talk(50_000);
    for (const agent of [us, page]) await agent.command('close', { pc: key });
  });
});
