import { findChromium, launchChromium } from '../support/chromium';
import { findFirefox, noSound, openInFirefox } from '../support/firefox';
import { flowSuite } from './flow-suite';
import { startPage } from './remote-agent';

const found = findFirefox();
const chromium = findChromium();
if ('reason' in found) {
  console.log(`firefox-flow.test.ts is skipped: ${found.reason}`);
  it.skip('Firefox', () => {});
} else {
  const start = () => startPage((url) => openInFirefox(found.path, url, { hasSound: true }));
  /** The yardstick is another browser: what both say of each other is what browsers do. */
  const startChromium = () =>
    startPage(async (url) => {
      if ('reason' in chromium) throw new Error(chromium.reason);
      const { context, close } = await launchChromium(chromium.path);
      await (await context.newPage()).goto(url);
      return close;
    });
  describe('Firefox', () => {
    flowSuite({
      name: 'Firefox',
      start,
      noSound,
      noRelay: 'it does not connect with candidates of the loopback interface',
      noReceiverRtt: 'it asks for none by extended reports',
      noEar: 'its AudioContext hears what it plays later by what differs from run to run',
      ...(process.env['PEERWIRE_TEST_YARDSTICK'] && { startOurs: startChromium }),
    });
  });
}
