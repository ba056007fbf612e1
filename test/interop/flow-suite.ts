/** Media that flows between us and a browser, in both directions, judged by what arrives. */
import { soundMeter, videoMeter } from '../support/media-meters';
import { testCard } from '../support/test-card';
import * as flow from './flow-steps';
import * as steps from './media-steps';
import { PageParty } from './page-party';
import type { Party } from './party';
import type { RemoteAgent } from './remote-agent';

export interface FlowTraits {
  name: string;
  start: () => Promise<RemoteAgent>;
  /** In place of our own side, to see whether the tools measure what browsers do. */
  startOurs?: () => Promise<RemoteAgent>;
}

export const meterCodes = { card: String(testCard), video: String(videoMeter), audio: String(soundMeter) };

/** The codecs with media, and what tells those of one name apart. */
export const flowCodecs: [mimeType: string, fmtp: string][] = [
  ['video/vp8', ''],
  ['video/vp9', 'profile-id=0'],
  ['video/h264', 'packetization-mode=1;profile-level-id=42e01f'],
  ['video/h264', 'packetization-mode=0;profile-level-id=42e01f'],
  ['video/av1', ''],
  ['audio/opus', ''],
  ['audio/pcmu', ''],
  ['audio/pcma', ''],
  ['audio/g722', ''],
];

export const [ourHertz, theirHertz] = [440, 660];

/** Offer and answer with all candidates, then connected. */
export async function connectFlow(from: Party, to: Party): Promise<void> {
  await to.do(steps.accept, await from.do(flow.describeAll));
  await from.do(steps.accept, await to.do(flow.describeAll));
  for (const party of [from, to]) await party.do(steps.connected);
}

/** Ours; loaded late, since the yardstick does without. */
export async function openOurs(yardstick?: RemoteAgent): Promise<Party> {
  if (yardstick) return PageParty.open('ours', yardstick);
  const { OurParty } = await import('./media-party');
  return new OurParty();
}

export function flowSuite(traits: FlowTraits): void {
  let theirAgent: RemoteAgent;
  let ourAgent: RemoteAgent | undefined;
  let both: { us: Party; them: Party };
  jest.setTimeout(40_000);
  beforeAll(async () => {
    [theirAgent, ourAgent] = await Promise.all([traits.start(), traits.startOurs?.()]);
  });
  afterAll(() => Promise.all([theirAgent?.stop(), ourAgent?.stop()]));
  beforeEach(async () => {
    both = {
      us: await openOurs(ourAgent),
      them: await PageParty.open(traits.name, theirAgent),
    };
    for (const party of [both.us, both.them]) {
      await party.do(steps.watch);
      await party.do(flow.watchFlow, meterCodes);
    }
  });
  afterEach(async () => {
    for (const party of [both.us, both.them]) {
      await party.do(flow.endFlow);
      await party.close();
    }
  });

  async function send(settings: { audio?: boolean; video?: boolean }): Promise<void> {
    await both.us.do(flow.sendFlow, { ...settings, hertz: ourHertz });
    await both.them.do(flow.sendFlow, { ...settings, hertz: theirHertz });
  }

  it.each(flowCodecs)('carries %s %s both ways', async (mimeType, fmtp) => {
    const { us, them } = both;
    for (const party of [us, them]) {
      if ((await party.do(flow.codecNames)).includes(mimeType)) continue;
      console.log(`${traits.name}: ${mimeType} is skipped: ${party.name} does not have it`);
      return;
    }
    const kind = mimeType.startsWith('video') ? 'video' : 'audio';
    await send({ audio: kind === 'audio', video: kind === 'video' });
    for (const party of [us, them]) await party.do(flow.onlyCodec, mimeType, fmtp, 'sendrecv');
    await connectFlow(us, them);
    const reports =
      kind === 'video'
        ? await Promise.all([us.do(flow.seeVideo, { frames: 25 }), them.do(flow.seeVideo, { frames: 25 })])
        : await Promise.all([
            us.do(flow.hearSound, { seconds: 2, hertz: theirHertz }),
            them.do(flow.hearSound, { seconds: 2, hertz: ourHertz }),
          ]);
    if (process.env['PEERWIRE_TEST_TELL']) console.log(traits.name, mimeType, fmtp, reports);
    for (const party of [us, them]) {
      expect(await party.do(flow.flowStats, 'inbound-rtp', kind)).toMatchObject({ codec: mimeType });
      expect(await party.do(flow.flowStats, 'outbound-rtp', kind)).toMatchObject({ codec: mimeType });
    }
  });

  it('keeps lips and voice together', async () => {
    const { us, them } = both;
    await send({});
    await connectFlow(them, us);
    const differences = await Promise.all([us.do(flow.lipSync, {}), them.do(flow.lipSync, {})]);
    if (process.env['PEERWIRE_TEST_TELL']) console.log(traits.name, 'flash after beep, ms: ours, theirs', differences);
  });
}
