import { peerSuite } from './peer-suite';
import { findPackage } from './remote-agent';

const found = findPackage('werift');
if ('reason' in found) {
  console.log(`werift.test.ts is skipped: ${found.reason}`);
  it.skip('werift', () => {});
} else {
  describe('werift', () => {
    peerSuite({
      name: 'werift',
      start: found.start,
      connectWithinMs: 500,
      largestMessage: 65_536,
      bulk: 1_000_000,
      noEmptyMessages: 'werift sends no octet for them, and then nothing more',
      noNegotiatedChannels: 'werift announces them in-band',
      announcesWrongly: 'werift swaps ordered and unordered in DATA_CHANNEL_OPEN',
      silentClose: 'werift stops without a word; only consent tells',
    });
  });
}
