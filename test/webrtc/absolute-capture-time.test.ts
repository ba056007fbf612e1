import { TransformStream } from 'node:stream/web';
import { RTCEncodedAudioFrame, type RTCRtpSender, type RTCRtpTransceiver } from '../../lib';
import { closePairs, fakeTrack, hearSound, seeNumbers, sendTrack } from '../support/media-pair';

const uri = 'http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time';
/** From 1900 to 1970. */
const ntpEpochMs = 2_208_988_800_000;

afterEach(closePairs);

function offer(_sender: RTCRtpSender, transceiver: RTCRtpTransceiver): void {
  transceiver.setHeaderExtensionsToNegotiate(
    transceiver
      .getHeaderExtensionsToNegotiate()
      .map((each) => (each.uri === uri ? { uri, direction: 'sendrecv' as const } : each)),
  );
}

test.each(['audio', 'video'] as const)('a receiver of %s tells when it was captured', async (kind) => {
  const began = Date.now();
  const { a, receiver } = await sendTrack(await fakeTrack(kind), { prepareSender: offer });
  expect(a.localDescription?.sdp).toContain(uri);
  await (kind === 'audio' ? hearSound(receiver.track, 20) : seeNumbers(receiver.track, 5));
  const [source] = receiver.getSynchronizationSources();
  const captured = source!.captureTimestamp! - ntpEpochMs;
  expect(captured).toBeGreaterThan(began - 1000);
  expect(captured).toBeLessThan(source!.timestamp + 1);
  expect(source!.senderCaptureTimeOffset).toBe(0);
});

test('nothing is told, and nothing offered, where nobody has asked for it', async () => {
  const { a, receiver } = await sendTrack(await fakeTrack('audio'));
  expect(a.localDescription?.sdp).not.toContain(uri);
  await hearSound(receiver.track, 10);
  const [source] = receiver.getSynchronizationSources();
  expect(source).not.toHaveProperty('captureTimestamp');
  expect(source).not.toHaveProperty('senderCaptureTimeOffset');
});

test('what a transform says of it arrives', async () => {
  const said = performance.now() - 5000;
  const { receiver } = await sendTrack(await fakeTrack('audio'), {
    prepareSender: (sender, transceiver) => {
      offer(sender, transceiver);
      const { readable, writable } = sender.createEncodedStreams();
      const change = new TransformStream({
        transform: (frame: RTCEncodedAudioFrame, controller) => {
          const metadata = { ...frame.getMetadata(), captureTime: said };
          controller.enqueue(new RTCEncodedAudioFrame(frame, { metadata }));
        },
      });
      // It ends with the connection.
      void readable.pipeThrough(change).pipeTo(writable);
    },
    prepareReceiver: (given) => given,
  });
  const reader = receiver.createEncodedStreams().readable.getReader();
  for (let count = 0; count < 5; count += 1) {
    const { value } = await reader.read();
    const { captureTime, senderCaptureTimeOffset } = (value as RTCEncodedAudioFrame).getMetadata();
    expect(captureTime).toBeGreaterThan(said - 1);
    expect(captureTime).toBeLessThan(said + 1);
    expect(senderCaptureTimeOffset).toBe(0);
  }
});
