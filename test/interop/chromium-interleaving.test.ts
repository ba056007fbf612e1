/** Messages in pieces that alternate (RFC 8260), with dcSCTP of a Chromium that is told to offer it. */
import type { Page } from 'playwright-core';
import { RTCPeerConnection, type RTCDataChannel } from '../../lib';
import { findChromium, launchChromium } from '../support/chromium';
import { once } from '../support/connect';

const LARGE = 256 * 1024;

/** A connection with the page, over which both have the channels 'bulk' and 'talk'. */
async function meet(page: Page): Promise<{ pc: RTCPeerConnection; bulk: RTCDataChannel; talk: RTCDataChannel }> {
  const pc = new RTCPeerConnection();
  const [bulk, talk] = ['bulk', 'talk'].map((label, id) => pc.createDataChannel(label, { negotiated: true, id }));
  const gathered = once(pc, 'icegatheringstatechange').then(async () => {
    while (pc.iceGatheringState !== 'complete') await once(pc, 'icegatheringstatechange');
  });
  await pc.setLocalDescription();
  await gathered;
  const opened = Promise.all([bulk!, talk!].map((channel) => once(channel, 'open')));
  const answer = await page.evaluate(async (offer) => {
    const peer = new window.RTCPeerConnection(); // not ours
    const channels = ['bulk', 'talk'].map((label, id) => peer.createDataChannel(label, { negotiated: true, id }));
    const arrived: string[] = [];
    for (const channel of channels) {
      channel.binaryType = 'arraybuffer';
      channel.onmessage = ({ data }) => arrived.push(`${channel.label} ${data.byteLength ?? data}`);
    }
    Object.assign(window, { peer, channels, arrived });
    await peer.setRemoteDescription({ type: 'offer', sdp: offer });
    await peer.setLocalDescription();
    while (peer.iceGatheringState !== 'complete') {
      await new Promise((resolve) => peer.addEventListener('icegatheringstatechange', resolve, { once: true }));
    }
    return peer.localDescription!.sdp;
  }, pc.localDescription!.sdp);
  await pc.setRemoteDescription({ type: 'answer', sdp: answer });
  await opened;
  return { pc, bulk: bulk!, talk: talk! };
}

const found = findChromium();
if ('reason' in found) {
  console.log(`chromium-interleaving.test.ts is skipped: ${found.reason}`);
  it.skip('Chromium', () => {});
} else {
  describe.each([
    ['offers interleaving', ['--force-fieldtrials=WebRTC-DataChannelMessageInterleaving/Enabled/'], true],
    ['does not', [], false],
  ])('a Chromium that %s', (_name, args, interleaves) => {
    let browser: Awaited<ReturnType<typeof launchChromium>>;
    let page: Page;
    beforeAll(async () => {
      browser = await launchChromium(found.path, ...args);
      page = await browser.context.newPage();
    });
    afterAll(() => browser.close());

    /**
     * What arrived in one round after another, each over a new connection, as the congestion window becomes wider. Without
     * interleaving the short one comes after the large one, or before it when a packet of that was lost. With it, before:
     * unless the sender's threads have sent all of the large one when they hear of the short one, as they do when other
     * programs take the processors.
     */
    const check = async (round: () => Promise<string[]>) => {
      for (let left = interleaves ? 6 : 1; left > 0; left--) {
        const arrived = await round();
        expect([...arrived].sort()).toEqual([`bulk ${LARGE}`, 'talk hello']);
        if (arrived[0] === 'talk hello') return;
      }
      expect(interleaves).toBe(false);
    };

    test('takes a large and a short message of ours', () =>
      check(async () => {
        const { pc, bulk, talk } = await meet(page);
        bulk.send(new Uint8Array(LARGE));
        talk.send('hello');
        await page.waitForFunction(() => (window as unknown as { arrived: string[] }).arrived.length === 2);
        const arrived = await page.evaluate(() => (window as unknown as { arrived: string[] }).arrived);
        pc.close();
        return arrived;
      }));

    test('sends us a large and a short message', () =>
      check(async () => {
        const { pc, bulk, talk } = await meet(page);
        const arrived: string[] = [];
        const both = new Promise<void>((resolve) => {
          for (const channel of [bulk, talk]) {
            channel.binaryType = 'arraybuffer';
            channel.onmessage = ({ data }: { data: string | ArrayBuffer }) => {
              arrived.push(`${channel.label} ${typeof data === 'string' ? data : data.byteLength}`);
              if (arrived.length === 2) resolve();
            };
          }
        });
        await page.evaluate((size) => {
          const { channels } = window as unknown as { channels: globalThis.RTCDataChannel[] };
          channels[0]!.send(new Uint8Array(size));
          channels[1]!.send('hello');
        }, LARGE);
        await both;
        pc.close();
        return arrived;
      }));
  });
}
