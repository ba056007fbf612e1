import type { NativeEncodedFrame } from '../../lib/binding/native-addon';
import type { EncodedFrame } from '../../lib/media/encoded-frames';
import { ReceiverFrameTap } from '../../lib/media/native-frame-tap';
import type { RtpReceiver } from '../../lib/media/rtp-receiver';

/** A stream of the engine that gives frames when it is told to, and remembers what comes back. */
function engineStream() {
  const stream = {
    onframe: null as ((frame: NativeEncodedFrame) => void) | null,
    written: [] as number[],
    setFrameTap: () => undefined,
    writeFrame: (token: number) => {
      stream.written.push(token);
    },
  };
  return stream;
}

function tapOf(stream: ReturnType<typeof engineStream>): ReceiverFrameTap {
  return new ReceiverFrameTap(stream as unknown as RtpReceiver, { kind: 'audio', mimeTypeOf: () => 'audio/opus' });
}

const frame = (token: number) => ({ token, data: new ArrayBuffer(1), csrcs: [] }) as unknown as NativeEncodedFrame;

test('frames come back to the engine as they left it, however many streams there were before', () => {
  // A server has as many in some weeks.
  const earlier = engineStream();
  for (let streams = 0; streams < 2 ** 21; streams++) tapOf(earlier);
  const stream = engineStream();
  const tap = tapOf(stream);
  const read: EncodedFrame[] = [];
  tap.setReader((each) => read.push(each));
  const tokens = [1, 2, 3, 4, 5];
  for (const token of tokens) stream.onframe!(frame(token));
  for (const { token, data } of read) tap.write({ token, data });
  expect(stream.written).toEqual(tokens);
});
