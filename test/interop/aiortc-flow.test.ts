/** Media with aiortc, which encodes VP8 and H.264, and the codecs of telephones beside Opus. */
import { join } from 'node:path';
import { aiortcPython, noAiortc } from '../support/other-stacks';
import { agentFlowSuite } from './agent-flow-suite';
import { startProgram } from './remote-agent';

agentFlowSuite({
  name: 'aiortc',
  missing: noAiortc,
  start: () => startProgram(aiortcPython, [join(__dirname, 'agents', 'aiortc_agent.py')]),
  codecs: ['VP8', 'H.264', 'Opus', 'PCMU', 'PCMA', 'G.722'],
  offerer: 'us',
  noLipSync: 'it hands over what comes as it comes',
});
