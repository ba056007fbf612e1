/** The life of a process: what holds it, what does not, and that it ends cleanly (users.md section 5.1). */
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runProgram, startProgram } from '../support/package-process';

/** An idle machine needs 0.1 s; the bound only tells "ends by itself" from "is held". */
const ENDS_WITHIN_MS = 8_000;

const endsByItself: Record<string, string> = {
  'requiring the package': ``,
  'a connection that is never closed': `new RTCPeerConnection();`,
  'getUserMedia() without stop()': `
    const { getUserMedia, mediaDevices } = require('peerwire');
    globalThis.kept = [await getUserMedia({ audio: true, video: true }), await mediaDevices.getDisplayMedia()];
    mediaDevices.ondevicechange = () => {};`,
  'a stopped track': `
    const stream = await require('peerwire').getUserMedia({ audio: true });
    stream.getTracks().forEach((track) => track.stop());`,
  'sinks and sources left open': `
    const { getUserMedia, nonstandard } = require('peerwire');
    const { RTCAudioSink, RTCAudioSource, RTCVideoSink, RTCVideoSource } = nonstandard;
    const stream = await getUserMedia({ audio: true, video: true });
    const sinks = [new RTCAudioSink(stream.getAudioTracks()[0]), new RTCVideoSink(stream.getVideoTracks()[0])];
    await Promise.all([
      new Promise((done) => { sinks[0].ondata = done; setTimeout(() => {}, 500); }),
      new Promise((done) => { sinks[1].onframe = done; }),
    ]);
    globalThis.kept = [new RTCAudioSource(), new RTCVideoSource(), sinks];
    const source = new RTCAudioSource();
    globalThis.kept.push(new RTCAudioSink(source.createTrack()));
    source.onData({ samples: new Int16Array(10000), sampleRate: 8000 });`,
  'process.exit() while frames flow': `
    const { getUserMedia, nonstandard } = require('peerwire');
    const stream = await getUserMedia({ video: true });
    new nonstandard.RTCVideoSink(stream.getVideoTracks()[0]).onframe = () => process.exit(0);
    setTimeout(() => process.exit(1), 5000);`,
  'a closed connection': `new RTCPeerConnection().close();`,
  'a data channel on a connection that is never negotiated': `new RTCPeerConnection().createDataChannel('x');`,
  'an offer that nobody answers, gathering done': `
    const pc = new RTCPeerConnection();
    pc.createDataChannel('x');
    await pc.setLocalDescription();
    await new Promise((done) => { pc.onicecandidate = ({ candidate }) => candidate ?? done(); });
    console.log('gathered');`,
  'a remote offer that is never answered': `
    const a = new RTCPeerConnection(), b = new RTCPeerConnection();
    a.createDataChannel('x');
    await b.setRemoteDescription(await a.createOffer());`,
  'a generated certificate': `await RTCPeerConnection.generateCertificate({ name: 'ECDSA', namedCurve: 'P-256' });`,
  'a connected pair that was closed on both sides': `
    const { a, b } = await connectedPair();
    a.close();
    b.close();`,
  'a connected pair that was closed on one side': `
    const { a } = await connectedPair();
    a.close();`,
  'a connected pair that was unref()ed': `
    const { a, b } = await connectedPair();
    a.unref();
    b.unref();`,
  'process.exit() with a connected pair': `
    const { channel } = await connectedPair();
    channel.send('on its way');
    process.exit(0);`,
  'process.exit() in the midst of connecting': `
    const a = new RTCPeerConnection(), b = new RTCPeerConnection();
    a.createDataChannel('x');
    a.oniceconnectionstatechange = () => process.exit(0);
    join(a, b);`,
  'process.exit() in a message handler': `
    const { channel, remote } = await connectedPair();
    remote.onmessage = () => process.exit(0);
    channel.send('x');`,
  'close() in every kind of handler': `
    for (const event of ['icecandidate', 'icegatheringstatechange', 'iceconnectionstatechange', 'connectionstatechange',
                         'signalingstatechange']) {
      const a = new RTCPeerConnection(), b = new RTCPeerConnection();
      const fired = new Promise((done) => a.addEventListener(event, () => { a.close(); b.close(); done(); }));
      a.createDataChannel('x');
      join(a, b).catch(() => {});
      await fired;
    }
    const pc = new RTCPeerConnection();
    const needed = new Promise((done) => (pc.onnegotiationneeded = () => { pc.close(); done(); }));
    pc.createDataChannel('x');
    await needed;`,
};

const isHeld: Record<string, string> = {
  'a connected pair': `await connectedPair(); console.log('connected');`,
  'a pair that was unref()ed and ref()ed again': `
    const { a, b } = await connectedPair();
    a.unref(); b.unref(); a.ref();
    console.log('connected');`,
};

jest.setTimeout(2 * ENDS_WITHIN_MS);

describe('a process', () => {
  it('ends with process.exit() while authorities of TLS are read, many times', async () => {
    const program = `
      const transport = new (require('peerwire').RTCIceTransport)();
      transport.gather({ iceServers: [{ urls: 'turns:127.0.0.1:1', username: 'u', credential: 'p' }] });
      setTimeout(() => process.exit(0), TIME);`;
    const times = Array.from({ length: 12 }, (_, index) => 1 + index);
    for (const time of times) {
      const result = await runProgram(program.replace('TIME', String(time)), ENDS_WITHIN_MS);
      expect(result).toMatchObject({ code: 0, signal: null, stderr: '' });
    }
  });

  it.each(Object.keys(endsByItself))('ends by itself after %s', async (title) => {
    const result = await runProgram(endsByItself[title]!, ENDS_WITHIN_MS);
    expect(result).toMatchObject({ code: 0, signal: null, stderr: '' });
  });

  it.each(Object.keys(isHeld))('is held by %s', async (title) => {
    const child = startProgram(isHeld[title]!);
    try {
      await once(child.stdout!, 'data');
      const ended = once(child, 'exit').then(() => 'ended');
      // Absence of an end has no event: a second is what a held process is watched for.
      const watched = new Promise((done) => setTimeout(() => done('held'), 1_000));
      expect(await Promise.race([ended, watched])).toBe('held');
    } finally {
      child.kill('SIGKILL');
    }
  });

  it('is held by one of our async resources as long as that says so, which is what Jest asks for open handles', async () => {
    const result = await runProgram(
      `const resources = [];
       const { createHook } = require('node:async_hooks');
       createHook({ init: (id, type, trigger, resource) => type === 'peerwire events' && resources.push(resource) }).enable();
       const held = () => resources.map((resource) => resource.hasRef());
       new RTCPeerConnection();
       const told = [held()];
       const { a, b } = await connectedPair();
       told.push(held());
       a.close();
       b.close();
       told.push(held());
       console.log(JSON.stringify(told));`,
      ENDS_WITHIN_MS,
    );
    expect(result).toMatchObject({ code: 0, signal: null, stderr: '' });
    expect(JSON.parse(result.stdout)).toEqual([
      [false, false],
      [true, false],
      [false, false],
    ]);
  });

  it('is held by a sink of a file until the end of that, and not by one that has no end', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'peerwire-exit-'));
    const file = path.join(folder, 'sound.wav');
    const header = Buffer.from(
      '524946460000000057415645666d74201000000001000100401f0000803e00000200100064617461',
      'hex',
    );
    // Half a second at 8 kHz.
    const sound = Buffer.alloc(8000);
    writeFileSync(file, Buffer.concat([header, Buffer.of(0x40, 0x1f, 0, 0), sound]));
    const program = (loop: boolean) => `
      const { MediaStreamTrackProcessor, nonstandard } = require('peerwire');
      const [track] = (await nonstandard.openFile(${JSON.stringify(file)}, { loop: ${String(loop)} })).getTracks();
      let frames = 0;
      for await (const data of new MediaStreamTrackProcessor({ track, maxBufferSize: 100 }).readable) {
        frames += data.numberOfFrames;
        data.close();
      }
      console.log(frames);`;
    try {
      const ended = { code: 0, signal: null, stderr: '' };
      expect(await runProgram(program(false), ENDS_WITHIN_MS)).toMatchObject({ ...ended, stdout: '4000\n' });
      expect(await runProgram(program(true), ENDS_WITHIN_MS)).toMatchObject({ ...ended, stdout: '' });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('ends with code 1, not a signal, when a handler throws', async () => {
    const result = await runProgram(
      `const { channel, remote } = await connectedPair();
       remote.onmessage = () => { throw new Error('thrown on purpose'); };
       channel.send('x');`,
      ENDS_WITHIN_MS,
    );
    expect(result).toMatchObject({ code: 1, signal: null });
    expect(result.stderr).toContain('thrown on purpose');
  });

  it('ends after the other process closed the connection', async () => {
    const half = (offerer: boolean) => `
      const pc = new RTCPeerConnection();
      const early = [];
      let described = false;
      pc.onicecandidate = ({ candidate }) => process.send?.({ candidate });
      const channel = pc.createDataChannel('x', { negotiated: true, id: 0 });
      process.on('message', async (message) => {
        if (message === 'close') { pc.close(); process.disconnect(); return; }
        if (!('description' in message)) {
          if (described) await pc.addIceCandidate(message.candidate);
          else early.push(message.candidate);
          return;
        }
        await pc.setRemoteDescription(message.description);
        described = true;
        for (const candidate of early.splice(0)) await pc.addIceCandidate(candidate);
        if (message.description.type === 'offer') {
          await pc.setLocalDescription();
          process.send({ description: pc.localDescription });
        }
      });
      channel.onopen = () => process.send('open');
      ${offerer ? `await pc.setLocalDescription(); process.send({ description: pc.localDescription });` : ''}`;
    const [left, right] = [startProgram(half(true), { ipc: true }), startProgram(half(false), { ipc: true })];
    try {
      const opened = [left, right].map(
        (child) => new Promise<void>((done) => child.on('message', (message) => message === 'open' && done())),
      );
      left.on('message', (message) => message !== 'open' && right.send(message as object));
      right.on('message', (message) => message !== 'open' && left.send(message as object));
      await Promise.all(opened);
      const leftEnded = once(left, 'exit');
      const rightEnded = once(right, 'exit');
      right.disconnect();
      left.send('close');
      expect(await leftEnded).toEqual([0, null]);
      expect(await rightEnded).toEqual([0, null]);
    } finally {
      left.kill('SIGKILL');
      right.kill('SIGKILL');
    }
  });
});
