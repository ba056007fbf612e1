/** A build that leaves codecs out, beside a whole one in the same process: scripts/test-left-out-codecs.mjs makes it. */
import type * as Package from '../../lib';
import { parseSessionDescription } from '../../lib/sdp/parse';
import { negotiate, once, trickle } from '../support/connect';
import { isRejected, isRtp } from '../support/rtp-section';

const without = process.env['PEERWIRE_TEST_WITHOUT']?.split(',') ?? [];
const addonWithout = process.env['PEERWIRE_TEST_ADDON_WITHOUT'];
if (!addonWithout) console.log('left-out codecs: skipped, `npm run test:codecs` makes builds that leave some out');

type Kind = 'audio' | 'video';
type Api = typeof Package;
type Connection = InstanceType<Api['RTCPeerConnection']>;

/** What is left out with each; the rest goes with the last of those that need it. */
const names: Readonly<Record<string, readonly [Kind, ...string[]]>> = {
  opus: ['audio', 'opus', 'red'],
  g722: ['audio', 'G722'],
  g711: ['audio', 'PCMU', 'PCMA'],
  vp8: ['video', 'VP8'],
  vp9: ['video', 'VP9'],
  h264: ['video', 'H264'],
  av1: ['video', 'AV1'],
};
const mimeTypes = (option: string): string[] => {
  const [kind, ...codecs] = names[option]!;
  return codecs.map((codec) => `${kind}/${codec}`);
};
const isAbsent = (option: string): boolean => without.includes(option);
const kinds = ['audio', 'video'] as const;
const optionsOf = (kind: Kind): string[] => Object.keys(names).filter((option) => names[option]![0] === kind);
const expectedNames = (kind: Kind): Set<string> => {
  const present = optionsOf(kind).filter((option) => !isAbsent(option));
  const narrow = present.some((option) => option !== 'opus') ? ['audio/CN', 'audio/telephone-event'] : [];
  const extra = { audio: [...narrow, ...(isAbsent('opus') ? [] : ['audio/telephone-event'])], video: ['video/rtx'] };
  return new Set([...present.flatMap(mimeTypes), ...(present.length > 0 ? extra[kind] : [])]);
};
const isMedia = (mimeType: string): boolean => !/\/(rtx|red|CN|telephone-event)$/.test(mimeType);
/** One to send and to look at, of each codec. */
const remaining = kinds.flatMap((kind) =>
  [...expectedNames(kind)].filter(isMedia).map((mimeType) => [kind, mimeType] as const),
);
const absent = Object.keys(names)
  .filter(isAbsent)
  .flatMap((option) =>
    mimeTypes(option)
      .filter(isMedia)
      .map((mimeType) => [names[option]![0], mimeType] as const),
  );

/** `test.each()`, which takes no empty table: nothing is left to try, or was left out. */
const eachOf = (table: readonly (readonly [Kind, string])[]) => (table.length > 0 ? test.each(table) : () => {});

/** A copy of the package over another addon. */
function load(addon: string | undefined): Api {
  const before = process.env['PEERWIRE_ADDON'];
  if (addon === undefined) delete process.env['PEERWIRE_ADDON'];
  else process.env['PEERWIRE_ADDON'] = addon;
  try {
    jest.resetModules();
    const api = require('../../lib') as Api;
    api.RTCRtpSender.getCapabilities('audio'); // which loads the addon
    return api;
  } finally {
    if (before === undefined) delete process.env['PEERWIRE_ADDON'];
    else process.env['PEERWIRE_ADDON'] = before;
  }
}

(addonWithout ? describe : describe.skip)(`a build without ${without.join(', ') || 'some codec'}`, () => {
  let part: Api, whole: Api;
  beforeAll(() => {
    part = load(addonWithout);
    whole = load(process.env['PEERWIRE_ADDON']);
  });
  const ends: (() => void)[] = [];
  afterEach(() => {
    for (const end of ends.splice(0).reverse()) end();
  });

  function connection(api: Api): Connection {
    const pc = new api.RTCPeerConnection();
    ends.push(() => pc.close());
    return pc;
  }

  async function fakeTrack(api: Api, kind: Kind) {
    const constraints = kind === 'audio' ? { audio: true } : { video: { width: 320, height: 240, frameRate: 30 } };
    const [track] = (await api.getUserMedia(constraints)).getTracks();
    ends.push(() => track!.stop());
    return track!;
  }

  const codecsOf = (api: Api, kind: Kind, mimeType: string) =>
    api.RTCRtpSender.getCapabilities(kind)!.codecs.filter((codec) => codec.mimeType === mimeType);

  /** Resolves when ten pictures that can be read, or five blocks that are not silent, have come. */
  function arrives(api: Api, track: Awaited<ReturnType<typeof fakeTrack>>): Promise<void> {
    const { RTCAudioSink, RTCVideoSink, readFrameNumber } = api.nonstandard;
    const seen = new Set<number>();
    return new Promise((resolve) => {
      const count = (item: number) => {
        if (seen.add(item).size < 10) return;
        sink.stop();
        resolve();
      };
      const sink = track.kind === 'audio' ? new RTCAudioSink(track) : new RTCVideoSink(track);
      ends.push(() => sink.stop());
      if (sink instanceof RTCAudioSink) {
        sink.ondata = ({ samples }) => {
          if (samples.some((sample: number) => Math.abs(sample) > 1000)) count(seen.size);
        };
      } else {
        sink.onframe = ({ frame }) => {
          const number = readFrameNumber(frame);
          if (number !== null) count(number);
        };
      }
    });
  }

  /** Codecs that media was sent with. */
  async function sentCodecs(sender: InstanceType<Api['RTCRtpSender']>): Promise<string[]> {
    const report = [...(await sender.getStats()).values()] as any[];
    const used = report.filter(({ type }) => type === 'outbound-rtp').map(({ codecId }) => codecId);
    return report.filter(({ id }) => used.includes(id)).map(({ mimeType }) => mimeType);
  }

  test.each(kinds)('capabilities name what there is: %s', (kind) => {
    for (const { getCapabilities } of [part.RTCRtpSender, part.RTCRtpReceiver]) {
      const { codecs } = getCapabilities(kind)!;
      expect(new Set(codecs.map(({ mimeType }) => mimeType))).toEqual(expectedNames(kind));
    }
    const all = whole.RTCRtpSender.getCapabilities(kind)!.codecs.map(({ mimeType }) => mimeType);
    expect(all).toEqual(expect.arrayContaining(optionsOf(kind).flatMap(mimeTypes)));
  });

  test('an offer has no other', async () => {
    const pc = connection(part);
    for (const kind of kinds) pc.addTransceiver(kind);
    const { sdp } = await pc.createOffer();
    const { media } = parseSessionDescription(sdp!);
    expect(media.map(({ kind }) => kind)).toEqual(kinds);
    for (const section of media) {
      const rtpmaps = section.attributes.filter(({ name }) => name === 'rtpmap');
      const offered = rtpmaps.map(({ value }) => `${section.kind}/${/^\d+ ([^/]+)/.exec(value!)![1]}`);
      expect(new Set(offered)).toEqual(expectedNames(section.kind as Kind));
      expect(isRejected(section)).toBe(offered.length === 0);
    }
  });

  test.each(kinds)('beside data, %s is negotiated, or rejected where nothing of it is left', async (kind) => {
    const [a, b] = [connection(part), connection(whole)];
    trickle(a as never, b as never);
    const transceiver = a.addTransceiver(kind);
    const channel = a.createDataChannel('beside');
    const opened = once(channel, 'open');
    await once(a, 'negotiationneeded');
    let isNeededAgain = false;
    a.onnegotiationneeded = () => (isNeededAgain = true);
    await negotiate(a as never, b as never);
    await opened;
    const isLeft = expectedNames(kind).size > 0;
    expect([transceiver.currentDirection, isNeededAgain]).toEqual([isLeft ? 'sendonly' : 'stopped', false]);
    await negotiate(a as never, b as never);
    await negotiate(b as never, a as never);
    expect(channel.readyState).toBe('open');
  });

  eachOf(remaining)('%s is sent and received: %s', async (kind, mimeType) => {
    for (const [from, to] of [
      [part, whole],
      [whole, part],
    ] as const) {
      const [a, b] = [connection(from), connection(to)];
      trickle(a as never, b as never);
      const transceiver = a.addTransceiver(await fakeTrack(from, kind), { direction: 'sendonly' });
      transceiver.setCodecPreferences([...codecsOf(from, kind, mimeType), ...codecsOf(from, kind, 'video/rtx')]);
      const received = once<{ track: any }>(b, 'track');
      await negotiate(a as never, b as never);
      await arrives(to, (await received).track);
      expect(await sentCodecs(transceiver.sender)).toEqual([mimeType]);
    }
  });

  eachOf(absent)(
    'an offer of %s in nothing but %s: that section is rejected, and the rest goes on',
    async (kind, mimeType) => {
      const [a, b] = [connection(whole), connection(part)];
      trickle(a as never, b as never);
      const channel = a.createDataChannel('beside');
      const transceiver = a.addTransceiver(await fakeTrack(whole, kind), { direction: 'sendrecv' });
      transceiver.setCodecPreferences(codecsOf(whole, kind, mimeType));
      const opened = once(channel, 'open');
      await negotiate(a as never, b as never);
      const sections = parseSessionDescription(b.localDescription!.sdp).media;
      expect(sections.map((section) => [section.kind, isRejected(section)])).toEqual([
        [kind, true],
        ['application', false],
      ]);
      expect(transceiver.currentDirection).toBe('stopped');
      expect(b.getTransceivers()).toHaveLength(0);
      await opened;
    },
  );

  eachOf(absent)('%s with %s beside others: one of the others is taken', async (kind, mimeType) => {
    const [a, b] = [connection(whole), connection(part)];
    trickle(a as never, b as never);
    const all = whole.RTCRtpSender.getCapabilities(kind)!.codecs;
    const transceiver = a.addTransceiver(await fakeTrack(whole, kind), { direction: 'sendonly' });
    transceiver.setCodecPreferences([
      ...codecsOf(whole, kind, mimeType),
      ...all.filter((codec) => codec.mimeType !== mimeType),
    ]);
    await negotiate(a as never, b as never);
    const [section] = parseSessionDescription(b.localDescription!.sdp).media.filter(isRtp);
    const others = remaining.filter(([each]) => each === kind).map(([, name]) => name);
    expect(isRejected(section!)).toBe(others.length === 0);
    if (others.length === 0) return;
    await arrives(part, b.getReceivers()[0]!.track);
    expect(others).toEqual(expect.arrayContaining(await sentCodecs(transceiver.sender)));
  });

  eachOf(absent)('%s cannot be asked for: %s', async (kind, mimeType) => {
    const pc = connection(part);
    const transceiver = pc.addTransceiver(kind);
    const [codec] = codecsOf(whole, kind, mimeType);
    expect(() => transceiver.setCodecPreferences([codec!])).toThrow(
      expect.objectContaining({ name: 'InvalidModificationError' }),
    );
    expect(() => pc.addTransceiver(kind, { sendEncodings: [{ codec: codec! }] })).toThrow(
      expect.objectContaining({ name: 'OperationError' }),
    );
  });
});
