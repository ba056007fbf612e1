import { once } from 'node:events';
import { MessageChannel } from 'node:worker_threads';
import { RTCPeerConnection, RTCRtpScriptTransform, type RTCRtpSender } from '../../lib';
import { receiverSlotsOf } from '../../lib/webrtc/RTCRtpReceiver';
import { senderSlotsOf } from '../../lib/webrtc/RTCRtpSender';
import { audioFrame, FakeTap } from '../support/fake-tap';
import { makeTrack } from '../support/tracks';
import { appending, startWorker, terminateWorkers, told } from '../support/transform-worker';

const connections: RTCPeerConnection[] = [];

function makeSender(kind: 'audio' | 'video' = 'video'): { sender: RTCRtpSender; tap: FakeTap; pc: RTCPeerConnection } {
  const pc = new RTCPeerConnection();
  connections.push(pc);
  const { sender } = pc.addTransceiver(makeTrack(kind));
  const tap = new FakeTap();
  senderSlotsOf(sender).encodedFrames.attachTap(tap);
  return { sender, tap, pc };
}

function makeReceiver(kind: 'audio' | 'video' = 'video') {
  const pc = new RTCPeerConnection();
  connections.push(pc);
  const { receiver } = pc.addTransceiver(kind);
  const tap = new FakeTap();
  receiverSlotsOf(receiver).encodedFrames.attachTap(tap);
  return { receiver, tap, pc };
}

afterEach(async () => {
  for (const pc of connections.splice(0)) pc.close();
  await terminateWorkers();
});

describe('frames go through a worker', () => {
  it('that waits for them with onRtcTransform()', async () => {
    const worker = startWorker(`${appending} peerwire.onRtcTransform(append);`);
    const { sender, tap } = makeSender();
    sender.transform = new RTCRtpScriptTransform(worker, { octet: 9 });
    for (let count = 0; count < 3; count++) tap.emit();
    await tap.until(() => tap.written.length === 3);
    expect(tap.texts).toEqual(['1: 1,2,3,9', '2: 2,2,3,9', '3: 3,2,3,9']);
  });

  it.each([
    ['with the package loaded', 'index'],
    ['with the polyfill loaded', 'polyfill'],
  ])('that has set onrtctransform, %s', async (_name, load) => {
    const worker = startWorker(`${appending} globalThis.onrtctransform = append; tell(typeof onrtctransform);`, load);
    expect(await told(worker)).toBe('function');
    const { receiver, tap } = makeReceiver();
    receiver.transform = new RTCRtpScriptTransform(worker);
    tap.emit();
    await tap.until(() => tap.written.length === 1);
    expect(tap.texts).toEqual(['1: 1,2,3,255']);
  });

  it('that has a global EventTarget', async () => {
    const worker = startWorker(
      `
      peerwire.uninstall();
      delete globalThis.onrtctransform;
      for (const file of Object.keys(require.cache)) delete require.cache[file];
      const events = new EventTarget();
      globalThis.addEventListener = events.addEventListener.bind(events);
      globalThis.dispatchEvent = (event) => { event.target = globalThis; return events.dispatchEvent(event); };
      require(process.cwd() + '/dist/polyfill.js');
      globalThis.onrtctransform = () => tell('handler');
      globalThis.addEventListener('rtctransform', (event) => tell(event.constructor.name));`,
      'polyfill',
    );
    const heard: unknown[] = [];
    worker.on('message', (message) => heard.push(message));
    new RTCRtpScriptTransform(worker);
    while (heard.length < 2) await told(worker);
    expect(heard).toEqual(['RTCTransformEvent', 'handler']);
  });

  it('that begins to wait long after the transform was made and frames came', async () => {
    const worker = startWorker(`${appending} parentPort.once('message', () => peerwire.onRtcTransform(append));`);
    const { sender, tap } = makeSender();
    worker.postMessage('begin');
    sender.transform = new RTCRtpScriptTransform(worker, { octet: 0 });
    tap.emit();
    tap.emit();
    await tap.until(() => tap.written.length === 2);
    expect(tap.texts).toEqual(['1: 1,2,3,0', '2: 2,2,3,0']);
  });

  it('that is told in another way, through a port of its own', async () => {
    const worker = startWorker(`${appending}
      peerwire.onRtcTransform(append);
      parentPort.once('message', (port) => port.on('message', (message) => tell(peerwire.receiveRtcTransform(message))));`);
    const { port1, port2 } = new MessageChannel();
    worker.postMessage(port2, [port2]);
    const { sender, tap } = makeSender();
    sender.transform = new RTCRtpScriptTransform(port1 as never);
    expect(await told(worker)).toBe(true);
    tap.emit();
    await tap.until(() => tap.written.length === 1);
    port1.postMessage('of ours');
    expect(await told(worker)).toBe(false);
    port1.close();
  });

  it('whose own messages it does not meet', async () => {
    const worker = startWorker(`peerwire.onRtcTransform(({ transformer }) => tell(transformer.options.text));
      parentPort.on('message', tell);`);
    const heard: unknown[] = [];
    worker.on('message', (message) => heard.push(message));
    worker.postMessage('before');
    new RTCRtpScriptTransform(worker, { text: 'a transform' });
    worker.postMessage('after');
    while (heard.length < 3) await told(worker);
    expect(heard).toEqual(['before', 'a transform', 'after']);
  });
});

describe('the constructor', () => {
  it('takes the worker alone or in a dictionary, and what is transferred with the options', async () => {
    const worker = startWorker(`
      peerwire.onRtcTransform(({ transformer: { options } }) => tell([options.name, options.data.byteLength]));`);
    const data = new ArrayBuffer(8);
    new RTCRtpScriptTransform({ worker, type: 'sframe' }, { name: 'x', data }, [data]);
    expect(await told(worker)).toEqual(['x', 8]);
    expect(data.byteLength).toBe(0);
  });

  it('refuses what is no worker, no sequence, and what cannot be cloned', () => {
    const construct = RTCRtpScriptTransform as unknown as new (...given: unknown[]) => object;
    const worker = startWorker('');
    expect(() => new construct()).toThrow(TypeError);
    expect(() => new construct({})).toThrow(TypeError);
    expect(() => new construct({ worker: {} })).toThrow(TypeError);
    expect(() => new construct({ worker, type: 'x' })).toThrow(TypeError);
    expect(() => new construct(worker, {}, 5)).toThrow(TypeError);
    expect(() => new construct(worker, () => undefined)).toThrow(expect.objectContaining({ name: 'DataCloneError' }));
  });
});

describe('transform', () => {
  it('is null at first, and takes what fits', () => {
    const worker = startWorker('');
    const { sender, tap } = makeSender();
    expect(sender.transform).toBeNull();
    expect(tap.reader).toBeNull();
    const transform = new RTCRtpScriptTransform(worker);
    sender.transform = transform;
    expect(sender.transform).toBe(transform);
    expect(() => {
      sender.transform = {} as never;
    }).toThrow(TypeError);
    expect(sender.transform).toBe(transform);
    sender.transform = undefined as never;
    expect([sender.transform, tap.reader]).toEqual([null, null]);
  });

  it('has one owner, for ever', () => {
    const worker = startWorker('');
    const { sender } = makeSender();
    const { receiver } = makeReceiver();
    const transform = new RTCRtpScriptTransform(worker);
    sender.transform = transform;
    sender.transform = transform;
    const again = (target: { transform: unknown }) => () => {
      target.transform = transform;
    };
    expect(again(receiver)).toThrow(expect.objectContaining({ name: 'InvalidStateError' }));
    sender.transform = null;
    expect(again(sender)).toThrow(expect.objectContaining({ name: 'InvalidStateError' }));
    expect(sender.transform).toBeNull();
  });

  it('can be replaced while frames flow: the former ends, what it still writes is dropped', async () => {
    const worker = startWorker(`
      peerwire.onRtcTransform(async ({ transformer: { options, readable, writable } }) => {
        const reader = readable.getReader();
        const writer = writable.getWriter();
        const kept = [];
        for (;;) {
          const { done, value } = await reader.read();
          if (done) break;
          if (options.keeps) { kept.push(value); tell('kept'); } else writer.write(value);
        }
        for (const frame of kept) await writer.write(frame);
        tell('ended');
      });`);
    const { sender, tap } = makeSender();
    sender.transform = new RTCRtpScriptTransform(worker, { keeps: true });
    tap.emit();
    expect(await told(worker)).toBe('kept');
    sender.transform = new RTCRtpScriptTransform(worker, {});
    expect(await told(worker)).toBe('ended');
    tap.emit();
    await tap.until(() => tap.written.length === 1);
    expect(tap.texts).toEqual(['2: 2,2,3']);
  });

  it('set before the codec runs sees its first frame', async () => {
    const worker = startWorker(`${appending} peerwire.onRtcTransform(append);`);
    const pc = new RTCPeerConnection();
    connections.push(pc);
    const { sender } = pc.addTransceiver(makeTrack('video'));
    sender.transform = new RTCRtpScriptTransform(worker);
    const tap = new FakeTap();
    senderSlotsOf(sender).encodedFrames.attachTap(tap);
    tap.emit();
    await tap.until(() => tap.written.length === 1);
  });

  it('ends when the connection is closed', async () => {
    const worker = startWorker(`${appending} peerwire.onRtcTransform((event) => { append(event); tell('begun'); });`);
    const { sender, tap, pc } = makeSender();
    sender.transform = new RTCRtpScriptTransform(worker);
    expect(await told(worker)).toBe('begun');
    pc.close();
    expect(await told(worker)).toBe('done');
    expect(tap.reader).toBeNull();
  });
});

describe('what a worker reads and writes', () => {
  it('frames that are written are detached at once, and cannot be written twice or out of order', async () => {
    const worker = startWorker(`
      peerwire.onRtcTransform(async ({ transformer: { readable, writable } }) => {
        const reader = readable.getReader();
        const writer = writable.getWriter();
        const [first, second] = [(await reader.read()).value, (await reader.read()).value];
        const write = writer.write(second);
        const size = second.data.byteLength;
        await Promise.all([write, writer.write(first), writer.write(second)]);
        tell([size, first.data.byteLength, second.getMetadata().frameId]);
      });`);
    const { sender, tap } = makeSender();
    sender.transform = new RTCRtpScriptTransform(worker);
    tap.emit();
    tap.emit();
    expect(await told(worker)).toEqual([0, 3, 2]);
    await tap.until(() => tap.written.length === 1);
    expect(tap.texts).toEqual(['2: 2,2,3']);
  });

  it('a copy is written in the place of its original, with what was changed', async () => {
    const worker = startWorker(`
      const { RTCEncodedVideoFrame } = peerwire;
      peerwire.onRtcTransform(async ({ transformer: { readable, writable } }) => {
        const { value } = await readable.getReader().read();
        const copy = new RTCEncodedVideoFrame(value, { metadata: { ...value.getMetadata(), rtpTimestamp: 77 } });
        const writer = writable.getWriter();
        await writer.write(copy);
        await writer.write(value);
        tell([value.data.byteLength, copy.data.byteLength]);
      });`);
    const { sender, tap } = makeSender();
    sender.transform = new RTCRtpScriptTransform(worker);
    tap.emit();
    expect(await told(worker)).toEqual([3, 0]);
    await tap.until(() => tap.written.length > 0);
    expect(tap.written).toEqual([{ token: 1, rtpTimestamp: 77, data: expect.anything() as unknown }]);
  });

  it('frames of another transform are dropped, and what is no frame errors the stream', async () => {
    const worker = startWorker(`
      const transformers = [];
      peerwire.onRtcTransform(async ({ transformer }) => {
        if (transformers.push(transformer) < 2) return;
        const { value } = await transformers[0].readable.getReader().read();
        const writer = transformers[1].writable.getWriter();
        const outcomes = [];
        for (const chunk of [value, null, value]) {
          outcomes.push(await writer.write(chunk).then(() => 'taken', (error) => error.name));
        }
        tell([...outcomes, value.data.byteLength]);
      });`);
    const [one, other] = [makeSender(), makeSender()];
    one.sender.transform = new RTCRtpScriptTransform(worker);
    other.sender.transform = new RTCRtpScriptTransform(worker);
    one.tap.emit();
    expect(await told(worker)).toEqual(['taken', 'TypeError', 'TypeError', 3]);
    expect([one.tap.written, other.tap.written]).toEqual([[], []]);
  });

  it('metadata of audio has times of the worker, and goes back by the engine’s clock', async () => {
    const worker = startWorker(`
      peerwire.onRtcTransform(async ({ transformer: { readable, writable } }) => {
        const { value } = await readable.getReader().read();
        const { receiveTime, captureTime, ...metadata } = value.getMetadata();
        tell([value.constructor.name, metadata, receiveTime + performance.timeOrigin, captureTime + performance.timeOrigin]);
        await writable.getWriter().write(value);
      });`);
    const { receiver, tap } = makeReceiver('audio');
    receiver.transform = new RTCRtpScriptTransform(worker);
    const frame = audioFrame(1);
    const heard = told(worker);
    tap.emit(frame);
    const [name, metadata, receiveTime, captureTime] = (await heard) as [string, object, number, number];
    expect(name).toBe('RTCEncodedAudioFrame');
    expect(metadata).toEqual({
      synchronizationSource: 4321,
      payloadType: 111,
      contributingSources: [7, 8],
      rtpTimestamp: 960,
      senderCaptureTimeOffset: 5,
      mimeType: 'audio/opus',
      sequenceNumber: 65_531,
      audioLevel: 0.1,
    });
    expect(receiveTime).toBeCloseTo(frame.receiveTime!, 3);
    expect(captureTime).toBeCloseTo(frame.captureTime!, 3);
    await tap.until(() => tap.written.length === 1);
    expect(tap.written[0]).toMatchObject({ token: 1, rtpTimestamp: 960, audioLevel: 20 });
    expect(tap.written[0]!.captureTime).toBeCloseTo(frame.captureTime!, 3);
  });
});

describe('key frames', () => {
  /** Says when promises settle, and when frames come. */
  const telling = `
    peerwire.onRtcTransform(async ({ transformer }) => {
      const tellOf = (name, promise) =>
        promise.then((value) => tell(name + (value ? ' ' + value : '')), (error) => tell(name + ' ' + error.name));
      transformer.options.port.on('message', ({ method, rid }) => tellOf(method, transformer[method](rid)));
      transformer.onkeyframerequest = (event) => {
        if (transformer.options.cancels) event.preventDefault();
        tell('request ' + event.rid);
      };
      for await (const frame of transformer.readable) tell('frame ' + frame.getMetadata().frameId);
    });`;

  async function transformOf(target: { transform: unknown }, options: object = {}) {
    const worker = startWorker(telling);
    const { port1, port2 } = new MessageChannel();
    target.transform = new RTCRtpScriptTransform(worker, { port: port2, ...options }, [port2]);
    await once(worker, 'online');
    return { worker, ask: (method: string, rid?: string) => port1.postMessage({ method, rid }), port: port1 };
  }

  it('generateKeyFrame() resolves just before the key frame that it asked for is read', async () => {
    const { sender, tap } = makeSender();
    const { worker, ask, port } = await transformOf(sender);
    const heard: unknown[] = [];
    worker.on('message', (message) => heard.push(message));
    ask('generateKeyFrame');
    await tap.until(() => tap.keyFrameRequests.length === 1);
    tap.emit({ type: 'delta' });
    tap.emit({ type: 'key' });
    while (heard.length < 3) await told(worker);
    expect(heard).toEqual(['frame 1', 'generateKeyFrame 6000', 'frame 2']);
    expect(tap.keyFrameRequests).toEqual([undefined]);
    port.close();
  });

  it('generateKeyFrame() of a layer waits for that layer', async () => {
    const pc = new RTCPeerConnection();
    connections.push(pc);
    const { sender } = pc.addTransceiver(makeTrack('video'), {
      sendEncodings: [{ rid: 'a' }, { rid: 'b' }, { rid: 'c', active: false }],
    });
    const tap = new FakeTap();
    senderSlotsOf(sender).encodedFrames.attachTap(tap);
    const { worker, ask, port } = await transformOf(sender);
    const heard: unknown[] = [];
    worker.on('message', (message) => heard.push(message));
    ask('generateKeyFrame', 'b');
    await tap.until(() => tap.keyFrameRequests.length === 1);
    ask('generateKeyFrame');
    await tap.until(() => tap.keyFrameRequests.length === 2);
    tap.emit({ type: 'key', rid: 'b' });
    tap.emit({ type: 'key', rid: 'a' });
    while (heard.length < 4) await told(worker);
    expect(heard).toEqual(['generateKeyFrame 3000', 'frame 1', 'generateKeyFrame 6000', 'frame 2']);
    expect(tap.keyFrameRequests).toEqual([['b'], ['a', 'b']]);
    for (const rid of ['c', 'x', 'not a rid', '']) ask('generateKeyFrame', rid);
    while (heard.length < 8) await told(worker);
    expect(heard.slice(4).sort()).toEqual([
      'generateKeyFrame NotAllowedError',
      'generateKeyFrame NotAllowedError',
      'generateKeyFrame NotFoundError',
      'generateKeyFrame NotFoundError',
    ]);
    port.close();
  });

  it('sendKeyFrameRequest() asks the peer', async () => {
    const { receiver, tap } = makeReceiver();
    const { worker, ask, port } = await transformOf(receiver);
    ask('sendKeyFrameRequest');
    expect(await told(worker)).toBe('sendKeyFrameRequest');
    expect(tap.keyFrameRequests).toEqual([undefined]);
    port.close();
  });

  it.each([
    ['generateKeyFrame', () => makeReceiver().receiver],
    ['generateKeyFrame', () => makeSender('audio').sender],
    ['sendKeyFrameRequest', () => makeReceiver('audio').receiver],
    ['sendKeyFrameRequest', () => makeSender().sender],
  ])('%s() is an InvalidStateError where there is no such codec (%#)', async (method, make) => {
    const { worker, ask, port } = await transformOf(make() as { transform: unknown });
    ask(method);
    expect(await told(worker)).toBe(`${method} InvalidStateError`);
    port.close();
  });

  it.each([false, true])(
    'a request of the peer is an event, and is answered unless cancelled (%p)',
    async (cancels) => {
      const { sender, tap } = makeSender();
      const { worker, ask, port } = await transformOf(sender, { cancels });
      tap.onkeyframerequest!();
      expect(await told(worker)).toBe('request null');
      // Whatever it leads to comes before the answer to this.
      ask('generateKeyFrame', 'none');
      expect(await told(worker)).toBe('generateKeyFrame NotFoundError');
      expect(tap.keyFrameRequests).toEqual(cancels ? [] : [undefined]);
      port.close();
    },
  );
});

describe('a worker that does not keep up', () => {
  it('gets 60 frames, then none up to the next key frame; and one is asked for', async () => {
    const worker = startWorker(`
      peerwire.onRtcTransform(({ transformer }) => {
        const reader = transformer.readable.getReader();
        transformer.options.port.on('message', async (count) => {
          const ids = [];
          while (ids.length < count) ids.push((await reader.read()).value.getMetadata().frameId);
          tell(ids);
        });
        tell('begun');
      });`);
    const { sender, tap } = makeSender();
    const { port1, port2 } = new MessageChannel();
    sender.transform = new RTCRtpScriptTransform(worker, { port: port2 }, [port2]);
    expect(await told(worker)).toBe('begun');
    for (let count = 0; count < 70; count++) tap.emit();
    expect(tap.keyFrameRequests).toEqual([undefined]);
    port1.postMessage(60);
    expect(await told(worker)).toEqual(Array.from({ length: 60 }, (_, index) => index + 1));
    tap.emit({ type: 'delta' });
    tap.emit({ type: 'key' });
    tap.emit({ type: 'delta' });
    port1.postMessage(2);
    expect(await told(worker)).toEqual([72, 73]);
    port1.close();
  });

  it('goes on after the key frame that was asked for came while too many waited', async () => {
    const worker = startWorker(`
      peerwire.onRtcTransform(({ transformer }) => {
        const reader = transformer.readable.getReader();
        transformer.options.port.on('message', async (count) => {
          for (let read = 1; read < count; read++) await reader.read();
          tell((await reader.read()).value.getMetadata().frameId);
        });
        tell('begun');
      });`);
    const { receiver, tap } = makeReceiver();
    const { port1, port2 } = new MessageChannel();
    receiver.transform = new RTCRtpScriptTransform(worker, { port: port2 }, [port2]);
    expect(await told(worker)).toBe('begun');
    for (let count = 0; count < 61; count++) tap.emit();
    tap.emit({ type: 'key' });
    port1.postMessage(60);
    expect(await told(worker)).toBe(60);
    expect(tap.keyFrameRequests).toHaveLength(1);
    tap.emit();
    expect(tap.keyFrameRequests).toHaveLength(2);
    tap.emit({ type: 'key' });
    port1.postMessage(1);
    expect(await told(worker)).toBe(64);
    port1.close();
  });

  it('was terminated: frames are dropped, requests of the peer go to the encoder, the next transform works', async () => {
    const worker = startWorker(`${appending} peerwire.onRtcTransform((event) => { append(event); tell('begun'); });`);
    const { sender, tap } = makeSender();
    sender.transform = new RTCRtpScriptTransform(worker);
    expect(await told(worker)).toBe('begun');
    await worker.terminate();
    for (let count = 0; count < 100; count++) tap.emit();
    tap.onkeyframerequest!();
    await tap.until(() => tap.keyFrameRequests.length > 0);
    expect(tap.written).toEqual([]);
    const next = startWorker(`${appending} peerwire.onRtcTransform(append);`);
    sender.transform = new RTCRtpScriptTransform(next, { octet: 1 });
    const token = tap.emit();
    await tap.until(() => tap.written.length === 1);
    expect(tap.written[0]!.token).toBe(token);
  });

  it('was terminated before: the constructor works, frames are dropped', async () => {
    const worker = startWorker('');
    await worker.terminate();
    const { sender, tap } = makeSender();
    sender.transform = new RTCRtpScriptTransform(worker);
    for (let count = 0; count < 100; count++) tap.emit();
    expect(tap.written).toEqual([]);
  });
});
