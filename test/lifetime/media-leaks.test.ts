/** What media leaves behind: objects that nobody stopped or closed go with whoever held them, and threads with them. */
import { spawnSync } from 'node:child_process';
import { measureProgram } from '../support/package-process';

const PROGRAM = `
  const fs = require('node:fs');
  const held = setInterval(() => {}, 1000); // frames do not hold the process
  const { getUserMedia, nonstandard, MediaStreamTrackProcessor, VideoTrackGenerator, VideoFrame } = require('peerwire');
  const { RTCAudioSink, RTCAudioSource, RTCVideoSink, RTCVideoSource } = nonstandard;
  const { liveNativeObjects } = require('./dist/binding.js');
  const turn = () => new Promise((done) => setImmediate(done));
  /** Finalizers run in turns of their own; until nothing is left, or for as long as that could take. */
  const collected = async () => {
    const left = () => liveNativeObjects().handles + liveNativeObjects().sinks;
    for (let i = 0; i < 500 && left() > 0; i++) { gc(); await turn(); }
    return liveNativeObjects();
  };
  const picture = { width: 64, height: 64, data: new Uint8Array(6144) };
  const sound = { samples: new Int16Array(480), sampleRate: 48000 };`;

async function run(source: string): Promise<any> {
  const result = await measureProgram(`${PROGRAM}${source}\nclearInterval(held);`, 100_000);
  expect({ code: result.code, stderr: result.stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(result.stdout);
}

const nothing = { handles: 0, sinks: 0, holders: 0, requests: 0 };

describe('media that nobody stopped', () => {
  test('programs’ sources with their tracks and sinks', async () => {
    const left = await run(`
      const make = async () => {
        const video = new RTCVideoSource(), audio = new RTCAudioSource();
        const frames = new Promise((done) => { new RTCVideoSink(video.createTrack()).onframe = done; });
        const blocks = new Promise((done) => { new RTCAudioSink(audio.createTrack().clone()).ondata = done; });
        video.onFrame(picture);
        audio.onData(sound);
        await Promise.all([frames, blocks]);
      };
      for (let i = 0; i < 50; i++) await make();
      console.log(JSON.stringify(await collected()));`);
    expect(left).toEqual(nothing);
  });

  test('devices whose sinks were stopped, and generators', async () => {
    const left = await run(`
      const make = async () => {
        const stream = await getUserMedia({ audio: true, video: true });
        const [track] = stream.getVideoTracks();
        const sink = new RTCVideoSink(track);
        await new Promise((done) => { sink.onframe = done; });
        sink.stop();
        const generator = new VideoTrackGenerator();
        const { readable } = new MediaStreamTrackProcessor({ track: generator.track });
        const read = readable.getReader().read();
        const frame = new VideoFrame(new Uint8Array(4), { format: 'RGBX', codedWidth: 1, codedHeight: 1, timestamp: 0 });
        await generator.writable.getWriter().write(frame);
        (await read).value.close();
      };
      for (let i = 0; i < 20; i++) await make();
      console.log(JSON.stringify(await collected()));`);
    expect(left).toEqual(nothing);
  });

  const hasFfmpeg = spawnSync('ffmpeg', ['-version']).status === 0;
  if (!hasFfmpeg) console.log('skipped: files that FFmpeg plays, which is not installed');
  (hasFfmpeg ? test : test.skip)(
    'files that FFmpeg plays, and its pipes',
    async () => {
      const left = await run(`
      const folder = fs.mkdtempSync(require('node:path').join(require('node:os').tmpdir(), 'peerwire-leaks-'));
      const input = ['-f', 'lavfi', '-i', 'testsrc=size=64x48:rate=10:duration=5'];
      require('node:child_process').execFileSync('ffmpeg', ['-v', 'error', ...input, '-c:v', 'mpeg4', folder + '/a.mp4']);
      const play = async () => {
        const stream = await nonstandard.openFile(folder + '/a.mp4', { loop: true });
        const sink = new RTCVideoSink(stream.getVideoTracks()[0]);
        await new Promise((done) => { sink.onframe = done; });
        sink.stop();
        return stream;
      };
      const descriptors = () => fs.readdirSync('/proc/self/fd').length;
      const first = await play();
      const playing = descriptors();
      for (const track of first.getTracks()) track.stop();
      const ends = async (most) => {
        for (let i = 0; i < 500 && descriptors() > most; i++) await new Promise((done) => setTimeout(done, 10));
        return descriptors();
      };
      const before = await ends(playing - 3);
      for (let i = 0; i < 2; i++) await play();
      const objects = await collected();
      console.log(JSON.stringify({ ...objects, more: (await ends(before)) - before }));
      fs.rmSync(folder, { recursive: true });`);
      expect(left).toEqual({ ...nothing, more: 0 });
    },
    100_000,
  );

  test('pictures that flow leave memory flat', async () => {
    const growth = await run(`
      const source = new RTCVideoSource();
      const sink = new RTCVideoSink(source.createTrack());
      const hd = { width: 1280, height: 720, data: new Uint8Array(1382400) };
      const round = async () => {
        for (let i = 0; i < 500; i++) {
          const received = new Promise((done) => { sink.onframe = done; });
          source.onFrame(hd);
          await received;
        }
        gc(); await turn(); gc();
        return process.memoryUsage.rss();
      };
      // Threads of V8 free buffers when they get to it: on a busy machine that is a round or two later.
      let [size, growth] = [await round(), Infinity];
      for (let i = 0; i < 12 && growth >= 4e6; i++) {
        const before = size;
        size = await round();
        growth = Math.min(growth, size - before);
      }
      console.log(growth);`);
    // 500 pictures of 1.4 MB: what leaked one in a hundred of them would grow by 7 MB in each round.
    expect(growth).toBeLessThan(4e6);
  });
});

describe('closed connections go, though the track that they sent lives on', () => {
  test.each([
    ['from the beginning', 'pc.addTrack(track);'],
    [
      'since a replaceTrack() during which its transceiver stopped',
      `const transceiver = pc.addTransceiver('video');
       const replaced = transceiver.sender.replaceTrack(track);
       transceiver.stop();
       await replaced;`,
    ],
    [
      'while its parameters were being set',
      `const sender = pc.addTrack(track);
       sender.setParameters(sender.getParameters());`,
    ],
  ])('%s', async (_, steps) => {
    const left = await run(`
      const track = new RTCVideoSource().createTrack();
      const make = async () => {
        const pc = new RTCPeerConnection();
        ${steps}
        pc.close();
        return new WeakRef(pc);
      };
      const closed = [];
      for (let i = 0; i < 20; i++) closed.push(await make());
      const left = () => closed.filter((each) => each.deref()).length;
      // What a WeakRef gave is kept to the end of the turn.
      for (let i = 0; i < 20 && left() > 0; i++) { await turn(); gc(); await turn(); }
      console.log(JSON.stringify({ left: left(), track: track.readyState }));`);
    expect(left).toEqual({ left: 0, track: 'live' });
  });
});

describe('connections that nobody closed go, though the track that they sent lives on', () => {
  const count = `
    const left = () => lost.filter((each) => each.deref()).length;
    for (let i = 0; i < 20 && left() > 0; i++) { await turn(); gc(); await turn(); }
    console.log(JSON.stringify({ left: left(), track: track.readyState }));`;

  test('that have a script transform', async () => {
    const left = await run(`
      const { Worker } = require('node:worker_threads');
      const { RTCRtpScriptTransform } = require('peerwire');
      const worker = new Worker("require('peerwire'); globalThis.onrtctransform = () => {}; setInterval(() => {}, 1000);", {
        eval: true,
      });
      const track = new RTCVideoSource().createTrack();
      const make = async () => {
        const pc = new RTCPeerConnection();
        pc.addTrack(track).transform = new RTCRtpScriptTransform(worker);
        await pc.setLocalDescription();
        return new WeakRef(pc);
      };
      const lost = [];
      for (let i = 0; i < 20; i++) lost.push(await make());
      ${count}
      await worker.terminate();`);
    expect(left).toEqual({ left: 0, track: 'live' });
  });

  test('that never had a peer', async () => {
    const left = await run(`
      const track = new RTCVideoSource().createTrack();
      const make = async () => {
        const pc = new RTCPeerConnection();
        await pc.addTransceiver('video').sender.replaceTrack(track);
        return new WeakRef(pc);
      };
      const lost = await Promise.all(Array.from({ length: 40 }, make));
      ${count}`);
    expect(left).toEqual({ left: 0, track: 'live' });
  });

  test.each([
    ['a program’s', 'new RTCVideoSource()'],
    ['an encoded one', "new nonstandard.RTCEncodedVideoSource({ mimeType: 'video/VP8' })"],
  ])('whose peer has gone, with a track of %s', async (_, source) => {
    const left = await run(`
      const source = ${source};
      const track = source.createTrack();
      const make = async () => {
        const [a, b] = [new RTCPeerConnection(), new RTCPeerConnection()];
        a.addTrack(track);
        const state = (pc, wanted) => new Promise((done) => {
          pc.addEventListener('connectionstatechange', () => { if (pc.connectionState === wanted) done(); });
        });
        // Both: before its own handshake has ended, b could not tell of its end.
        const connected = [state(a, 'connected'), state(b, 'connected')];
        const gone = state(a, 'disconnected');
        await join(a, b);
        await Promise.all(connected);
        b.close();
        await gone;
        return new WeakRef(a);
      };
      const lost = await Promise.all(Array.from({ length: 5 }, make));
      ${count}`);
    expect(left).toEqual({ left: 0, track: 'live' });
  });
});

test('threads of devices end with them', async () => {
  const { during, after } = await run(`
    const threads = () => Number(/^Threads:\\s+(\\d+)/m.exec(fs.readFileSync('/proc/self/status', 'utf8'))[1]);
    const stream = await getUserMedia({ video: true });
    const [track] = stream.getVideoTracks();
    const sink = new RTCVideoSink(track);
    await new Promise((done) => { sink.onframe = done; });
    const during = threads();
    track.stop();
    await collected();
    let after = threads();
    for (let i = 0; i < 1000 && after >= during; i++) { await turn(); after = threads(); }
    console.log(JSON.stringify({ during, after }));`);
  expect(after).toBeLessThan(during);
});
