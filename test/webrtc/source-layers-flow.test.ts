/** Simulcast as applications for browsers of before 2019 begin it: SSRCs of layers are written into the offer. */
import { nonstandard, RTCPeerConnection, type RTCRtpReceiver } from '../../lib';
import { trickle } from '../support/connect';
import { closePairs, fakeTrack } from '../support/media-pair';

afterEach(closePairs);

/** Three layers in the place of the one source. */
function withLayers(sdp: string): { sdp: string; ssrcs: number[] } {
  const [old, first, rtx] = /a=ssrc-group:FID (\d+) (\d+)\r\n(?:a=ssrc:.*\r\n)+/.exec(sdp)!;
  const [, about] = /a=ssrc:\d+ (cname:.*)/.exec(old)!;
  const [ssrcs, rtxSsrcs] = [first, rtx].map((number) => [0, 1, 2].map((index) => Number(number) + index));
  const lines = [
    `a=ssrc-group:SIM ${ssrcs!.join(' ')}`,
    ...ssrcs!.map((ssrc, index) => `a=ssrc-group:FID ${ssrc} ${rtxSsrcs![index]!}`),
    ...[...ssrcs!, ...rtxSsrcs!].map((ssrc) => `a=ssrc:${ssrc} ${about!}`),
  ];
  return { sdp: sdp.replace(old, `${lines.join('\r\n')}\r\n`), ssrcs: ssrcs! };
}

test('are sent, each with its SSRC and without rid, and stay in later offers', async () => {
  const [a, b] = [new RTCPeerConnection(), new RTCPeerConnection()];
  try {
    trickle(a, b);
    const sender = a.addTrack(await fakeTrack('video', { width: 640, height: 360 }));
    const seen = new Map<number, number>();
    b.ontrack = ({ receiver }: { receiver: RTCRtpReceiver }) => {
      const tap = new nonstandard.RTCRtpPacketTap(receiver);
      tap.onpacket = ({ packet, kind }: { packet: Buffer; kind: string }) => {
        const ssrc = packet.readUInt32BE(8);
        if (kind === 'rtp') seen.set(ssrc, (seen.get(ssrc) ?? 0) + 1);
      };
    };
    const { sdp, ssrcs } = withLayers((await a.createOffer()).sdp!);
    await a.setLocalDescription({ type: 'offer', sdp });
    expect(sender.getParameters().encodings.map((each) => each.scaleResolutionDownBy)).toEqual([4, 2, 1]);
    await b.setRemoteDescription(a.localDescription!);
    await b.setLocalDescription();
    await a.setRemoteDescription(b.localDescription!);
    expect(sender.getParameters().encodings).toHaveLength(3);
    for (;;) {
      const stats = [...(await sender.getStats()).values()].filter(({ type }) => type === 'outbound-rtp');
      const widths = new Map(stats.map(({ ssrc, frameWidth }) => [ssrc, frameWidth]));
      if (ssrcs.every((ssrc) => (seen.get(ssrc) ?? 0) > 10 && widths.get(ssrc) !== undefined)) {
        expect(ssrcs.map((ssrc) => widths.get(ssrc))).toEqual([160, 320, 640]);
        break;
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    // One of them is paused, and no other.
    const parameters = sender.getParameters();
    parameters.encodings[0]!.active = false;
    await sender.setParameters(parameters);
    expect(sender.getParameters().encodings.map(({ active }) => active)).toEqual([false, true, true]);
    expect((await a.createOffer()).sdp).toContain(`a=ssrc-group:SIM ${ssrcs.join(' ')}\r\n`);
  } finally {
    a.close();
    b.close();
  }
}, 30_000);

test('are gone with a rollback of the offer', async () => {
  const a = new RTCPeerConnection();
  try {
    const sender = a.addTrack(await fakeTrack('video'));
    await a.setLocalDescription({ type: 'offer', sdp: withLayers((await a.createOffer()).sdp!).sdp });
    expect(sender.getParameters().encodings).toHaveLength(3);
    await a.setLocalDescription({ type: 'rollback' });
    expect(sender.getParameters().encodings).toHaveLength(1);
    expect((await a.createOffer()).sdp).not.toContain('SIM');
  } finally {
    a.close();
  }
});
