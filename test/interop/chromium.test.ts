import { findChromium, launchChromium } from '../support/chromium';
import { peerSuite } from './peer-suite';
import { startPage } from './remote-agent';

const found = findChromium();
if ('reason' in found) {
  console.log(`chromium.test.ts is skipped: ${found.reason}`);
  it.skip('Chromium', () => {});
} else {
  describe.each([
    ['Chromium', []],
    ['Chromium with interleaving (RFC 8260)', ['--force-fieldtrials=WebRTC-DataChannelMessageInterleaving/Enabled/']],
  ])('%s', (name, args) => {
    peerSuite({
      name,
      start: () =>
        startPage(async (url) => {
          const { context, close } = await launchChromium(found.path, ...args);
          await (await context.newPage()).goto(url);
          return close;
        }),
      connectWithinMs: 150,
    });
  });
}
