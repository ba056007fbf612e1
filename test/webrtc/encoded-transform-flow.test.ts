import { TransformStream } from 'node:stream/web';
import { webcrypto } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { Worker } from 'node:worker_threads';
import {
  nonstandard,
  RTCRtpScriptTransform,
  RTCRtpSender,
  RTCRtpSFrameDecryptor,
  RTCRtpSFrameEncryptor,
} from '../../lib';
import { liveNativeObjects } from '../../lib/binding/event-door';
import type { RTCEncodedFrame } from '../../lib/webrtc/encoded-transform/encoded-frame';
import { closePairs, fakeTrack, hearSound, seeNumbers, sendTrack } from '../support/media-pair';
import { startWorker, terminateWorkers } from '../support/transform-worker';

/** Frames through a worker: XOR, and the sums of the octets on the wire are told. */
const xoring = `
  const sum = (octets) => require('node:crypto').createHash('md5').update(octets).digest('hex');
  peerwire.onRtcTransform(async ({ transformer }) => {
    const { role } = transformer.options;
    transformer.onkeyframerequest = () => tell({ role, what: 'keyframerequest' });
    parentPort.on('message', async (message) => {
      if (message.role !== role) return;
      if (message.what === 'generate') tell({ role, what: 'generated', timestamp: await transformer.generateKeyFrame() });
      if (message.what === 'request') transformer.sendKeyFrameRequest();
    });
    const reader = transformer.readable.getReader();
    const writer = transformer.writable.getWriter();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return tell({ role, what: 'done' });
      const metadata = value.getMetadata();
      const octets = new Uint8Array(value.data);
      const before = sum(octets);
      for (let at = 0; at < octets.length; at++) octets[at] ^= 0xa5;
      const wire = role === 'encrypt' ? sum(octets) : before;
      tell({ role, what: 'frame', type: value.type, timestamp: metadata.rtpTimestamp, wire, metadata });
      writer.write(value);
    }
  });`;

interface Told {
  role: 'encrypt' | 'decrypt';
  what: string;
  type?: string;
  timestamp?: number;
  wire?: string;
  metadata?: Record<string, unknown>;
}

/** Everything that a worker has told, and a promise of what it tells. */
function listen(worker: Worker): { all: Told[]; until(fits: (told: Told, all: Told[]) => boolean): Promise<Told> } {
  const all: Told[] = [];
  const waiting = new Set<(told: Told) => void>();
  worker.on('message', (told: Told) => {
    all.push(told);
    for (const each of [...waiting]) each(told);
  });
  const until = (fits: (told: Told, all: Told[]) => boolean) =>
    new Promise<Told>((resolve) => {
      const judge = (told: Told) => {
        if (!fits(told, all)) return;
        waiting.delete(judge);
        resolve(told);
      };
      waiting.add(judge);
    });
  return { all, until };
}

const ofKind = (all: Told[], role: string) => all.filter((told) => told.what === 'frame' && told.role === role);

async function sendThroughWorker(kind: 'audio' | 'video') {
  const worker = startWorker(xoring);
  const told = listen(worker);
  const pair = await sendTrack(await fakeTrack(kind), {
    codec: kind === 'audio' ? 'opus' : 'VP8',
    prepareSender: (sender) => (sender.transform = new RTCRtpScriptTransform(worker, { role: 'encrypt' })),
    prepareReceiver: (receiver) => (receiver.transform = new RTCRtpScriptTransform(worker, { role: 'decrypt' })),
  });
  return { ...pair, worker, told };
}

afterEach(async () => {
  closePairs();
  await terminateWorkers();
  expect(liveNativeObjects().requests).toBe(0);
});

describe('an RTCRtpScriptTransform on each side', () => {
  test('VP8: pictures arrive, and are not themselves on the wire', async () => {
    const { receiver, told } = await sendThroughWorker('video');
    const numbers = await seeNumbers(receiver.track, 20);
    expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
    const [sent, received] = [ofKind(told.all, 'encrypt'), ofKind(told.all, 'decrypt')];
    const wires = new Map(sent.map(({ timestamp, wire }) => [timestamp, wire]));
    expect(received.length).toBeGreaterThanOrEqual(20);
    for (const { timestamp, wire } of received) expect(wire).toBe(wires.get(timestamp));
    expect(sent[0]).toMatchObject({ type: 'key' });
    expect(sent[0]!.metadata).toMatchObject({
      frameId: 0,
      dependencies: [],
      width: 320,
      height: 240,
      mimeType: 'video/VP8',
      contributingSources: [],
    });
    expect(sent[1]!.metadata).toMatchObject({ frameId: 1, dependencies: [0] });
    expect(received[0]!.metadata).toMatchObject({ mimeType: 'video/VP8', receiveTime: expect.any(Number) as unknown });
    // Nothing on the wire says so of VP8 without a dependency descriptor.
    expect(received[0]!.metadata).not.toHaveProperty('frameId');
  });

  test('VP9 in spatial layers: each is a frame, and together they are pictures', async () => {
    const worker = startWorker(xoring);
    const told = listen(worker);
    const { receiver } = await sendTrack(await fakeTrack('video', { width: 640, height: 360 }), {
      codec: 'VP9',
      scalabilityMode: 'L2T1_KEY',
      prepareSender: (sender) => (sender.transform = new RTCRtpScriptTransform(worker, { role: 'encrypt' })),
      prepareReceiver: (receiver) => (receiver.transform = new RTCRtpScriptTransform(worker, { role: 'decrypt' })),
    });
    const hasUpper = ({ role, metadata }: Told) => role === 'decrypt' && metadata?.['spatialIndex'] === 1;
    await told.until((_, all) => all.filter(hasUpper).length >= 10);
    await seeNumbers(receiver.track, 10);
    const sent = ofKind(told.all, 'encrypt');
    const first = sent.findIndex(({ metadata }) => metadata!['spatialIndex'] === 1) - 1;
    // A key picture begins it: the layer below alone is a key frame.
    const [lower, upper, next, nextUpper] = sent.slice(first);
    expect([lower!.type, upper!.type]).toEqual(['key', 'delta']);
    expect(lower!.metadata).toMatchObject({ spatialIndex: 0, width: 320, height: 180, dependencies: [] });
    const { frameId } = lower!.metadata as { frameId: number };
    expect(upper!.metadata).toMatchObject({ spatialIndex: 1, width: 640, height: 360, dependencies: [frameId] });
    expect(upper!.timestamp).toBe(lower!.timestamp);
    expect(next!.metadata).toMatchObject({ spatialIndex: 0, dependencies: [frameId] });
    expect(nextUpper!.metadata).toMatchObject({ spatialIndex: 1, dependencies: [frameId + 1] });
    const wires = new Set(sent.map(({ wire }) => wire));
    for (const { wire } of ofKind(told.all, 'decrypt')) expect(wires.has(wire)).toBe(true);
  });

  test('Opus: sound arrives, and packets are numbered', async () => {
    const { receiver, told } = await sendThroughWorker('audio');
    await hearSound(receiver.track, 20);
    const [sent, received] = [ofKind(told.all, 'encrypt'), ofKind(told.all, 'decrypt')];
    const wires = new Map(sent.map(({ timestamp, wire }) => [timestamp, wire]));
    for (const { timestamp, wire } of received) expect(wire).toBe(wires.get(timestamp));
    const numbers = received.map(({ metadata }) => metadata!['sequenceNumber'] as number);
    expect(numbers.slice(0, 5)).toEqual(Array.from({ length: 5 }, (_, at) => (numbers[0]! + at) & 0xffff));
    expect(received[0]!.metadata).toMatchObject({ mimeType: 'audio/opus', audioLevel: expect.any(Number) as unknown });
  });

  test('a keyframe that is generated comes, with its timestamp', async () => {
    const { receiver, told, worker } = await sendThroughWorker('video');
    await seeNumbers(receiver.track, 3);
    const before = told.all.length;
    const generated = told.until(({ what }) => what === 'generated');
    worker.postMessage({ role: 'encrypt', what: 'generate' });
    const { timestamp } = await generated;
    // Not the only one: the transform of the receiver has asked for a keyframe when it was set.
    const isIt = (one: Told) => one.type === 'key' && one.role === 'encrypt' && one.timestamp === timestamp;
    if (!told.all.slice(before).some(isIt)) await told.until(isIt);
  });

  test('a keyframe that the receiver asks for is asked of the transform of the sender, and comes', async () => {
    const { receiver, told, worker } = await sendThroughWorker('video');
    await seeNumbers(receiver.track, 3);
    const before = told.all.length;
    const asked = told.until(({ what }) => what === 'keyframerequest');
    const came = told.until(
      ({ type, role }, all) =>
        type === 'key' && role === 'encrypt' && all.slice(before).some(({ what }) => what === 'keyframerequest'),
    );
    worker.postMessage({ role: 'decrypt', what: 'request' });
    await expect(asked).resolves.toMatchObject({ role: 'encrypt' });
    await expect(came).resolves.toMatchObject({ type: 'key' });
  });

  test('after a worker has ended nothing is sent, until the transform is taken away', async () => {
    const { receiver, sender, worker } = await sendThroughWorker('video');
    await seeNumbers(receiver.track, 3);
    await worker.terminate();
    sender.transform = null;
    receiver.transform = null;
    expect(await seeNumbers(receiver.track, 3)).toHaveLength(3);
  });

  test('it ends with its transceiver, and with its connection', async () => {
    for (const end of ['stop', 'close'] as const) {
      const { a, receiver, told } = await sendThroughWorker('video');
      await seeNumbers(receiver.track, 3);
      const done = told.until(({ what, role }) => what === 'done' && role === 'encrypt');
      if (end === 'stop') {
        a.getTransceivers()[0]!.stop();
        await a.setLocalDescription();
      } else {
        a.close();
      }
      a.close();
      await done;
      closePairs();
    }
  });
});

test('createEncodedStreams() gives frames in this thread', async () => {
  let count = 0;
  const invert = (target: { createEncodedStreams(): { readable: any; writable: any } }) => {
    const { readable, writable } = target.createEncodedStreams();
    const inverting = new TransformStream<RTCEncodedFrame, RTCEncodedFrame>({
      transform(frame, controller) {
        const octets = new Uint8Array(frame.data);
        octets.forEach((octet, at) => (octets[at] = octet ^ 0xff));
        count += 1;
        controller.enqueue(frame);
      },
    });
    void readable.pipeThrough(inverting).pipeTo(writable);
  };
  const { receiver } = await sendTrack(await fakeTrack('video'), {
    codec: 'VP8',
    configuration: { encodedInsertableStreams: true } as never,
    prepareSender: invert,
    prepareReceiver: invert,
  });
  await seeNumbers(receiver.track, 10);
  expect(count).toBeGreaterThanOrEqual(20);
});

test('RED and tones go through transforms, and not past them', async () => {
  const sent = new Map<string, number>();
  const received = new Map<string, number>();
  const xor = (target: { createEncodedStreams(): { readable: any; writable: any } }, counts: Map<string, number>) => {
    const { readable, writable } = target.createEncodedStreams();
    const xoring = new TransformStream<RTCEncodedFrame, RTCEncodedFrame>({
      transform(frame, controller) {
        const { mimeType } = frame.getMetadata() as { mimeType: string };
        counts.set(mimeType, (counts.get(mimeType) ?? 0) + 1);
        const octets = new Uint8Array(frame.data);
        octets.forEach((octet, at) => (octets[at] = octet ^ 0xa5));
        controller.enqueue(frame);
      },
    });
    void readable.pipeThrough(xoring).pipeTo(writable);
  };
  const shown = new Set<string>();
  const { sender, receiver } = await sendTrack(await fakeTrack('audio'), {
    prepareSender: (each, transceiver) => {
      const { codecs } = RTCRtpSender.getCapabilities('audio')!;
      const isRed = ({ mimeType }: { mimeType: string }) => mimeType === 'audio/red';
      transceiver.setCodecPreferences([...codecs.filter(isRed), ...codecs.filter((codec) => !isRed(codec))]);
      xor(each, sent);
    },
    prepareReceiver: (each) => {
      xor(each, received);
      const sink = new nonstandard.RTCEncodedAudioSink(each);
      sink.onframe = ({ frame }: { frame: { mimeType: string } }) => shown.add(frame.mimeType);
    },
  });
  await hearSound(receiver.track, 10);
  sender.dtmf!.insertDTMF('5', 70, 30);
  while ((received.get('audio/telephone-event') ?? 0) < 3) await wait(20);
  expect([...received.keys()].sort()).toEqual(['audio/red', 'audio/telephone-event']);
  expect([...sent.keys()].sort()).toEqual(['audio/red', 'audio/telephone-event']);
  expect([...shown]).toEqual(['audio/red']);
});

describe('SFrame', () => {
  const importKey = () =>
    webcrypto.subtle.importKey(
      'raw',
      Uint8Array.from({ length: 32 }, (_, at) => at),
      'HKDF',
      false,
      ['deriveBits', 'deriveKey'],
    );

  test.each([
    'AES_128_CTR_HMAC_SHA256_80',
    'AES_128_CTR_HMAC_SHA256_64',
    'AES_128_CTR_HMAC_SHA256_32',
    'AES_128_GCM_SHA256_128',
    'AES_256_GCM_SHA512_128',
    'AES_256_CTR_HMAC_SHA512_80',
    'AES_256_CTR_HMAC_SHA512_64',
    'AES_256_CTR_HMAC_SHA512_32',
  ] as const)('%s, video and sound', async (cipherSuite) => {
    const key = await importKey();
    for (const kind of ['video', 'audio'] as const) {
      const { receiver } = await sendTrack(await fakeTrack(kind), {
        codec: kind === 'audio' ? 'opus' : 'VP8',
        prepareSender: async (sender) => {
          const transform = new RTCRtpSFrameEncryptor({ cipherSuite });
          await transform.setEncryptionKey(key, 1);
          sender.transform = transform;
        },
        prepareReceiver: async (receiver) => {
          const transform = new RTCRtpSFrameDecryptor({ cipherSuite });
          await transform.addDecryptionKey(key, 1);
          receiver.transform = transform;
        },
      });
      if (kind === 'video') await seeNumbers(receiver.track, 10);
      else await hearSound(receiver.track, 10);
    }
  });
});
