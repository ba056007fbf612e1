/** Statistics of streams that run: the same object has one entry, whose counters go on. */
import { RTCPeerConnection } from '../../lib';
import { negotiate, trickle } from '../support/connect';
import { closePairs, fakeTrack, hearSound } from '../support/media-pair';

afterEach(closePairs);

async function rowsOf(pc: RTCPeerConnection, type: string): Promise<any[]> {
  return [...(await pc.getStats()).values()].filter((row) => row.type === type);
}

/** Resolves with the rows of this type once they are as wanted. */
async function rowsOnce(pc: RTCPeerConnection, type: string, isReady: (rows: any[]) => boolean): Promise<any[]> {
  for (;;) {
    const rows = await rowsOf(pc, type);
    if (isReady(rows)) return rows;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function pair(run: (a: RTCPeerConnection, b: RTCPeerConnection) => Promise<void>): Promise<void> {
  const [a, b] = [new RTCPeerConnection(), new RTCPeerConnection()];
  try {
    trickle(a, b);
    await run(a, b);
  } finally {
    a.close();
    b.close();
  }
}

test('entries stay on hold, and count on afterwards', () =>
  pair(async (a, b) => {
    const tracks = [await fakeTrack('video'), await fakeTrack('audio')];
    const transceivers = tracks.map((track) => a.addTransceiver(track, { direction: 'sendonly' }));
    b.addEventListener('track', ({ track }: any) => {
      if (track.kind === 'audio') void hearSound(track, Infinity);
    });
    const setDirection = async (direction: 'inactive' | 'sendonly') => {
      for (const transceiver of transceivers) transceiver.direction = direction;
      await negotiate(a, b);
    };
    await negotiate(a, b);
    const counted = (rows: any[]) =>
      rows.map(({ id, packetsReceived, framesDecoded, totalSamplesReceived }) => [
        id,
        packetsReceived,
        framesDecoded ?? totalSamplesReceived,
      ]);
    const isLong = (rows: any[]) =>
      rows.length === 2 && rows.every((row) => row.framesDecoded > 20 || row.totalSamplesReceived > 24_000);
    await rowsOnce(b, 'inbound-rtp', isLong);
    expect((await rowsOf(a, 'outbound-rtp')).map(({ active }) => active)).toEqual([true, true]);

    await setDirection('inactive');
    const sent = await rowsOf(a, 'outbound-rtp');
    expect(sent.map(({ active }) => active)).toEqual([false, false]);
    expect(sent.find(({ kind }) => kind === 'video')).toMatchObject({ frameWidth: 320, frameHeight: 240 });
    for (const { packetsSent } of sent) expect(packetsSent).toBeGreaterThan(10);
    const held = await rowsOf(b, 'inbound-rtp');
    expect(isLong(held)).toBe(true);
    expect(await rowsOf(b, 'media-playout')).toHaveLength(1);

    await setDirection('sendonly');
    const isLater = (rows: any[]) =>
      counted(rows).every(([, packets, played], at) => {
        const [, packetsBefore, playedBefore] = counted(held)[at]!;
        return packets > packetsBefore && played > playedBefore;
      });
    const resumed = await rowsOnce(b, 'inbound-rtp', isLater);
    expect(resumed.map(({ id }) => id)).toEqual(held.map(({ id }) => id));
    expect(resumed.map(({ packetsLost }) => packetsLost)).toEqual([0, 0]);
    expect((await rowsOf(a, 'outbound-rtp')).map(({ id, active }) => [id, active])).toEqual(
      sent.map(({ id }) => [id, true]),
    );
  }));

test('tell how long sound takes from its packet to being decoded', () =>
  pair(async (a, b) => {
    b.addEventListener('track', ({ track }: any) => {
      void hearSound(track, Infinity);
    });
    a.addTransceiver(await fakeTrack('audio'), { direction: 'sendonly' });
    await negotiate(a, b);
    const [received] = await rowsOnce(b, 'inbound-rtp', ([row]) => row?.jitterBufferEmittedCount > 0);
    expect(received.totalProcessingDelay).toBeGreaterThan(0);
    // The jitter buffer counts what is decoded, and not yet played, too.
    expect(received.totalProcessingDelay).toBeLessThanOrEqual(received.jitterBufferDelay);
  }));

test('what was played is not forgotten when a stream ends', () =>
  pair(async (a, b) => {
    b.addEventListener('track', ({ track }: any) => {
      void hearSound(track, Infinity);
    });
    const addSound = async () => {
      const transceiver = a.addTransceiver(await fakeTrack('audio'), { direction: 'sendonly' });
      await negotiate(a, b);
      return transceiver;
    };
    const playout = async () => {
      const [row] = await rowsOf(b, 'media-playout');
      return row.totalSamplesDuration;
    };
    const first = await addSound();
    await rowsOnce(b, 'media-playout', ([row]) => row?.totalSamplesDuration > 1);
    const second = await addSound();
    const [, received] = await rowsOnce(b, 'inbound-rtp', ([, row]) => row?.totalSamplesDuration > 0.2);
    const before = await playout();
    // Both at once are played once.
    expect(received.totalSamplesDuration).toBeLessThan(before - 0.5);
    first.stop();
    await negotiate(a, b);
    expect(await rowsOf(b, 'inbound-rtp')).toHaveLength(1);
    expect(await playout()).toBeGreaterThanOrEqual(before);
    await rowsOnce(b, 'media-playout', ([row]) => row.totalSamplesDuration > before + 0.2);
    second.stop();
    const last = await playout();
    await negotiate(a, b);
    expect(await rowsOf(b, 'inbound-rtp')).toHaveLength(0);
    expect(await playout()).toBeGreaterThanOrEqual(last);
  }));
