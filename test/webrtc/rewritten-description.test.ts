/** Applications that parse what was created, and write it anew before they set it (mediasoup-client, with sdp-transform). */
import { RTCPeerConnection } from '../../lib';

function writtenAnew(sdp: string): string {
  const parts = sdp.split(/(?=^m=)/m).map((part) => {
    const lines = part.split('\r\n').filter((line) => line !== '');
    const attributes = lines.filter((line) => line.startsWith('a=')).reverse();
    return [...lines.filter((line) => !line.startsWith('a=')), ...attributes, ''].join('\r\n');
  });
  return parts
    .join('')
    .replace(/ ufrag \S+/g, '')
    .replace('trickle ice2', 'trickle');
}

test('descriptions with candidates may be written anew, and have each candidate once', async () => {
  const [a, b] = [new RTCPeerConnection(), new RTCPeerConnection()];
  try {
    const gathered = [a, b].map(
      (each) =>
        new Promise<void>((done) => {
          each.onicegatheringstatechange = () => {
            if (each.iceGatheringState === 'complete') done();
          };
        }),
    );
    a.addTransceiver('audio');
    await a.setLocalDescription();
    await b.setRemoteDescription(a.localDescription!);
    await b.setLocalDescription();
    await a.setRemoteDescription(b.localDescription!);
    await Promise.all(gathered);
    a.addTransceiver('video');
    for (const [from, to] of [
      [a, b],
      [b, a],
    ] as const) {
      const created = from === a ? await a.createOffer() : await b.createAnswer();
      expect(created.sdp).toMatch(/^a=candidate:.* ufrag /m);
      const sdp = writtenAnew(created.sdp!);
      await from.setLocalDescription({ type: created.type, sdp });
      expect(from.localDescription!.sdp).toBe(sdp);
      await to.setRemoteDescription(from.localDescription!);
    }
    expect([a.signalingState, b.signalingState]).toEqual(['stable', 'stable']);
  } finally {
    a.close();
    b.close();
  }
}, 30_000);
