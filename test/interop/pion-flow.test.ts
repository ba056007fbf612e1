/** Media with pion, which packs and unpacks what ffmpeg encodes and decodes. */
import { agentFlowSuite } from './agent-flow-suite';
import { noFfmpeg } from './ffmpeg-codec';
import { noPion, pionAgent } from '../support/other-stacks';
import { startProgram } from './remote-agent';

agentFlowSuite({
  name: 'pion',
  missing: noPion ?? noFfmpeg,
  start: () => startProgram(pionAgent!, []),
  codecs: ['VP8', 'VP9', 'H.264', 'H.264 in single units', 'AV1', 'Opus', 'PCMU', 'PCMA'],
  offerer: 'us',
  formats: {
    VP9: 'profile-id=0',
    'H.264': 'level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f',
    'H.264 in single units': 'level-asymmetry-allowed=1;packetization-mode=0;profile-level-id=42e01f',
    Opus: 'minptime=10;useinbandfec=1',
  },
});
