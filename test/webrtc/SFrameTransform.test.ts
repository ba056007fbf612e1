import { webcrypto } from 'node:crypto';
import { once } from 'node:events';
import {
  RTCPeerConnection,
  RTCRtpSFrameDecryptor,
  RTCRtpSFrameEncryptor,
  SFrameDecrypterStream,
  SFrameDecryptorStream,
  SFrameEncrypterStream,
  SFrameEncryptorStream,
  SFrameTransform,
  SFrameTransformErrorEvent,
} from '../../lib';
import { parseHeader } from '../../lib/media/sframe/header';
import { createEncodedFrame } from '../../lib/webrtc/encoded-transform/encoded-frame';
import { receiverSlotsOf } from '../../lib/webrtc/RTCRtpReceiver';
import { senderSlotsOf } from '../../lib/webrtc/RTCRtpSender';
import { startProgram } from '../support/package-process';
import { audioFrame, FakeTap, videoFrame } from '../support/fake-tap';
import { makeTrack } from '../support/tracks';

const options = { cipherSuite: 'AES_128_GCM_SHA256_128' } as const;
const connections: RTCPeerConnection[] = [];

function importKey(first = 143, algorithm = 'HKDF', usages: webcrypto.KeyUsage[] = ['deriveBits', 'deriveKey']) {
  const raw = Uint8Array.from({ length: 16 }, (_, index) => (first + index) & 0xff);
  return webcrypto.subtle.importKey('raw', raw, algorithm, false, usages);
}

function setUp(kind: 'audio' | 'video' = 'video') {
  const pc = new RTCPeerConnection();
  connections.push(pc);
  const { sender, receiver } = pc.addTransceiver(makeTrack(kind));
  const [sent, received] = [new FakeTap(), new FakeTap()];
  senderSlotsOf(sender).encodedFrames.attachTap(sent);
  receiverSlotsOf(receiver).encodedFrames.attachTap(received);
  return { sender, receiver, sent, received };
}

const errorOf = (target: EventTarget) =>
  new Promise<SFrameTransformErrorEvent>((resolve) => {
    target.addEventListener('error', (event) => resolve(event as SFrameTransformErrorEvent), { once: true });
  });

afterEach(() => {
  for (const pc of connections.splice(0)) pc.close();
});

describe('RTCRtpSFrameEncryptor and RTCRtpSFrameDecryptor', () => {
  it('frames are encrypted on one side, and decrypted on the other', async () => {
    const { sender, receiver, sent, received } = setUp();
    const [encryptor, decryptor] = [new RTCRtpSFrameEncryptor(options), new RTCRtpSFrameDecryptor(options)];
    sender.transform = encryptor;
    receiver.transform = decryptor;
    sent.emit(); // before there is a key: dropped
    await encryptor.setEncryptionKey(await importKey(), 1n << 63n);
    await decryptor.addDecryptionKey(await importKey(), 1n << 63n);
    sent.emit();
    expect(sent.written).toEqual([{ token: 2, data: expect.anything() as unknown }]);
    const { data } = sent.written[0]!;
    expect(data.byteLength).toBe(1 + 8 + 3 + 16);
    received.emit({ data });
    expect(received.texts).toEqual(['1: 2,2,3']);
  });

  it('a frame that cannot be decrypted is dropped, and told', async () => {
    const { receiver, received, sender, sent } = setUp('audio');
    const [encryptor, decryptor] = [new RTCRtpSFrameEncryptor(options), new RTCRtpSFrameDecryptor(options)];
    [sender.transform, receiver.transform] = [encryptor, decryptor];
    await encryptor.setEncryptionKey(await importKey(), 5);
    sent.emit(audioFrame(1));
    const sealed = sent.written[0]!.data;
    const errors: unknown[] = [];
    const emit = async (data: ArrayBuffer) => {
      const error = errorOf(decryptor);
      received.emit({ ...audioFrame(1), data: data.slice(0) });
      const { errorType, keyID, frame } = await error;
      errors.push([errorType, keyID, (frame as object).constructor.name]);
    };
    await emit(sealed);
    await emit(new ArrayBuffer(0));
    await decryptor.addDecryptionKey(await importKey(1), 5);
    await emit(sealed);
    await decryptor.removeDecryptionKey(5);
    await decryptor.removeDecryptionKey(5);
    await emit(sealed);
    await decryptor.addDecryptionKey(await importKey(), 5);
    received.emit({ ...audioFrame(2), data: sealed.slice(0) });
    await emit(sealed); // a second time
    expect(errors).toEqual([
      ['keyID', 5, 'RTCEncodedAudioFrame'],
      ['syntax', null, 'RTCEncodedAudioFrame'],
      ['authentication', null, 'RTCEncodedAudioFrame'],
      ['keyID', 5, 'RTCEncodedAudioFrame'],
      ['authentication', null, 'RTCEncodedAudioFrame'],
    ]);
    expect(received.texts).toEqual(['2: 1']);
  });

  it('keys are changed in the order of the calls', async () => {
    const { sender, receiver, sent, received } = setUp();
    const [encryptor, decryptor] = [new RTCRtpSFrameEncryptor(options), new RTCRtpSFrameDecryptor(options)];
    [sender.transform, receiver.transform] = [encryptor, decryptor];
    const key = await importKey();
    await Promise.all([1, 2, 3].map((id) => encryptor.setEncryptionKey(key, id)));
    await Promise.all([decryptor.addDecryptionKey(key, 3), decryptor.removeDecryptionKey(3)]);
    sent.emit();
    const { data } = sent.written[0]!;
    expect(parseHeader(new Uint8Array(data)).keyId).toBe(3n);
    const error = errorOf(decryptor);
    received.emit({ data: data.slice(0) });
    expect(await error).toMatchObject({ errorType: 'keyID', keyID: 3 });
    await decryptor.addDecryptionKey(await importKey(1), 3); // is over before the next begins
    await Promise.all([decryptor.removeDecryptionKey(3), decryptor.addDecryptionKey(key, 3)]);
    received.emit({ data: data.slice(0) });
    expect(received.texts).toEqual(['2: 1,2,3']);
  });

  it('a key that may not be read is used without a warning of Node.js', async () => {
    const child = startProgram(
      `const { RTCRtpSFrameEncryptor } = require('peerwire');
      const key = await crypto.subtle.importKey('raw', new Uint8Array(16), 'HKDF', false, ['deriveKey']);
      await new RTCRtpSFrameEncryptor({ cipherSuite: 'AES_128_GCM_SHA256_128' }).setEncryptionKey(key, 1);`,
      { nodeOptions: ['--throw-deprecation'] },
    );
    const [code] = (await once(child, 'exit')) as [number | null];
    expect(code).toBe(0);
  });

  it('each fits its own side only', () => {
    const { sender, receiver } = setUp();
    const wrong = [
      () => (sender.transform = new RTCRtpSFrameDecryptor(options) as never),
      () => (receiver.transform = new RTCRtpSFrameEncryptor(options) as never),
    ];
    for (const each of wrong) expect(each).toThrow(TypeError);
  });

  it('options and keys are checked', async () => {
    const Encryptor = RTCRtpSFrameEncryptor as unknown as new (...given: unknown[]) => RTCRtpSFrameEncryptor;
    for (const given of [[], [{}], [{ cipherSuite: 'x' }]]) expect(() => new Encryptor(...given)).toThrow(TypeError);
    expect(() => new Encryptor({ ...options, type: 'per-packet' })).toThrow(
      expect.objectContaining({ name: 'NotSupportedError' }),
    );
    const encryptor = new RTCRtpSFrameEncryptor(options);
    const key = await importKey();
    const set = (...given: unknown[]) =>
      Reflect.apply(encryptor.setEncryptionKey.bind(encryptor), null, given) as unknown;
    await expect(set(key)).rejects.toThrow(TypeError);
    await expect(set({}, 1)).rejects.toThrow(TypeError);
    await expect(set(key, -1)).rejects.toThrow(TypeError);
    await expect(set(key, 1n << 64n)).rejects.toThrow(new RangeError('Not a 64 bits integer'));
    await expect(set(key, -1n)).rejects.toThrow(RangeError);
    await expect(set(await importKey(1, 'AES-CTR', ['encrypt']), 1)).rejects.toMatchObject({
      name: 'InvalidModificationError',
    });
    await expect(set(key, (1n << 64n) - 1n)).resolves.toBeUndefined();
  });
});

describe.each([
  ['SFrameEncryptorStream, SFrameDecryptorStream', SFrameEncryptorStream, SFrameDecryptorStream],
  ['SFrameEncrypterStream, SFrameDecrypterStream', SFrameEncrypterStream, SFrameDecrypterStream],
])('%s', (_name, Encryptor, Decryptor) => {
  it('buffers, views and frames go through', async () => {
    const [encryptor, decryptor] = [new Encryptor(options), new Decryptor(options)];
    const key = await importKey();
    void encryptor.setEncryptionKey(key, 3); // the streams wait for it
    if ('addDecryptionKey' in decryptor) void decryptor.addDecryptionKey(key, 3);
    else void decryptor.setEncryptionKey(key, 3);
    void encryptor.readable.pipeTo(decryptor.writable);
    const writer = encryptor.writable.getWriter();
    const frame = createEncodedFrame(videoFrame(1), {});
    for (const chunk of [Uint8Array.of(1, 2).buffer, Uint8Array.of(9, 8, 7).subarray(1), frame])
      void writer.write(chunk);
    const reader = decryptor.readable.getReader();
    const [first, second, third] = [await reader.read(), await reader.read(), await reader.read()];
    expect([first, second].map(({ value }) => [...new Uint8Array(value as ArrayBuffer)])).toEqual([
      [1, 2],
      [8, 7],
    ]);
    expect(third.value).toBe(frame);
    expect([...new Uint8Array(frame.data)]).toEqual([1, 2, 3]);
  });

  it('what is neither errors the stream', async () => {
    const writer = new Encryptor(options).writable.getWriter();
    await expect(writer.write({})).rejects.toThrow(TypeError);
    await expect(writer.closed).rejects.toThrow(TypeError);
  });

  it('what cannot be decrypted is dropped, and told with the chunk', async () => {
    const decryptor = new Decryptor(options);
    const error = errorOf(decryptor);
    const reader = decryptor.readable.getReader();
    const chunk = new ArrayBuffer(3);
    const writer = decryptor.writable.getWriter();
    const end = reader.read();
    await writer.write(chunk);
    await writer.close();
    expect(await end).toEqual({ done: true, value: undefined });
    expect(await error).toMatchObject({ errorType: 'syntax', frame: chunk, keyID: null });
  });
});

describe('SFrameTransform', () => {
  it('encrypts at a sender, decrypts at a receiver, and has its streams locked from then on', async () => {
    const { sender, receiver, sent, received } = setUp();
    const [one, other] = [new SFrameTransform(), new SFrameTransform()];
    await one.setEncryptionKey(await importKey());
    await other.setEncryptionKey(await importKey());
    expect([one.readable.locked, one.writable.locked]).toEqual([false, false]);
    [sender.transform, receiver.transform] = [one, other];
    sent.emit();
    received.emit({ data: sent.written[0]!.data });
    expect(received.texts).toEqual(['1: 1,2,3']);
    sender.transform = null;
    expect([one.readable.locked, one.writable.locked]).toEqual([true, true]);
  });

  it('cannot be attached while its streams are in use', () => {
    const { sender } = setUp();
    const transform = new SFrameTransform();
    transform.readable.getReader();
    expect(() => {
      sender.transform = transform;
    }).toThrow(expect.objectContaining({ name: 'InvalidStateError' }));
    expect(sender.transform).toBeNull();
  });

  it('as a stream goes the way of its role; an empty buffer stands for what cannot be decrypted', async () => {
    const decrypting = new SFrameTransform({ role: 'decrypt' });
    await decrypting.setEncryptionKey(await importKey());
    const reader = decrypting.readable.getReader();
    const writer = decrypting.writable.getWriter();
    void writer.write(new ArrayBuffer(8));
    const empty = await reader.read();
    expect((empty.value as ArrayBuffer).byteLength).toBe(0);
    const encrypting = new SFrameTransform({ role: 'encrypt' });
    await encrypting.setEncryptionKey(await importKey());
    void encrypting.writable.getWriter().write(new ArrayBuffer(8));
    const { value } = await encrypting.readable.getReader().read();
    void writer.write(value);
    expect(((await reader.read()).value as ArrayBuffer).byteLength).toBe(8);
  });
});

describe('SFrameTransformErrorEvent', () => {
  it('is made of what its dictionary requires', () => {
    const Construct = SFrameTransformErrorEvent as unknown as new (...given: unknown[]) => SFrameTransformErrorEvent;
    for (const given of [
      [],
      ['error'],
      ['error', {}],
      ['error', { errorType: 'x', frame: 1 }],
      ['error', { errorType: 'keyID' }],
    ]) {
      expect(() => new Construct(...given)).toThrow(TypeError);
    }
    const event = new SFrameTransformErrorEvent('error', { errorType: 'keyID', frame: null, keyID: 1n << 63n });
    expect([event.type, event.errorType, event.frame, event.keyID]).toEqual(['error', 'keyID', null, 1n << 63n]);
    expect(new SFrameTransformErrorEvent('error', { errorType: 'syntax', frame: 1, keyID: 8 }).keyID).toBe(8);
  });
});
