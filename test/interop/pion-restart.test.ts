/** ICE restarts with pion, begun by either side, with a data channel that goes on. */
import { RTCPeerConnection } from '../../lib';
import { once } from '../support/connect';
import { noPion, pionAgent } from '../support/other-stacks';
import { startProgram, type RemoteAgent } from './remote-agent';

if (noPion) console.warn(`skipped: ICE restarts with pion: ${noPion}`);

(noPion ? describe.skip : describe)('ICE restarts with pion', () => {
  let agent: RemoteAgent;
  let pc: any;
  jest.setTimeout(30_000);
  beforeAll(async () => {
    agent = await startProgram(pionAgent!, []);
  });
  afterAll(() => agent.stop());

  it.each(['us', 'them'] as const)('begun by %s', async (restarter) => {
    const key = `restart by ${restarter}`;
    pc = new RTCPeerConnection();
    try {
      await agent.command('connect', { pc: key });
      const channel = pc.createDataChannel('echo');
      const described = async () => {
        await pc.setLocalDescription();
        while (pc.iceGatheringState !== 'complete') await once(pc, 'icegatheringstatechange');
        return pc.localDescription;
      };
      const negotiate = async (offerer: 'us' | 'them', iceRestart: boolean) => {
        if (offerer === 'us') {
          if (iceRestart) pc.restartIce();
          const begun = once(pc, 'icegatheringstatechange');
          await pc.setLocalDescription();
          await begun;
          const answer = await agent.command('answer', { pc: key, description: await described(), complete: true });
          await pc.setRemoteDescription(answer);
        } else {
          const offer = await agent.command('offer', { pc: key, iceRestart, complete: true });
          await pc.setRemoteDescription(offer);
          await agent.command('accept', { pc: key, description: await described() });
        }
      };
      const echo = async (text: string) => {
        const echoed = once<MessageEvent>(channel, 'message');
        channel.send(text);
        expect((await echoed).data).toBe(text);
      };
      await negotiate('us', false);
      if (channel.readyState !== 'open') await once(channel, 'open');
      await echo('before');
      const transport = pc.sctp.transport.iceTransport;
      const fragments = () =>
        [transport.getLocalParameters(), transport.getRemoteParameters()].map((of) => of.usernameFragment);
      const states: string[] = [];
      pc.addEventListener('connectionstatechange', () => states.push(pc.connectionState));
      for (let round = 0; round < 2; round++) {
        const before = fragments();
        await negotiate(restarter, true);
        for (const [index, fragment] of fragments().entries()) expect(fragment).not.toBe(before[index]);
        await echo(`while restarting, ${round}`);
        // Both use a pair of the new generation.
        while (transport.getSelectedCandidatePair().local.usernameFragment !== fragments()[0])
          await once(transport, 'selectedcandidatepairchange');
        await echo(`restarted, ${round}`);
      }
      expect(states).not.toContain('failed');
      expect(pc.sctp.transport.state).toBe('connected');
    } finally {
      pc.close();
      await agent.command('close', { pc: key });
    }
  });
});
