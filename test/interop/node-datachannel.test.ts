import { peerSuite } from './peer-suite';
import { findPackage } from './remote-agent';

const found = findPackage('node-datachannel');
if ('reason' in found) {
  console.log(`node-datachannel.test.ts is skipped: ${found.reason}`);
  it.skip('node-datachannel', () => {});
} else {
  describe('node-datachannel', () => {
    peerSuite({
      name: 'node-datachannel',
      start: found.start,
      connectWithinMs: 150,
      noRenegotiation: 'libdatachannel has no second negotiation and no ICE restart: the promise stays pending',
      announcesWrongly: 'the receiving side sees no parameter but the label',
      givesUp:
        'libdatachannel starts ICE with an answer before it keeps its fingerprint: a handshake in between fails on "unknown CA"',
      seesLabelOnly: 'the receiving side sees no parameter but the label',
    });
  });
}
