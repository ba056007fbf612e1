import { nonstandard, RTCPeerConnection, RTCRtpSFrameEncryptor } from '../../lib';
import type { EncodedCodec, EncodedSink, ObservedFrame, SourceFrame } from '../../lib/media/encoded-source';
import type { PacketKind, RtpPacketPort } from '../../lib/media/rtp-packets';
import { type MediaStreamTrack, trackSlotsOf } from '../../lib/mediacapture/MediaStreamTrack';
import { receiverSlotsOf } from '../../lib/webrtc/RTCRtpReceiver';
import { senderSlotsOf } from '../../lib/webrtc/RTCRtpSender';
import { audioFrame, FakeTap } from '../support/fake-tap';
import { makeTrack } from '../support/tracks';

const { RTCEncodedAudioSink, RTCEncodedAudioSource, RTCEncodedVideoSink, RTCEncodedVideoSource, RTCRtpPacketTap } =
  nonstandard;
const connections: RTCPeerConnection[] = [];

/** What the engine makes of a sender. */
class FakeSender implements EncodedSink {
  readonly pushed: SourceFrame[] = [];
  codec: EncodedCodec | null;

  constructor(mimeType: string | null = 'video/vp8') {
    this.codec = mimeType === null ? null : { mimeType, clockRate: 90_000, payloadType: 96 };
  }

  push(frame: SourceFrame): void {
    this.pushed.push(frame);
  }
}

const sourceOf = (track: MediaStreamTrack) => trackSlotsOf(track).source.encodedSource!;
/** By then all tasks that were queued have run. */
const turn = () => new Promise<void>((resolve) => setImmediate(() => setImmediate(resolve)));

function eventsOf(target: EventTarget, ...types: string[]) {
  const events: string[] = [];
  for (const type of types) {
    target.addEventListener(type, (event) => events.push(`${type} ${String((event as { rid?: string }).rid)}`));
  }
  return events;
}

function connect(kind: 'audio' | 'video' = 'video') {
  const pc = new RTCPeerConnection();
  connections.push(pc);
  const { sender, receiver } = pc.addTransceiver(makeTrack(kind));
  const [sent, received] = [new FakeTap(), new FakeTap()];
  senderSlotsOf(sender).encodedFrames.attachTap(sent);
  receiverSlotsOf(receiver).encodedFrames.attachTap(received);
  return { pc, sender, receiver, sent, received };
}

afterEach(() => {
  for (const pc of connections.splice(0)) pc.close();
});

describe('RTCEncodedVideoSource', () => {
  const key = { data: Uint8Array.of(0x50, 1), timestamp: 0, width: 640, height: 360 };
  const delta = { data: Uint8Array.of(0x51, 2), timestamp: 33_333 };

  it('gives frames to every sender of its tracks, to each from a key frame on', async () => {
    const source = new RTCEncodedVideoSource({ mimeType: 'video/VP8' });
    const track = source.createTrack();
    expect([track.kind, track.readyState, track.label]).toEqual(['video', 'live', 'encoded video']);
    const [first, second] = [new FakeSender(), new FakeSender()];
    expect(source.push(key)).toBe(0);
    sourceOf(track).addSink(first);
    expect(source.push(delta)).toBe(0);
    expect(source.push(key)).toBe(1);
    sourceOf(track.clone()).addSink(second);
    expect(source.push(delta)).toBe(1);
    expect(source.push(key)).toBe(2);
    sourceOf(track).removeSink(first);
    expect(source.push(delta)).toBe(1);
    expect([first, second].map(({ pushed }) => pushed.map(({ type }) => type).join())).toEqual([
      'key,delta,key',
      'key,delta',
    ]);
    expect(track.getSettings()).toMatchObject({ width: 640, height: 360 });
    await turn();
  });

  it('asks for a key frame when a sender begins and when a peer asks, once a turn', async () => {
    const source = new RTCEncodedVideoSource({ mimeType: 'video/VP8' });
    const events = eventsOf(source, 'keyframerequest', 'codecchange');
    const engine = sourceOf(source.createTrack());
    const sink = new FakeSender();
    engine.addSink(sink);
    engine.keyFrameRequested(sink);
    engine.keyFrameRequested(sink, 'low');
    await turn();
    engine.keyFrameRequested(sink);
    await turn();
    expect(events).toEqual([
      'codecchange undefined',
      'keyframerequest null',
      'keyframerequest low',
      'keyframerequest null',
    ]);
  });

  it('gives nothing to a sender of another codec, and tells what was negotiated', async () => {
    const source = new RTCEncodedVideoSource({ mimeType: 'video/H264' });
    const events = eventsOf(source, 'codecchange');
    const engine = sourceOf(source.createTrack());
    const sink = new FakeSender(null);
    engine.addSink(sink);
    expect(source.getCodecs()).toEqual([]);
    sink.codec = { mimeType: 'video/VP8', clockRate: 90_000, payloadType: 96 };
    engine.codecChanged(sink);
    await turn();
    expect(source.push({ ...key, type: 'key' })).toBe(0);
    expect(source.getCodecs()).toEqual([sink.codec]);
    sink.codec = { ...sink.codec, mimeType: 'video/h264', sdpFmtpLine: 'packetization-mode=1' };
    engine.codecChanged(sink);
    expect(source.push({ ...delta, type: 'delta' })).toBe(0);
    expect(source.push({ ...key, type: 'key' })).toBe(1);
    expect(source.getCodecs()).toEqual([sink.codec]);
    await turn();
    engine.removeSink(sink);
    await turn();
    expect(events).toHaveLength(3);
  });

  it('takes all that a frame can have, views with their own window', () => {
    const source = new RTCEncodedVideoSource({ mimeType: 'video/AV1' });
    const sink = new FakeSender('video/AV1');
    sourceOf(source.createTrack()).addSink(sink);
    const frame = {
      type: 'key' as const,
      timestamp: -5,
      width: 2,
      height: 4,
      rotation: 90 as const,
      temporalIndex: 1,
      spatialIndex: 2,
      rid: 'h',
      captureTime: 1.5,
    };
    source.push({ ...frame, data: new DataView(Uint8Array.of(9, 8, 7, 6).buffer, 1, 2) });
    expect(sink.pushed).toEqual([{ ...frame, data: Uint8Array.of(8, 7) }]);
  });

  it.each([
    {},
    { data: new ArrayBuffer(1) },
    { data: new ArrayBuffer(0), timestamp: 0 },
    { data: 'text', timestamp: 0 },
    { ...key, rotation: 45 },
    { ...key, width: 70_000 },
    { ...key, type: 'empty' },
  ])('%p is no frame', (frame) => {
    const source = new RTCEncodedVideoSource({ mimeType: 'video/VP8' });
    expect(() => source.push(frame as never)).toThrow(TypeError);
  });

  it('says of H.264 out of MP4 what is wrong with it', () => {
    const source = new RTCEncodedVideoSource({ mimeType: 'video/H264' });
    const data = Uint8Array.of(0, 0, 0, 2, 9, 0xf0, 0, 0, 0, 3, 0x65, 0x88, 0x84);
    expect(() => source.push({ data, timestamp: 0, type: 'key' })).toThrow('Annex B');
  });

  it('needs a type where the codec is not known, and a mimeType of its kind', () => {
    const source = new RTCEncodedVideoSource({ mimeType: 'video/H265' });
    expect(() => source.push(key)).toThrow('needs a type');
    expect(source.push({ ...key, type: 'key' })).toBe(0);
    for (const init of [undefined, {}, { mimeType: 'audio/opus' }, { mimeType: 'VP8' }, { mimeType: 'video/' }]) {
      expect(() => new RTCEncodedVideoSource(init as never)).toThrow(TypeError);
    }
  });
});

it('RTCEncodedAudioSource gives every frame, and asks for none', async () => {
  const source = new RTCEncodedAudioSource({ mimeType: 'audio/opus' });
  const events = eventsOf(source, 'keyframerequest');
  const engine = sourceOf(source.createTrack());
  const sink = new FakeSender('audio/opus');
  engine.addSink(sink);
  engine.keyFrameRequested(sink);
  expect(source.push({ data: Uint8Array.of(1), timestamp: 0, audioLevel: 12 })).toBe(1);
  expect(sink.pushed).toEqual([{ data: Uint8Array.of(1), timestamp: 0, audioLevel: 12, type: 'key' }]);
  expect(() => source.push({ data: Uint8Array.of(1), timestamp: 0, audioLevel: 128 })).toThrow(TypeError);
  await turn();
  expect(events).toEqual([]);
});

describe('encoded sinks', () => {
  const framesOf = (sink: EventTarget) => {
    const frames: ObservedFrame[] = [];
    sink.addEventListener('frame', (event) => frames.push((event as Event & { frame: ObservedFrame }).frame));
    return frames;
  };

  it('show what a receiver gets, which goes on to its decoder', () => {
    const { receiver, received } = connect();
    const sinks = [receiver, receiver.track, receiver.track.clone()].map((each) => new RTCEncodedVideoSink(each));
    const [first, ...others] = sinks.map(framesOf);
    received.emit();
    received.emit({ rtpTimestamp: 3000 + 90_000 });
    expect(first).toMatchObject([
      { type: 'key', timestamp: 0, rtpTimestamp: 3000, mimeType: 'video/VP8', synchronizationSource: 1234, width: 640 },
      { type: 'delta', timestamp: 1_000_000 },
    ]);
    expect(first!.map(({ data }) => [...data])).toEqual([
      [1, 2, 3],
      [2, 2, 3],
    ]);
    for (const other of others) expect(other).toEqual(first);
    expect(received.texts).toEqual(['1: 1,2,3', '2: 2,2,3']);
    first![0]!.data[0] = 99;
    expect(received.texts[0]).toBe('1: 1,2,3');
  });

  it('take frames out of the engine only as long as there are any', () => {
    const { receiver, received } = connect();
    const [one, other] = [new RTCEncodedVideoSink(receiver), new RTCEncodedVideoSink(receiver)];
    const frames = framesOf(one);
    expect(received.reader).not.toBeNull();
    one.requestKeyFrame();
    expect(received.keyFrameRequests).toEqual([undefined]);
    one.stop();
    one.stop();
    one.requestKeyFrame();
    expect([one.stopped, other.stopped, received.reader === null]).toEqual([true, false, false]);
    received.emit();
    other.stop();
    expect([frames, received.reader, received.keyFrameRequests]).toEqual([[], null, [undefined]]);
  });

  it('show what a transform has made, in what way ever it was set', async () => {
    const { sender, sent } = connect();
    const frames = framesOf(new RTCEncodedVideoSink(sender));
    sent.emit();
    const { readable, writable } = sender.createEncodedStreams();
    const [reader, writer] = [readable.getReader(), writable.getWriter()];
    for (let count = 0; count < 3; count++) sent.emit();
    await reader.read(); // dropped
    for (const octet of [7, 8]) {
      const { value } = await reader.read();
      value!.data = Uint8Array.of(octet).buffer;
      await writer.write(value!);
    }
    expect(frames.map(({ data }) => [...data].join())).toEqual(['1,2,3', '7', '8']);
    expect(frames.map(({ frameId }: { frameId?: number }) => frameId)).toEqual([1, 3, 4]);
    expect(sent.texts).toEqual(['1: 1,2,3', '3: 7', '4: 8']);
  });

  it('show what a program pushes', () => {
    const source = new RTCEncodedVideoSource({ mimeType: 'video/VP8' });
    const frames = framesOf(new RTCEncodedVideoSink(source.createTrack()));
    source.push({ data: Uint8Array.of(0x50), timestamp: 4 });
    expect(frames).toEqual([{ data: Uint8Array.of(0x50), timestamp: 4, type: 'key', mimeType: 'video/VP8' }]);
  });

  it('give what can be pushed on: a relay', async () => {
    const { receiver, received } = connect('audio');
    const source = new RTCEncodedAudioSource({ mimeType: 'audio/opus' });
    const sink = new RTCEncodedAudioSink(receiver.track);
    sink.onframe = ({ frame }: { frame: ObservedFrame }) => source.push(frame);
    const sender = new FakeSender('audio/opus');
    sourceOf(source.createTrack()).addSink(sender);
    received.emit(audioFrame(1));
    received.emit(audioFrame(2));
    expect(sender.pushed.map(({ timestamp, audioLevel }) => [timestamp, audioLevel])).toEqual([
      [0, 20],
      [20_000, 20],
    ]);
    await turn();
  });

  it('refuse what has no encoded frames, or of the other kind', () => {
    const { receiver } = connect('audio');
    for (const wrong of [undefined, {}, receiver, receiver.track, makeTrack('video')]) {
      expect(() => new RTCEncodedVideoSink(wrong as never)).toThrow(TypeError);
    }
    expect(new RTCEncodedAudioSink(receiver).stopped).toBe(false);
  });

  it('a transform that keeps frames for ever does not make them pile up', () => {
    const { sender, sent } = connect();
    sender.transform = new RTCRtpSFrameEncryptor({ cipherSuite: 'AES_128_GCM_SHA256_128' }); // without a key
    const frames = framesOf(new RTCEncodedVideoSink(sender));
    for (let count = 0; count < 1000; count++) sent.emit();
    expect([frames, sent.written]).toEqual([[], []]);
  });
});

describe('RTCRtpPacketTap', () => {
  class FakePort implements RtpPacketPort {
    observer: ((packet: Uint8Array, kind: PacketKind) => void) | null = null;
    readonly written: string[] = [];

    setObserver(observer: ((packet: Uint8Array, kind: PacketKind) => void) | null): void {
      this.observer = observer;
    }

    write(packet: Uint8Array, kind: PacketKind): void {
      this.written.push(`${kind} ${Buffer.from(packet).toString('hex')}`);
    }
  }

  const packet = Buffer.from('8060000100000002000000030405', 'hex');
  const packetsOf = (tap: EventTarget) => {
    const packets: string[] = [];
    tap.addEventListener('packet', (event) => {
      const { packet: data, kind } = event as Event & { packet: Buffer; kind: string };
      packets.push(`${kind} ${data.toString('hex')}`);
    });
    return packets;
  };

  it('shows packets as long as it is not stopped, also when the port comes later or changes', () => {
    const { receiver } = connect();
    const slots = receiverSlotsOf(receiver).packets;
    const [one, other] = [new RTCRtpPacketTap(receiver), new RTCRtpPacketTap(receiver)];
    const [seenByOne, seenByOther] = [packetsOf(one), packetsOf(other)];
    const [port, next] = [new FakePort(), new FakePort()];
    slots.attachPort(port);
    port.observer!(packet, 'rtp');
    one.stop();
    slots.attachPort(next);
    expect(port.observer).toBeNull();
    next.observer!(Uint8Array.of(0x81, 201), 'rtcp');
    other.stop();
    expect([next.observer, one.stopped, other.stopped]).toEqual([null, true, true]);
    expect(seenByOne).toEqual([`rtp ${packet.toString('hex')}`]);
    expect(seenByOther).toEqual([`rtp ${packet.toString('hex')}`, 'rtcp 81c9']);
  });

  it('writes packets, and refuses what is none', () => {
    const { sender, pc } = connect();
    const tap = new RTCRtpPacketTap(sender);
    expect(tap.write(packet)).toBe(false);
    const port = new FakePort();
    senderSlotsOf(sender).packets.attachPort(port);
    expect(tap.write(packet)).toBe(true);
    expect(tap.write(packet.subarray(0, 8), 'rtcp')).toBe(true);
    for (const wrong of [
      [new ArrayBuffer(12)],
      [packet.subarray(0, 11)],
      [packet, 'x'],
      ['text'],
      [new ArrayBuffer(70_000)],
    ]) {
      expect(() => tap.write(...(wrong as [Buffer]))).toThrow(TypeError);
    }
    expect(port.written).toEqual([`rtp ${packet.toString('hex')}`, `rtcp ${packet.subarray(0, 8).toString('hex')}`]);
    pc.close();
    expect([tap.write(packet), port.observer]).toEqual([false, null]);
    tap.stop();
    expect(tap.write(packet)).toBe(false);
  });

  it('is one of a sender or receiver', () => {
    for (const wrong of [undefined, {}, makeTrack('video')])
      expect(() => new RTCRtpPacketTap(wrong as never)).toThrow(TypeError);
  });
});
