/** Data channels with str0m, a full agent and an ICE-lite one. */
import { noStr0m, str0mAgent } from '../support/other-stacks';
import { peerSuite } from './peer-suite';
import { startProgram } from './remote-agent';

if (noStr0m) {
  console.log(`str0m.test.ts is skipped: ${noStr0m}`);
  it.skip('str0m', () => {});
} else {
  describe.each([
    ['str0m', []],
    ['str0m with ICE-lite', ['ice-lite']],
  ])('%s', (name, args) => {
    peerSuite({
      name,
      start: () => startProgram(str0mAgent!, args),
      connectWithinMs: 500,
      bulk: 2_000_000, // it is built without optimization
      noEmptyMessages: 'str0m 0.24 writes none: its SCTP has nothing to send where there are no octets',
    });
  });
}
