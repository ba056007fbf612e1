/** Candidates that show a name of multicast DNS in place of an address: between hosts of their own, and with Chromium. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { RTCPeerConnection as OwnConnection } from '../../lib';
import type { RemoteAgent } from '../interop/remote-agent';
import { findChromium, launchChromium } from '../support/chromium';
import { CableBetweenHosts, programOn, reasonAgainstNamespaces, startOn } from '../support/network-namespaces';

const NAME = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\.local$/;
const reason = reasonAgainstNamespaces();
if (reason) console.log(`mdns.test.ts is skipped: ${reason}`);

interface Description {
  type: string;
  sdp: string;
}
const candidatesOf = ({ sdp }: Description) =>
  [...sdp.matchAll(/^a=candidate:(.*)$/gm)].map(([, line]) => ({ line: line!, address: line!.split(' ')[4]! }));

(reason ? describe.skip : describe)('hosts on one link', () => {
  const cable = new CableBetweenHosts('m');
  const agents: RemoteAgent[] = [];
  jest.setTimeout(60_000);

  beforeEach(() => cable.build());
  afterEach(async () => {
    await Promise.all(agents.splice(0).map((agent) => agent.stop()));
    cable.destroy();
  });

  async function start(host: string, configuration: object): Promise<RemoteAgent> {
    const agent = await startOn(host);
    agents.push(agent);
    await agent.command('connect', { pc: 'p', configuration });
    return agent;
  }

  async function offerOf(agent: RemoteAgent): Promise<Description> {
    await agent.command('channel', { pc: 'p', label: 'talk' });
    return agent.command<Description>('offer', { pc: 'p', complete: true });
  }

  async function opens(agent: RemoteAgent): Promise<void> {
    await agent.until(({ event, key }) => event === 'channel-open' && key === 'talk', 'open', 30_000);
  }

  it('find each other by names, and show no address', async () => {
    const [a, b] = await Promise.all([
      start(cable.left, { mdnsCandidates: true }),
      start(cable.right, { mdnsCandidates: true }),
    ]);
    const offer = await offerOf(a);
    const answer = await b.command<Description>('answer', { pc: 'p', description: offer, complete: true });
    await a.command('accept', { pc: 'p', description: answer });
    await Promise.all([opens(a), opens(b)]);
    for (const description of [offer, answer]) {
      const candidates = candidatesOf(description);
      expect(candidates).toHaveLength(2);
      for (const { address } of candidates) expect(address).toMatch(NAME);
      expect(new Set(candidates.map(({ address }) => address)).size).toBe(2);
      expect(description.sdp).not.toMatch(/10\.78\.0|fd78:/);
    }
  });

  it('a name that nobody has is passed over without an error, and so is one of another form', async () => {
    const [a, b] = await Promise.all([start(cable.left, {}), start(cable.right, {})]);
    const offer = await offerOf(a);
    const answer = await b.command<Description>('answer', { pc: 'p', description: offer, complete: true });
    const [first] = candidatesOf(answer);
    const withNames = ['nobody.local', 'x.y.local'].map(
      (name) => `a=candidate:${first!.line.replace(` ${first!.address} `, ` ${name} `)}\r\n`,
    );
    const sdp = answer.sdp.replace(/^a=candidate/m, `${withNames.join('')}a=candidate`);
    await a.command('accept', { pc: 'p', description: { type: 'answer', sdp } });
    await Promise.all([opens(a), opens(b)]);
  });

  const chromium = findChromium();
  if ('reason' in chromium) console.log(`not tested with Chromium: ${chromium.reason}`);
  ('reason' in chromium ? it.skip : it)('Chromium finds us by our names, and we find it by its own', async () => {
    if ('reason' in chromium) return;
    const folder = mkdtempSync(join(tmpdir(), 'peerwire-netns-'));
    const program = programOn(cable.left, chromium.path, folder);
    const { context, close } = await launchChromium(program, '--enable-features=WebRtcHideLocalIpsWithMdns');
    try {
      const page: Page = await context.newPage();
      await page.route('**/*', (route) => route.fulfill({ contentType: 'text/html', body: '<!doctype html>' }));
      await page.goto('http://page.test/');
      const bare = ({ type, sdp }: Description) => ({
        type,
        sdp: sdp.replace(/^a=(candidate|end-of-cand).*\r\n/gm, ''),
      });
      // One side knows the other's names, which knows nothing until it is found.
      for (const finder of ['Chromium', 'we']) {
        const offer = await page.evaluate(async () => {
          const pc = new RTCPeerConnection();
          const channel = pc.createDataChannel('talk');
          Object.assign(window, { pc, opened: new Promise((open) => (channel.onopen = open)) });
          const gathered = new Promise<void>((done) => {
            pc.onicegatheringstatechange = () => {
              if (pc.iceGatheringState === 'complete') done();
            };
          });
          await pc.setLocalDescription();
          await gathered;
          return pc.localDescription!.toJSON() as { type: string; sdp: string };
        });
        expect(candidatesOf(offer).some(({ address }) => NAME.test(address))).toBe(true);
        expect(offer.sdp).not.toMatch(/10\.78\.0|fd78:/);
        const b = await start(cable.right, { mdnsCandidates: true });
        const heard = finder === 'we' ? offer : bare(offer);
        const answer = await b.command<Description>('answer', { pc: 'p', description: heard, complete: true });
        for (const { address } of candidatesOf(answer)) expect(address).toMatch(NAME);
        await page.evaluate(
          async (description) => {
            const { pc, opened } = window as unknown as { pc: RTCPeerConnection; opened: Promise<unknown> };
            await pc.setRemoteDescription(description as RTCSessionDescriptionInit);
            await opened;
          },
          finder === 'Chromium' ? answer : bare(answer),
        );
        await opens(b);
      }
    } finally {
      await close();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

it('hiding addresses and showing external ones in their place is a contradiction', () => {
  const nat1To1 = { addresses: ['203.0.113.1'] };
  expect(() => new OwnConnection({ mdnsCandidates: true, nat1To1 } as never)).toThrow(TypeError);
});
