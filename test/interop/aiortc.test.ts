/** PEERWIRE_TEST_PYTHON names a Python that has aiortc, for example of a virtual environment made for it. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { peerSuite } from './peer-suite';
import { startProgram } from './remote-agent';

const python = process.env['PEERWIRE_TEST_PYTHON'] ?? 'python3';
if (spawnSync(python, ['-c', 'import aiortc']).status !== 0) {
  console.log(
    `aiortc.test.ts is skipped: ${python} has no aiortc (pip install aiortc; PEERWIRE_TEST_PYTHON names a Python)`,
  );
  it.skip('aiortc', () => {});
} else {
  describe('aiortc', () => {
    peerSuite({
      name: 'aiortc',
      start: () => startProgram(python, [join(__dirname, 'agents/aiortc_agent.py')]),
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
