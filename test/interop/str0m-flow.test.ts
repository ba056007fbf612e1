/** Media with str0m, which packs and unpacks what ffmpeg encodes and decodes. */
import { agentFlowSuite } from './agent-flow-suite';
import { noFfmpeg } from './ffmpeg-codec';
import { noStr0m, str0mAgent } from '../support/other-stacks';
import { startProgram } from './remote-agent';

agentFlowSuite({
  name: 'str0m',
  missing: noStr0m ?? noFfmpeg,
  start: () => startProgram(str0mAgent!, []),
  codecs: ['VP8', 'VP9', 'H.264', 'AV1', 'Opus', 'PCMU', 'PCMA'],
  offerer: 'us',
  formats: {
    VP9: 'profile-id=0',
    'H.264': 'level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f',
    Opus: 'minptime=10;useinbandfec=1',
  },
});
