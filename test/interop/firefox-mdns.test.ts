/** Firefox, which shows names of multicast DNS in place of its addresses, and we with names of our own. */
import { RTCPeerConnection } from '../../lib';
import { once } from '../support/connect';
import { findFirefox, openInFirefox } from '../support/firefox';
import { startPage, type RemoteAgent } from './remote-agent';

interface Description {
  type: 'offer' | 'answer';
  sdp: string;
}
const NAME = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\.local$/;
const addressesOf = ({ sdp }: Description) =>
  [...sdp.matchAll(/^a=candidate:(.*)$/gm)].map(([, line]) => line!.split(' ')[4]!);
/** As of a peer whose candidates never come. */
const bare = ({ type, sdp }: Description): Description => ({
  type,
  sdp: sdp.replace(/^a=(candidate|end-of-candidates).*\r\n/gm, ''),
});

const found = findFirefox();
if ('reason' in found) console.log(`firefox-mdns.test.ts is skipped: ${found.reason}`);

('reason' in found ? describe.skip : describe)('Firefox and names of multicast DNS', () => {
  let agent: RemoteAgent;
  let pc: any;
  let key: string;
  let serial = 0;
  jest.setTimeout(40_000);
  beforeAll(async () => {
    const preferences = { 'media.peerconnection.ice.obfuscate_host_addresses': true };
    agent = await startPage((url) => openInFirefox((found as { path: string }).path, url, { preferences }));
  });
  afterEach(async () => {
    pc.close();
    await agent.command('close', { pc: key });
  });
  afterAll(() => agent?.stop());

  async function describe(): Promise<Description> {
    await pc.setLocalDescription();
    while (pc.iceGatheringState !== 'complete') await once(pc, 'icegatheringstatechange');
    return pc.localDescription as Description;
  }

  /** `toThem`, `toUs`: what each is told of the other's description. */
  async function connect(
    offerer: 'we' | 'they',
    { toThem = (own: Description) => own, toUs = (own: Description) => own },
  ): Promise<{ ours: Description; theirs: Description }> {
    key = `p${++serial}`;
    pc = new RTCPeerConnection({ mdnsCandidates: true } as never);
    await agent.command('connect', { pc: key });
    let [ours, theirs]: Description[] = [];
    let channel: any;
    if (offerer === 'we') {
      channel = pc.createDataChannel('echo');
      ours = await describe();
      theirs = await agent.command<Description>('answer', { pc: key, description: toThem(ours), complete: true });
      await pc.setRemoteDescription(toUs(theirs));
    } else {
      const announced = once<any>(pc, 'datachannel');
      await agent.command('channel', { pc: key, label: 'echo' });
      theirs = await agent.command<Description>('offer', { pc: key, complete: true });
      await pc.setRemoteDescription(toUs(theirs));
      ours = await describe();
      await agent.command('accept', { pc: key, description: toThem(ours) });
      ({ channel } = await announced);
    }
    if (channel.readyState !== 'open') await once(channel, 'open');
    const echoed = once<MessageEvent>(channel, 'message');
    channel.send('x'.repeat(1_200));
    expect((await echoed).data).toHaveLength(1_200);
    return { ours: ours!, theirs: theirs! };
  }

  it.each(['we', 'they'] as const)('it finds us, who know no candidate of it, when %s offer', async (offerer) => {
    const { ours } = await connect(offerer, { toUs: bare });
    expect(addressesOf(ours).length).toBeGreaterThan(0);
    for (const each of addressesOf(ours)) expect(each).toMatch(NAME);
  });

  it.each(['we', 'they'] as const)('we find it, which knows no candidate of ours, when %s offer', async (offerer) => {
    const { theirs } = await connect(offerer, { toThem: bare });
    expect(addressesOf(theirs).length).toBeGreaterThan(0);
    for (const each of addressesOf(theirs)) expect(each).toMatch(NAME);
  });
});
