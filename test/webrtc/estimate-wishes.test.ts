import { RTCPeerConnection } from '../../lib';
import { trickle } from '../support/connect';
import { closePairs, fakeTrack } from '../support/media-pair';

afterEach(closePairs);

/** The same wish for each codec of video, as mediasoup-client's `codecOptions` and applications write it into answers. */
const wishing = (sdp: string, format: string): string =>
  sdp.replace(/^a=rtpmap:(\d+) VP8.*$/gm, (line, type: string) => `${line}\r\na=fmtp:${type} ${format}`);

async function estimateOf(connection: RTCPeerConnection): Promise<number> {
  for (;;) {
    const stats = [...(await connection.getStats()).values()] as Record<string, unknown>[];
    const estimate = stats.map((entry) => entry['availableOutgoingBitrate']).find((value) => value !== undefined);
    if (estimate !== undefined) return estimate as number;
  }
}

describe('libwebrtc’s rates in a=fmtp', () => {
  test.each([
    ['x-google-min-bitrate=700; x-google-max-bitrate=700', 700_000],
    ['x-google-min-bitrate=250;x-google-max-bitrate=250', 250_000],
    ['x-google-min-bitrate=400; x-google-start-bitrate=much; x-google-max-bitrate=400', 400_000],
  ])('%s', async (format, estimate) => {
    const [a, b] = [new RTCPeerConnection(), new RTCPeerConnection()];
    try {
      trickle(a, b);
      a.addTransceiver(await fakeTrack('video'), { direction: 'sendonly' });
      await a.setLocalDescription();
      await b.setRemoteDescription(a.localDescription!);
      await b.setLocalDescription();
      await a.setRemoteDescription({ type: 'answer', sdp: wishing(b.localDescription!.sdp, format) });
      expect(await estimateOf(a)).toBe(estimate);
    } finally {
      a.close();
      b.close();
    }
  });
});
