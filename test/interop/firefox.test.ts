import { findFirefox, openInFirefox } from '../support/firefox';
import { peerSuite } from './peer-suite';
import { startPage } from './remote-agent';

const found = findFirefox();
if ('reason' in found) {
  console.log(`firefox.test.ts is skipped: ${found.reason}`);
  it.skip('Firefox', () => {});
} else {
  describe('Firefox', () => {
    const start = () => startPage((url) => openInFirefox(found.path, url));
    peerSuite({ name: 'Firefox', start, connectWithinMs: 300 });
  });
}
