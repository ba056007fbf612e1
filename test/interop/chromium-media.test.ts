import { findChromium, launchChromium } from '../support/chromium';
import { mediaSuite } from './media-suite';
import { startPage } from './remote-agent';

const found = findChromium();
if ('reason' in found) {
  console.log(`chromium-media.test.ts is skipped: ${found.reason}`);
  it.skip('Chromium', () => {});
} else {
  const start = () =>
    startPage(async (url) => {
      const { context, close } = await launchChromium(found.path);
      await (await context.newPage()).goto(url);
      return close;
    });
  describe('Chromium', () => {
    const startOurs = process.env['PEERWIRE_TEST_YARDSTICK'] && { startOurs: start };
    const losesTag =
      'Chromium makes a new transport when that section is rejected, and connects with nobody but itself';
    mediaSuite({ name: 'Chromium', start, losesTag, ...startOurs });
  });
}
