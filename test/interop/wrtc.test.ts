import { peerSuite } from './peer-suite';
import { findPackage } from './remote-agent';

const found = findPackage('@roamhq/wrtc');
if ('reason' in found) {
  console.log(`wrtc.test.ts is skipped: ${found.reason}`);
  it.skip('@roamhq/wrtc', () => {});
} else {
  describe('@roamhq/wrtc', () => peerSuite({ name: '@roamhq/wrtc', start: found.start, connectWithinMs: 150 }));
}
