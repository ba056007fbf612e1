/** Data channels with aiortc. */
import { join } from 'node:path';
import { aiortcPython, noAiortc } from '../support/other-stacks';
import { peerSuite } from './peer-suite';
import { startProgram } from './remote-agent';

if (noAiortc) {
  console.log(`aiortc.test.ts is skipped: ${noAiortc}`);
  it.skip('aiortc', () => {});
} else {
  describe('aiortc', () => {
    peerSuite({
      name: 'aiortc',
      start: () => startProgram(aiortcPython, [join(__dirname, 'agents/aiortc_agent.py')]),
      connectWithinMs: 500,
      noTrickle: 'aiortc gathers before it describes',
      largestMessage: 65_536,
      bulk: 1_000_000,
      noOpenOfNegotiated: 'aiortc opens them in silence',
      cutsProtocols: 'aiortc announces their length in characters, not in octets',
      noRestartOfTheirs: 'aiortc has no ICE restart',
      noRestartOfOurs: 'aiortc keeps its credentials when we restart',
    });
  });
}
