/** Media with aiortc, which encodes VP8 and H.264, and the codecs of telephones beside Opus. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { agentFlowSuite } from './agent-flow-suite';
import { startProgram } from './remote-agent';

const python = process.env['PEERWIRE_TEST_PYTHON'] ?? 'python3';
const missing =
  spawnSync(python, ['-c', 'import aiortc'], { timeout: 20_000 }).status === 0
    ? null
    : `${python} has no aiortc (PEERWIRE_TEST_PYTHON)`;

agentFlowSuite({
  name: 'aiortc',
  missing,
  start: () => startProgram(python, [join(__dirname, 'agents', 'aiortc_agent.py')]),
  codecs: ['VP8', 'H.264', 'Opus', 'PCMU', 'PCMA', 'G.722'],
  offerer: 'us',
  noLipSync: 'it hands over what comes as it comes',
});
