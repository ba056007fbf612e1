/**
 * Any program that speaks the protocol of agents/ in lines: PEERWIRE_TEST_AGENT is its path, PEERWIRE_TEST_AGENT_TRAITS
 * its PeerTraits in JSON.
 */
import { basename } from 'node:path';
import { peerSuite, type PeerTraits } from './peer-suite';
import { startProgram } from './remote-agent';

const program = process.env['PEERWIRE_TEST_AGENT'];
if (!program) {
  console.log('program.test.ts is skipped: PEERWIRE_TEST_AGENT names no program');
  it.skip('another stack', () => {});
} else {
  const name = basename(program);
  const given = JSON.parse(process.env['PEERWIRE_TEST_AGENT_TRAITS'] ?? '{}') as Partial<PeerTraits>;
  describe(name, () => {
    peerSuite({ name, start: () => startProgram(program, []), connectWithinMs: 500, ...given });
  });
}
