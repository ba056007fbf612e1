import { peerSuite } from './peer-suite';
import { findPackage } from './remote-agent';

const found = findPackage('node-datachannel');
if ('reason' in found) {
  console.log(`node-datachannel.test.ts is skipped: ${found.reason}`);
  it.skip('node-datachannel', () => {});
} else {
  describe('node-datachannel', () => peerSuite({ name: 'node-datachannel', start: found.start, connectWithinMs: 150 }));
}
