import { findFirefox, openInFirefox } from '../support/firefox';
import { mediaSuite } from './media-suite';
import { startPage } from './remote-agent';

const found = findFirefox();
if ('reason' in found) {
  console.log(`firefox-media.test.ts is skipped: ${found.reason}`);
  it.skip('Firefox', () => {});
} else {
  const start = () => startPage((url) => openInFirefox(found.path, url));
  describe('Firefox', () => {
    const startOurs = process.env['PEERWIRE_TEST_YARDSTICK'] && { startOurs: start };
    const losesTag = 'Firefox makes a new transport when that section is rejected, and connects with nobody but itself';
    mediaSuite({ name: 'Firefox', start, losesTag, ...startOurs });
  });
}
