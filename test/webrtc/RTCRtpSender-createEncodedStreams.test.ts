import { TransformStream } from 'node:stream/web';
import { RTCEncodedVideoFrame, RTCPeerConnection, RTCRtpScriptTransform, SFrameTransform } from '../../lib';
import type { RTCEncodedFrame } from '../../lib/webrtc/encoded-transform/encoded-frame';
import { receiverSlotsOf } from '../../lib/webrtc/RTCRtpReceiver';
import { senderSlotsOf } from '../../lib/webrtc/RTCRtpSender';
import { FakeTap } from '../support/fake-tap';
import { makeTrack } from '../support/tracks';

const connections: RTCPeerConnection[] = [];

function setUp(configuration: { encodedInsertableStreams?: boolean } = {}) {
  const pc = new RTCPeerConnection(configuration);
  connections.push(pc);
  const { sender, receiver } = pc.addTransceiver(makeTrack('video'));
  const [tap, receiveTap] = [new FakeTap(), new FakeTap()];
  senderSlotsOf(sender).encodedFrames.attachTap(tap);
  receiverSlotsOf(receiver).encodedFrames.attachTap(receiveTap);
  return { pc, sender, receiver, tap, receiveTap };
}

afterEach(() => {
  for (const pc of connections.splice(0)) pc.close();
});

describe('createEncodedStreams()', () => {
  it('gives frames out and takes them back, in this thread', async () => {
    const { sender, tap, receiver, receiveTap, pc } = setUp();
    const piped = [
      [sender, tap],
      [receiver, receiveTap],
    ] as const;
    const ends = piped.map(([target]) => {
      const { readable, writable } = target.createEncodedStreams();
      const inverting = new TransformStream<RTCEncodedFrame, RTCEncodedFrame>({
        transform(frame, controller) {
          const octets = new Uint8Array(frame.data);
          octets.forEach((octet, at) => (octets[at] = octet ^ 0xff));
          controller.enqueue(frame);
        },
      });
      return readable.pipeThrough(inverting).pipeTo(writable);
    });
    for (const [, each] of piped) {
      each.emit();
      each.emit();
    }
    for (const [, each] of piped) await each.until(() => each.written.length === 2);
    expect([tap.texts, receiveTap.texts]).toEqual(Array(2).fill(['1: 254,253,252', '2: 253,253,252']));
    pc.close();
    await Promise.all(ends);
  });

  it('works once, and excludes transforms', () => {
    const { sender, receiver } = setUp();
    sender.createEncodedStreams();
    expect(() => sender.createEncodedStreams()).toThrow(expect.objectContaining({ name: 'InvalidStateError' }));
    expect(() => {
      sender.transform = new SFrameTransform();
    }).toThrow(expect.objectContaining({ name: 'InvalidStateError' }));
    expect(sender.transform).toBeNull();
    receiver.transform = new SFrameTransform();
    expect(() => receiver.createEncodedStreams()).toThrow(expect.objectContaining({ name: 'InvalidStateError' }));
    expect(() => {
      receiver.transform = new RTCRtpScriptTransform({ postMessage: () => undefined });
    }).not.toThrow();
  });

  it('a frame that is written twice, or is none, errors the stream', async () => {
    const { sender, tap } = setUp();
    const { readable, writable } = sender.createEncodedStreams();
    const [reader, writer] = [readable.getReader(), writable.getWriter()];
    tap.emit();
    const { value } = await reader.read();
    await writer.write(value!);
    // Chromium's streams leave the program its buffer, and the test suite wants it so.
    expect(value!.data.byteLength).toBe(3);
    await expect(writer.write(value!)).rejects.toMatchObject({ name: 'OperationError' });
    await expect(writer.closed).rejects.toMatchObject({ name: 'OperationError' });
    const other = setUp().sender.createEncodedStreams().writable.getWriter();
    await expect(other.write('no frame' as never)).rejects.toThrow(TypeError);
  });

  it('frames of others are dropped, copies stand for their originals', async () => {
    const [one, two] = [setUp(), setUp()];
    const reader = one.sender.createEncodedStreams();
    const foreign = two.sender.createEncodedStreams().writable.getWriter();
    one.tap.emit();
    const { value } = await reader.readable.getReader().read();
    await foreign.write(value!);
    expect(two.tap.written).toEqual([]);
    const writer = reader.writable.getWriter();
    await writer.write(new RTCEncodedVideoFrame(value as RTCEncodedVideoFrame));
    expect([one.tap.texts, value!.data.byteLength]).toEqual([['1: 1,2,3'], 3]);
    await expect(writer.write(value!)).rejects.toMatchObject({ name: 'OperationError' });
  });

  it('a cancelled stream takes no more frames', async () => {
    const { sender, tap } = setUp();
    const { readable } = sender.createEncodedStreams();
    tap.emit();
    await readable.cancel();
    expect(() => tap.emit()).not.toThrow();
  });
});

describe('encodedInsertableStreams', () => {
  it('holds frames back until someone wants them, and begins with a key frame', async () => {
    const { sender, tap } = setUp({ encodedInsertableStreams: true });
    tap.emit();
    tap.emit();
    const reader = sender.createEncodedStreams().readable.getReader();
    expect(tap.keyFrameRequests).toEqual([undefined]);
    tap.emit({ type: 'key' });
    const { value } = await reader.read();
    expect((value as RTCEncodedVideoFrame).getMetadata().frameId).toBe(3);
  });

  it('nobody holds frames back without it', () => {
    const { tap, receiveTap } = setUp();
    expect([tap.reader, receiveTap.reader]).toEqual([null, null]);
  });

  it('nothing is asked for when nothing was held back', () => {
    const { sender, tap } = setUp({ encodedInsertableStreams: true });
    sender.createEncodedStreams();
    expect(tap.keyFrameRequests).toEqual([]);
  });
});
