/** ICE over TCP with pion, which listens as well as connects: neither has a UDP candidate of the other. */
import { RTCPeerConnection } from '../../lib';
import { once } from '../support/connect';
import { noPion, pionAgent } from '../support/other-stacks';
import { startProgram, type RemoteAgent } from './remote-agent';

if (noPion) console.warn(`skipped: ICE over TCP with pion: ${noPion}`);
const withPion = noPion ? describe.skip : describe;

withPion('ICE over TCP with pion', () => {
  let agent: RemoteAgent;
  beforeAll(async () => {
    agent = await startProgram(pionAgent!, []);
  }, 30_000);
  afterAll(() => agent.stop());

  const withoutUdp = ({ type, sdp }: any) => ({ type, sdp: sdp.replace(/a=candidate:.* udp .*\r\n/gi, '') });
  const gathered = (pc: RTCPeerConnection) =>
    new Promise<void>((done) => {
      if (pc.iceGatheringState === 'complete') done();
      else pc.addEventListener('icegatheringstatechange', () => pc.iceGatheringState === 'complete' && done());
    });

  it.each([
    { ours: 'active', ice: 'tcp-passive' },
    { ours: 'passive', ice: 'tcp-active' },
  ])(
    'we are $ours, pion is $ice',
    async ({ ours, ice }) => {
      const iceTcp = ours === 'active' ? 'active' : 'listen';
      const pc: any = new RTCPeerConnection({ bindAddress: '127.0.0.1', includeLoopback: true, iceTcp });
      try {
        await agent.command('connect', { pc: ice, ice });
        const channel = pc.createDataChannel('echo');
        const opened = once(channel, 'open');
        await pc.setLocalDescription();
        await gathered(pc);
        const description = withoutUdp(pc.localDescription);
        const answer: any = await agent.command('answer', { pc: ice, description, complete: true });
        await pc.setRemoteDescription(withoutUdp(answer));
        await opened;
        const message = 'x'.repeat(60_000);
        const echoed = new Promise((done) => (channel.onmessage = ({ data }: any) => done(data)));
        channel.send(message);
        expect(await echoed).toBe(message);
        const stats: any[] = [...(await pc.getStats()).values()];
        const { selectedCandidatePairId } = stats.find(({ type }) => type === 'transport');
        const { localCandidateId } = stats.find(({ id }) => id === selectedCandidatePairId);
        expect(stats.find(({ id }) => id === localCandidateId)).toMatchObject({ protocol: 'tcp', tcpType: ours });
      } finally {
        pc.close();
        await agent.command('close', { pc: ice });
      }
    },
    30_000,
  );
});
