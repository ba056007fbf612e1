/** Media that flows between us and a browser, in both directions, judged by what arrives. */
import { soundMeter, videoMeter } from '../support/media-meters';
import { testCard } from '../support/test-card';
import { UdpRelay } from '../support/udp-relay';
import * as flow from './flow-steps';
import * as steps from './media-steps';
import { PageParty } from './page-party';
import type { Party } from './party';
import type { RemoteAgent } from './remote-agent';

export interface FlowTraits {
  name: string;
  /** null: another connection of ours. */
  start: (() => Promise<RemoteAgent>) | null;
  /** So many of three layers it sends at once; more when it has found that the network bears them. */
  layers?: number;
  /** In which codecs it sends and receives spatial layers, and how. */
  spatialLayers?: { mimeType: string; mode: string }[];
  /** Why it neither plays nor makes sound here. */
  noSound?: string | null;
  /** Why it cannot be met through a relay. */
  noRelay?: string;
  /** Why it does not know the round trip while it sends nothing. */
  noReceiverRtt?: string;
  /** Why it cannot be heard when it plays a sound. */
  noEar?: string;
  /** In place of our own side, to see whether the tools measure what browsers do. */
  startOurs?: () => Promise<RemoteAgent>;
}

export const meterCodes = { card: String(testCard), video: String(videoMeter), audio: String(soundMeter) };

/** The codecs with media, and of those with several formats, which one. */
export const flowCodecs: { mimeType: string; fmtp: string; name: string }[] = [
  { name: 'VP8', mimeType: 'video/vp8', fmtp: '' },
  { name: 'VP9', mimeType: 'video/vp9', fmtp: '^(?!.*profile-id=[1-9])' },
  { name: 'H.264', mimeType: 'video/h264', fmtp: '^(?=.*packetization-mode=1)(?=.*profile-level-id=42e0)' },
  {
    name: 'H.264 in single units',
    mimeType: 'video/h264',
    fmtp: '^(?!.*packetization-mode=1)(?=.*profile-level-id=42e0)',
  },
  { name: 'AV1', mimeType: 'video/av1', fmtp: '' },
  { name: 'Opus', mimeType: 'audio/opus', fmtp: '' },
  { name: 'PCMU', mimeType: 'audio/pcmu', fmtp: '' },
  { name: 'PCMA', mimeType: 'audio/pcma', fmtp: '' },
  { name: 'G.722', mimeType: 'audio/g722', fmtp: '' },
];

export const [ourHertz, theirHertz] = [440, 660];

/** Offer and answer with all candidates, then connected. */
export async function connectFlow(from: Party, to: Party): Promise<void> {
  await to.do(steps.accept, await from.do(flow.describeAll));
  await from.do(steps.accept, await to.do(flow.describeAll));
  for (const party of [from, to]) await party.do(steps.connected);
}

/** The same through a relay, which is all that each of them knows of the other. */
export async function connectThrough(relay: UdpRelay, from: Party, to: Party): Promise<void> {
  const hide = async (side: 0 | 1, party: Party) => {
    const { type, sdp } = await party.do(flow.describeAll);
    const lines = sdp.split('\r\n');
    const [known] = lines.filter((line) => / udp \d+ (\d+(\.\d+){3}|\S+\.local) \d+ typ host/i.test(line));
    // Browsers hide their addresses; the relay learns them from what comes.
    const stand = relay.stand(side, known!.slice(2).replace(/\S+\.local \d+/, '127.0.0.1 9'))!;
    const rest = lines.filter((line) => !line.startsWith('a=candidate'));
    const end = rest.findIndex((line) => line.startsWith('a=ice-ufrag'));
    return { type, sdp: [...rest.slice(0, end), `a=${stand}`, ...rest.slice(end)].join('\r\n') };
  };
  await to.do(steps.accept, await hide(0, from));
  await from.do(steps.accept, await hide(1, to));
  for (const party of [from, to]) await party.do(steps.connected);
}

/** What we and they say; if one of them fails, both are told of. */
export async function ofBoth<T>(ours: Promise<T>, theirs: Promise<T>): Promise<[T, T]> {
  const [our, their] = await Promise.allSettled([ours, theirs]);
  if (our.status === 'fulfilled' && their.status === 'fulfilled') return [our.value, their.value];
  const told = (one: PromiseSettledResult<T>) =>
    one.status === 'fulfilled' ? JSON.stringify(one.value) : String(one.reason);
  throw new Error(`we: ${told(our)}\nthey: ${told(their)}`);
}

/** Ours; loaded late, since the yardstick does without. */
export async function openOurs(yardstick?: RemoteAgent, configuration?: object): Promise<Party> {
  if (yardstick) return PageParty.open('ours', yardstick);
  const { OurParty } = await import('./media-party');
  return new OurParty(configuration);
}

export function flowSuite(traits: FlowTraits): void {
  let theirAgent: RemoteAgent | undefined;
  let ourAgent: RemoteAgent | undefined;
  let both: { us: Party; them: Party };
  jest.setTimeout(90_000);
  beforeAll(async () => {
    [theirAgent, ourAgent] = await Promise.all([traits.start?.(), traits.startOurs?.()]);
  });
  afterAll(() => Promise.all([theirAgent?.stop(), ourAgent?.stop()]));
  beforeEach(async () => {
    both = {
      us: await openOurs(ourAgent, { receiveSimulcast: true }),
      them: theirAgent ? await PageParty.open(traits.name, theirAgent) : await openOurs(),
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

  it.each(flowCodecs)('carries $name both ways', async ({ name, mimeType, fmtp }) => {
    const { us, them } = both;
    for (const party of [us, them]) {
      if ((await party.do(flow.codecNames)).includes(mimeType)) continue;
      console.log(`${traits.name}: ${name} is skipped: ${party.name} does not have it`);
      return;
    }
    const kind = mimeType.startsWith('video') ? 'video' : 'audio';
    if (kind === 'audio' && traits.noSound) return console.log(`${traits.name}: ${name} is skipped: ${traits.noSound}`);
    await send({ audio: kind === 'audio', video: kind === 'video' });
    for (const party of [us, them]) await party.do(flow.onlyCodec, mimeType, fmtp, 'sendrecv');
    await connectFlow(us, them);
    const reports =
      kind === 'video'
        ? await ofBoth(us.do(flow.seeVideo, { frames: 25 }), them.do(flow.seeVideo, { frames: 25 }))
        : await ofBoth(
            us.do(flow.hearSound, { seconds: 2, hertz: theirHertz }),
            them.do(flow.hearSound, { seconds: 2, hertz: ourHertz }),
          );
    if (process.env['PEERWIRE_TEST_TELL']) console.log(traits.name, name, ...reports.map((one) => JSON.stringify(one)));
    for (const party of [us, them]) {
      expect(await party.do(flow.flowStats, 'inbound-rtp', kind)).toMatchObject({ codec: mimeType });
      expect(await party.do(flow.flowStats, 'outbound-rtp', kind)).toMatchObject({ codec: mimeType });
    }
  });

  it('keeps lips and voice together', async () => {
    if (traits.noSound) return console.log(`${traits.name}: lip sync is skipped: ${traits.noSound}`);
    const { us, them } = both;
    const own = (party: Party, agent: unknown) => (agent ? party.do(flow.ownDelay) : 0);
    const [ours, theirs] = [await own(us, ourAgent), await own(them, theirAgent)];
    await send({});
    await connectFlow(them, us);
    const theirLips = async () => {
      if (traits.noEar) return [];
      try {
        return await them.do(flow.lipSync, { ownMs: theirs });
      } catch {
        // What it takes a page to listen and look changes when the machine has been busy: it is measured once more.
        return them.do(flow.lipSync, { ownMs: await own(them, theirAgent) });
      }
    };
    const differences = await ofBoth(us.do(flow.lipSync, { ownMs: ours }), theirLips());
    if (traits.noEar) console.log(`${traits.name}: its own lip sync is skipped: ${traits.noEar}`);
    if (process.env['PEERWIRE_TEST_TELL']) {
      console.log(traits.name, 'flash after beep, ms: own, ours, theirs', [ours, theirs], ...differences);
    }
  });

  it('goes on through changes of size and direction', async () => {
    const { us, them } = both;
    await send({ audio: false });
    await connectFlow(us, them);
    await ofBoth(us.do(flow.seeVideo, { frames: 5 }), them.do(flow.seeVideo, { frames: 5 }));
    for (const party of [us, them]) await party.do(flow.replaceVideo, { width: 480, height: 360 });
    const wish = { frames: 15, width: 480 };
    await ofBoth(us.do(flow.seeVideo, wish), them.do(flow.seeVideo, wish));
    await us.do(steps.setDirection, 'recvonly');
    await connectFlow(us, them);
    await us.do(flow.seeVideo, wish);
    await us.do(steps.setDirection, 'sendrecv');
    await connectFlow(us, them);
    await them.do(flow.replaceVideo, { width: 320, height: 240 });
    await us.do(flow.replaceVideo, { width: 320, height: 240 });
    const back = { frames: 15, width: 320 };
    await ofBoth(us.do(flow.seeVideo, back), them.do(flow.seeVideo, back));
  });

  it('repairs what a bad network loses', async () => {
    if (traits.noRelay) return console.log(`${traits.name}: a bad network is skipped: ${traits.noRelay}`);
    const { us, them } = both;
    const relay = await UdpRelay.open({ seed: 7, loss: 0.04, delayMs: 20, reordering: 0.01, reorderMs: 15 });
    try {
      await send({ audio: !traits.noSound });
      await connectThrough(relay, us, them);
      // Of some packets for each of so many pictures both sides miss one: of 40 pictures, one in twenty times they did not.
      const wish = { frames: 120, timeoutMs: 25_000 };
      await ofBoth(us.do(flow.seeVideo, wish), them.do(flow.seeVideo, wish));
      expect(relay.dropped).toBeGreaterThan(5);
      for (const party of [us, them]) {
        const rows = await party.do(flow.statsWith, 'inbound-rtp', ['framesDecoded', 'nackCount', 'packetsLost'], 1);
        if (process.env['PEERWIRE_TEST_TELL']) {
          for (const { framesDecoded, nackCount, pliCount, packetsLost, freezeCount } of rows)
            console.log(party.name, { framesDecoded, nackCount, pliCount, packetsLost, freezeCount });
        }
        expect(rows[0].nackCount).toBeGreaterThan(0);
        // A picture freezes where a packet and its repair are lost, one in 600 of some 500: now and then more than two, never
        // six. Where repairs do not come each picture in five would be missed until the next key frame.
        expect(rows[0].freezeCount ?? 0).toBeLessThanOrEqual(5);
      }
    } finally {
      relay.close();
    }
  }, 60_000);

  it('reports to the other side', async () => {
    const { us, them } = both;
    await send({ audio: !traits.noSound });
    await connectFlow(us, them);
    await ofBoth(us.do(flow.seeVideo, { frames: 5 }), them.do(flow.seeVideo, { frames: 5 }));
    const count = traits.noSound ? 1 : 2;
    for (const party of [us, them]) {
      for (const { roundTripTime, packetsLost } of await party.do(
        flow.statsWith,
        'remote-inbound-rtp',
        ['roundTripTime', 'packetsLost'],
        count,
      )) {
        expect(roundTripTime).toBeGreaterThanOrEqual(0);
        expect(roundTripTime).toBeLessThan(0.3);
        expect(packetsLost).toBe(0);
      }
      for (const { packetsSent, bytesSent } of await party.do(
        flow.statsWith,
        'remote-outbound-rtp',
        ['packetsSent', 'bytesSent'],
        count,
      )) {
        expect(packetsSent).toBeGreaterThan(0);
        expect(bytesSent).toBeGreaterThan(packetsSent);
      }
    }
  });

  it.each(['we', 'they'])('tells who only receives how long the way is, where %s send', async (who) => {
    const [from, to] = who === 'we' ? [both.us, both.them] : [both.them, both.us];
    if (to === both.them && traits.noReceiverRtt) {
      return console.log(`${traits.name}: the round trip of a receiver is skipped: ${traits.noReceiverRtt}`);
    }
    await from.do(flow.sendFlow, { audio: !traits.noSound });
    await connectFlow(from, to);
    // Of its own reports there are none to measure it by. What it takes for the way decides on when it asks for lost
    // packets again, and on how long it waits for them.
    for (const kind of traits.noSound ? ['video'] : ['video', 'audio']) {
      const seconds = await to.do(flow.receiverRoundTrip, kind);
      expect(seconds).toBeGreaterThanOrEqual(0);
      expect(seconds).toBeLessThan(0.3);
    }
  });

  for (const { mimeType, mode } of traits.spatialLayers ?? []) {
    it.each(['we', 'they'])(`carries ${mimeType} in ${mode} that %s send`, async (who) => {
      const [from, to] = who === 'we' ? [both.us, both.them] : [both.them, both.us];
      await from.do(flow.sendSpatialLayers, mode);
      await from.do(flow.onlyCodec, mimeType, '^(?!.*profile-id=[1-9])', 'sendonly');
      await connectFlow(from, to);
      // The highest layer is sent once the path is found to bear it.
      const report = await to.do(flow.seeVideo, { frames: 12, width: 960, psnr: 27, timeoutMs: 40_000 });
      const [sent] = await from.do(flow.statsWith, 'outbound-rtp', ['scalabilityMode', 'frameWidth'], 1);
      if (process.env['PEERWIRE_TEST_TELL']) {
        console.log(traits.name, mimeType, mode, `${who} send`, JSON.stringify(report), sent.encoderImplementation);
      }
      expect(sent).toMatchObject({ scalabilityMode: mode, frameWidth: 960, frameHeight: 540 });
      if (to === both.us && !ourAgent) expect(await to.do(flow.layersReceived)).toBe(Number(mode[1]));
    });
  }

  it('sends us layers, each of which arrives', async () => {
    const { us, them } = both;
    if (ourAgent) return console.log(`${traits.name}: layers are skipped: browsers receive none`);
    await them.do(flow.sendLayers, ['q', 'h', 'f']);
    await connectFlow(them, us);
    await us.do(flow.seeVideo, { frames: 10, psnr: 20 });
    // What is not shown is not decoded.
    const end = performance.now() + 12_000;
    for (;;) {
      const layers = await us.do(flow.statsWith, 'inbound-rtp', ['framesReceived'], 1);
      if (layers.filter(({ framesReceived }) => framesReceived > 10).length >= (traits.layers ?? 3)) break;
      if (performance.now() > end) throw new Error(`layers: ${JSON.stringify(layers)}`);
      await new Promise((done) => setTimeout(done, 50));
    }
  });
}
