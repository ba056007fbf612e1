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

  it.each(['frames that wait', 'none'])('may be ended by the transform itself, with %s', async (waiting) => {
    const { sender, tap, pc } = setUp();
    const { readable, writable } = sender.createEncodedStreams();
    let seen = 0;
    const closing = new TransformStream<RTCEncodedFrame, RTCEncodedFrame>({
      transform(frame, controller) {
        if (++seen === 1) pc.close();
        controller.enqueue(frame);
      },
    });
    if (waiting !== 'none') for (let count = 0; count < 3; count++) tap.emit();
    const ended = readable.pipeThrough(closing).pipeTo(writable);
    if (waiting === 'none') {
      await new Promise((resolve) => setImmediate(resolve));
      // What the engine calls: an exception here is nobody's, and ends the process.
      expect(() => {
        tap.emit();
      }).not.toThrow();
    }
    await ended;
    expect(seen).toBe(waiting === 'none' ? 1 : 3);
  });

  it('works once, and excludes transforms', () => {
    const { sender, receiver } = setUp();
    sender.createEncodedStreams();
    expect(() => sender.createEncodedStreams()).toThrow(expect.objectContaining({ name: 'InvalidStateError' }));
    expect(() => {
      sender.transform = new SFrameTransform();
    }).toThrow(expect.objectContaining({ name: 'InvalidStateError' }));
    sender.transform = null;
    expect(sender.transform).toBeNull();
    expect(() => sender.createEncodedStreams()).toThrow(expect.objectContaining({ name: 'InvalidStateError' }));
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

  describe('a program that does not keep up', () => {
    async function fallBehind() {
      const { sender, tap } = setUp();
      const reader = sender.createEncodedStreams().readable.getReader();
      const read = async (count: number) => {
        const ids: unknown[] = [];
        while (ids.length < count) {
          const { value } = await reader.read();
          ids.push((value as RTCEncodedVideoFrame).getMetadata().frameId);
        }
        return ids;
      };
      for (let count = 0; count < 61; count++) tap.emit();
      expect(tap.keyFrameRequests).toHaveLength(1);
      return { tap, read };
    }

    it('gets frames again when it does, from a new key frame on', async () => {
      const { tap, read } = await fallBehind();
      // The encoder makes it at once, while there is no room; and so the next one that somebody else asks for.
      tap.emit({ type: 'key' });
      for (let count = 0; count < 100; count++) tap.emit();
      tap.emit({ type: 'key' });
      tap.emit();
      expect(tap.keyFrameRequests).toHaveLength(1);
      await read(60);
      tap.emit();
      tap.emit();
      expect(tap.keyFrameRequests).toHaveLength(2);
      const token = tap.emit({ type: 'key' });
      tap.emit();
      expect(await read(2)).toEqual([token, token + 1]);
      expect(tap.keyFrameRequests).toHaveLength(2);
    });

    it('asks again for a key frame that does not come', async () => {
      const { tap, read } = await fallBehind();
      await read(60);
      for (let count = 0; count < 30; count++) tap.emit();
      expect(tap.keyFrameRequests).toHaveLength(1);
      for (let count = 0; count < 31; count++) tap.emit();
      expect(tap.keyFrameRequests).toHaveLength(2);
      tap.emit();
      expect(tap.keyFrameRequests).toHaveLength(3);
    });

    it('is asked for nothing while the key frame is on its way', async () => {
      const { tap, read } = await fallBehind();
      await read(60);
      tap.emit();
      const token = tap.emit({ type: 'key' });
      expect(await read(1)).toEqual([token]);
      expect(tap.keyFrameRequests).toHaveLength(1);
    });
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
