import { RTCEncodedAudioFrame, RTCEncodedVideoFrame } from '../../lib';
import { createEncodedFrame } from '../../lib/webrtc/encoded-transform/encoded-frame';
import { changesOf } from '../../lib/webrtc/encoded-transform/encoded-frame-slots';
import { audioFrameSlotsOf } from '../../lib/webrtc/encoded-transform/RTCEncodedAudioFrame';
import { audioFrame, videoFrame } from '../support/fake-tap';

const owner = {};
const makeVideo = () => createEncodedFrame(videoFrame(1), owner) as RTCEncodedVideoFrame;
const makeAudio = (members = {}) => createEncodedFrame({ ...audioFrame(1), ...members }, owner) as RTCEncodedAudioFrame;
const invalidModification = expect.objectContaining({ name: 'InvalidModificationError' }) as Error;

describe('RTCEncodedVideoFrame', () => {
  it('has type, data, timestamp and metadata; only what is known is there', () => {
    const frame = makeVideo();
    expect([frame.type, frame.data.byteLength, frame.timestamp]).toEqual(['key', 3, 3000]);
    expect(frame.getMetadata()).toEqual({
      synchronizationSource: 1234,
      payloadType: 96,
      contributingSources: [],
      rtpTimestamp: 3000,
      mimeType: 'video/VP8',
      frameId: 1,
      dependencies: [],
      width: 640,
      height: 360,
      spatialIndex: 0,
      temporalIndex: 0,
    });
  });

  it('gives metadata out as copies', () => {
    const frame = makeVideo();
    const metadata = frame.getMetadata();
    metadata.width = 1;
    metadata.dependencies!.push(5);
    metadata.contributingSources!.push(5);
    expect(frame.getMetadata()).toMatchObject({ width: 640, dependencies: [], contributingSources: [] });
  });

  it('data can be set to an ArrayBuffer, and nothing else', () => {
    const frame = makeVideo();
    const data = new ArrayBuffer(1);
    frame.data = data;
    expect(frame.data).toBe(data);
    for (const wrong of [null, undefined, 'text', new Uint8Array(1), new SharedArrayBuffer(1)]) {
      expect(() => {
        frame.data = wrong as ArrayBuffer;
      }).toThrow(TypeError);
    }
    expect(frame.data).toBe(data);
  });

  it('is copied by its constructor, data and all', () => {
    const frame = makeVideo();
    const copy = new RTCEncodedVideoFrame(frame, { metadata: { rtpTimestamp: 100, timestamp: 5 } });
    new Uint8Array(copy.data)[0] = 77;
    expect([new Uint8Array(frame.data)[0], frame.timestamp, copy.timestamp, copy.type]).toEqual([1, 3000, 100, 'key']);
    expect(copy.getMetadata()).toEqual({ ...frame.getMetadata(), rtpTimestamp: 100, timestamp: 5 });
  });

  it('cannot be made of something else', () => {
    const construct = RTCEncodedVideoFrame as unknown as new (...given: unknown[]) => object;
    for (const given of [[], [{}], [makeAudio()], [makeVideo(), 5], [makeVideo(), { metadata: 5 }]]) {
      expect(() => new construct(...given)).toThrow(TypeError);
    }
  });

  it.each([
    { synchronizationSource: 1 },
    { payloadType: 1 },
    { contributingSources: [1] },
    { dependencies: [1] },
    { frameId: 9 },
    { width: 1 },
    { mimeType: 'video/VP9' },
    { senderCaptureTimeOffset: 5 },
  ])('%p cannot be changed', (metadata) => {
    const frame = makeVideo();
    expect(() => new RTCEncodedVideoFrame(frame, { metadata })).toThrow(invalidModification);
    expect(() => {
      frame.setMetadata({ ...metadata, rtpTimestamp: 1 });
    }).toThrow(invalidModification);
    expect(frame.timestamp).toBe(3000);
  });

  it('setMetadata() takes what getMetadata() gave, with another time', () => {
    const frame = makeVideo();
    frame.setMetadata({ ...frame.getMetadata(), rtpTimestamp: 42 });
    expect(frame.timestamp).toBe(42);
  });
});

describe('RTCEncodedAudioFrame', () => {
  it('is copied with the metadata it has, a sequence number above 32767 among it', () => {
    const frame = makeAudio();
    const metadata = frame.getMetadata();
    expect(metadata.sequenceNumber).toBe(65_531);
    const copy = new RTCEncodedAudioFrame(frame, { metadata });
    expect(copy.getMetadata()).toEqual(metadata);
  });

  it('has no type', () => {
    expect('type' in makeAudio()).toBe(false);
  });

  it.each([
    [0, 1],
    [6, 0.501],
    [20, 0.1],
    [126, 5.01e-7],
    [127, 0],
  ])('a level of -%p dBov is %p, and comes back the same', (level, linear) => {
    const frame = makeAudio({ audioLevel: level });
    expect(frame.getMetadata().audioLevel).toBeCloseTo(linear, 3);
    expect(changesOf(audioFrameSlotsOf(frame)!)).toMatchObject({ audioLevel: level });
  });

  it('levels and times beyond what can be sent are brought within it', () => {
    const frame = makeAudio();
    frame.setMetadata({ audioLevel: 1e-9 });
    expect(changesOf(audioFrameSlotsOf(frame)!).audioLevel).toBe(127);
    frame.setMetadata({ audioLevel: 5 });
    expect(changesOf(audioFrameSlotsOf(frame)!).audioLevel).toBe(0);
  });
});
