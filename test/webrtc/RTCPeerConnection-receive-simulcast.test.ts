import { RTCPeerConnection } from '../../lib';
import { negotiate, trickle } from '../support/connect';
import { closePairs, codecsNamed, fakeTrack } from '../support/media-pair';

const RIDS = ['h', 'm', 'l'];

async function answerTo(configuration: object): Promise<{ answer: string; sent: (string | undefined)[] }> {
  const [a, b] = [new RTCPeerConnection(), new RTCPeerConnection(configuration)];
  try {
    const { sender } = a.addTransceiver('video', { sendEncodings: RIDS.map((rid) => ({ rid })) });
    await a.setLocalDescription();
    await b.setRemoteDescription(a.localDescription!);
    await b.setLocalDescription();
    await a.setRemoteDescription(b.localDescription!);
    return { answer: b.localDescription!.sdp, sent: sender.getParameters().encodings.map(({ rid }) => rid) };
  } finally {
    a.close();
    b.close();
  }
}

async function rowsOf(pc: RTCPeerConnection, type: string): Promise<Record<string, number>[]> {
  return [...(await pc.getStats()).values()].filter((row) => row.type === type) as never;
}

/** Resolves once so many frames of each layer have come, or so many more than there. */
async function allLayersCome(
  pc: RTCPeerConnection,
  frames: number,
  before: Record<string, number>[] = [],
): Promise<void> {
  for (;;) {
    const layers = await rowsOf(pc, 'inbound-rtp');
    const isThere = ({ id, framesReceived }: Record<string, number>) =>
      framesReceived! >= frames + (before.find((row) => row.id === id)?.framesReceived ?? 0);
    if (layers.filter(isThere).length === RIDS.length) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

describe('a peer that offers simulcast', () => {
  jest.setTimeout(30_000);
  afterEach(closePairs);

  test('is answered without, as browsers do, and sends its first layer', async () => {
    const { answer, sent } = await answerTo({});
    expect(answer).not.toContain('a=simulcast');
    expect(sent).toEqual(['h']);
  });

  test('sends all layers to a connection with receiveSimulcast', async () => {
    const { answer, sent } = await answerTo({ receiveSimulcast: true });
    expect(answer).toContain('a=simulcast:recv h;m;l\r\n');
    for (const rid of RIDS) expect(answer).toContain(`a=rid:${rid} recv\r\n`);
    expect(sent).toEqual(RIDS);
  });

  test('is received again after a pause', async () => {
    const [a, b] = [new RTCPeerConnection(), new RTCPeerConnection({ receiveSimulcast: true } as object)];
    try {
      trickle(a, b);
      const transceiver = a.addTransceiver(await fakeTrack('video', { width: 640, height: 480 }), {
        direction: 'sendonly',
        sendEncodings: RIDS.map((rid, index) => ({ rid, scaleResolutionDownBy: 2 ** index, maxBitrate: 200_000 })),
      });
      await negotiate(a, b);
      await allLayersCome(b, 5);
      // Once the peer has reported of a layer, its packets no longer tell which one it is.
      while ((await rowsOf(a, 'remote-inbound-rtp')).length < RIDS.length) {
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      transceiver.direction = 'inactive';
      await negotiate(a, b);
      const held = await rowsOf(b, 'inbound-rtp');
      expect(held).toHaveLength(RIDS.length);
      transceiver.direction = 'sendonly';
      await negotiate(a, b);
      await allLayersCome(b, 5, held);
    } finally {
      a.close();
      b.close();
    }
  });

  test.each([
    ['VP8', 'L1T3'],
    ['H264', 'L1T1'],
  ])('in %s gets layers of the structure that browsers send, %s', async (codec, structure) => {
    const [a, b] = [new RTCPeerConnection(), new RTCPeerConnection({ receiveSimulcast: true } as object)];
    try {
      trickle(a, b);
      const transceiver = a.addTransceiver(await fakeTrack('video'), {
        direction: 'sendonly',
        sendEncodings: RIDS.map((rid) => ({ rid })),
      });
      transceiver.setCodecPreferences(codecsNamed('video', codec));
      await negotiate(a, b);
      await allLayersCome(b, 5);
      expect((await rowsOf(a, 'outbound-rtp')).map(({ scalabilityMode }) => scalabilityMode)).toEqual([
        structure,
        structure,
        structure,
      ]);
      expect(transceiver.sender.getParameters().encodings[0]).not.toHaveProperty('scalabilityMode');
    } finally {
      a.close();
      b.close();
    }
  });
});
