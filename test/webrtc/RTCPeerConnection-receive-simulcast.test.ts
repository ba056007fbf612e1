import { RTCPeerConnection } from '../../lib';

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

describe('a peer that offers simulcast', () => {
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
});
