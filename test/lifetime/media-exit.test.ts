/** The life of a process, and of workers in it, while sound and pictures flow (users.md section 5.1). */
import { PRELUDE, measureProgram, runProgram } from '../support/package-process';

/** An idle machine needs 0.3 s; the bound only tells "ends by itself" from "is held". */
const ENDS_WITHIN_MS = 20_000;

/** Prepended to programs: a pair of connections, with media that has arrived. */
const MEDIA = `
  const { getUserMedia, mediaDevices, nonstandard } = require('peerwire');
  const { RTCAudioSink, RTCAudioSource, RTCVideoSink, RTCVideoSource } = nonstandard;
  const mediaPair = async (onmedia = () => {}) => {
    const a = new RTCPeerConnection(), b = new RTCPeerConnection();
    const stream = await getUserMedia({ audio: true, video: { width: 160, height: 120 } });
    for (const track of stream.getTracks()) a.addTrack(track, stream);
    const sinks = [];
    const kinds = new Set();
    const arrived = new Promise((done) => {
      b.ontrack = ({ track }) => {
        const isVideo = track.kind === 'video';
        const sink = isVideo ? new RTCVideoSink(track) : new RTCAudioSink(track);
        sinks.push(sink);
        sink[isVideo ? 'onframe' : 'ondata'] = () => {
          onmedia(track.kind);
          if (kinds.add(track.kind).size === 2) done();
        };
      };
    });
    await join(a, b);
    await arrived;
    return { a, b, stream, sinks };
  };`;

/** Frames of a program's own that reach its sinks although nothing else holds the process. */
const delivers: Record<string, string> = {
  'a picture': `
    const source = new RTCVideoSource();
    new RTCVideoSink(source.createTrack()).onframe = ({ frame }) => console.log('got', frame.width);
    source.onFrame({ width: 16, height: 16, data: new Uint8Array(384) });`,
  'ten milliseconds of sound': `
    const source = new RTCAudioSource();
    new RTCAudioSink(source.createTrack()).ondata = ({ numberOfFrames }) => console.log('got', numberOfFrames);
    source.onData({ samples: new Int16Array(80), sampleRate: 8000 });`,
  'sound that was there before it': `
    const source = new RTCAudioSource();
    source.onData({ samples: new Int16Array(800), sampleRate: 8000 });
    new RTCAudioSink(source.createTrack()).ondata = ({ numberOfFrames }) => console.log('got', numberOfFrames);`,
  'half a second of sound, in real time': `
    const source = new RTCAudioSource();
    let sum = 0;
    new RTCAudioSink(source.createTrack()).ondata = ({ numberOfFrames }) => {
      if ((sum += numberOfFrames) === 4000) console.log('got all');
    };
    source.onData({ samples: new Int16Array(4000), sampleRate: 8000 });`,
};

const endsByItself: Record<string, string> = {
  'sources that nobody uses': `globalThis.kept = [new RTCAudioSource(), new RTCVideoSource()];`,
  'tracks of sources that are never stopped': `
    const sources = [new RTCAudioSource(), new RTCVideoSource()];
    globalThis.kept = sources.map((source) => [source, source.createTrack(), source.createTrack()]);`,
  'minutes of sound that nobody takes': `
    const [lonely, onTrack, stopped] = [1, 2, 3].map(() => new RTCAudioSource());
    const sound = { samples: new Int16Array(8000 * 118), sampleRate: 8000 };
    const track = onTrack.createTrack();
    new RTCPeerConnection().addTrack(track);
    const sink = new RTCAudioSink(stopped.createTrack());
    for (const source of [lonely, onTrack, stopped]) source.onData(sound);
    await new Promise((done) => { sink.ondata = done; });
    sink.stop();
    globalThis.kept = [lonely, onTrack, stopped, track];`,
  'sinks of tracks that are never stopped': `
    const track = new RTCVideoSource().createTrack();
    const sink = new RTCVideoSink(track);
    sink.onframe = () => {};
    globalThis.kept = [track, sink];`,
  'sinks of tracks that get frames for ever': `
    const stream = await getUserMedia({ audio: true, video: true });
    const [[audio], [video]] = [stream.getAudioTracks(), stream.getVideoTracks()];
    new RTCAudioSink(audio).ondata = () => {};
    new RTCVideoSink(video).onframe = () => {};
    await new Promise((done) => setTimeout(done, 200));`,
  'tracks on a connection that is never negotiated': `
    const pc = new RTCPeerConnection();
    for (const track of (await getUserMedia({ audio: true, video: true })).getTracks()) pc.addTrack(track);
    globalThis.kept = pc;`,
  'an offer of media that nobody answers': `
    const pc = new RTCPeerConnection();
    for (const track of (await getUserMedia({ audio: true, video: true })).getTracks()) pc.addTrack(track);
    await pc.setLocalDescription();
    await new Promise((done) => { pc.onicecandidate = ({ candidate }) => candidate ?? done(); });`,
  'a pair with media that was closed on both sides': `
    const { a, b } = await mediaPair();
    a.close();
    b.close();`,
  'a pair with media that was closed where it sends': `const { a } = await mediaPair(); a.close();`,
  'a pair with media that was closed where it receives': `const { b } = await mediaPair(); b.close();`,
  'a pair with media that was unref()ed': `
    const { a, b } = await mediaPair();
    a.unref();
    b.unref();`,
  'tracks and sinks stopped, connections closed': `
    const { a, b, stream, sinks } = await mediaPair();
    for (const sink of sinks) sink.stop();
    for (const track of stream.getTracks()) track.stop();
    a.close();
    b.close();`,
  'process.exit() while media flows': `await mediaPair(); process.exit(0);`,
  'process.exit() in onframe': `
    let count = 0;
    await mediaPair((kind) => { if (kind === 'video' && ++count > 3) process.exit(0); });`,
  'process.exit() in ondata': `
    let count = 0;
    await mediaPair((kind) => { if (kind === 'audio' && ++count > 30) process.exit(0); });`,
  'process.exit() in ontrack': `
    const a = new RTCPeerConnection(), b = new RTCPeerConnection();
    for (const track of (await getUserMedia({ audio: true, video: true })).getTracks()) a.addTrack(track);
    b.ontrack = () => process.exit(0);
    join(a, b);`,
  'process.exit() as soon as connected': `
    const a = new RTCPeerConnection(), b = new RTCPeerConnection();
    for (const track of (await getUserMedia({ audio: true, video: true })).getTracks()) a.addTrack(track);
    a.onconnectionstatechange = () => a.connectionState === 'connected' && process.exit(0);
    join(a, b);`,
  'close() in onframe': `
    let ends;
    const { a, b } = await mediaPair(() => ends?.());
    await new Promise((done) => { ends = () => { a.close(); b.close(); ends = undefined; done(); }; });`,
};

/** A program whose `start()` makes a worker that runs `body`. */
const withWorkers = (body: string, main: string) => `
  ${MEDIA}
  const { Worker } = require('node:worker_threads');
  const source = ${JSON.stringify(`const { parentPort } = require('node:worker_threads');\n${PRELUDE}\n(async () => {${MEDIA}${body}})();`)};
  const start = () => new Worker(source, { eval: true });
  const exited = (worker) => new Promise((done) => worker.on('exit', done));
  const told = (worker) => new Promise((done, fail) => { worker.once('message', done); worker.once('error', fail); });
  ${main}`;

jest.setTimeout(150_000);

describe('a process with media', () => {
  it.each(Object.keys(endsByItself))('ends by itself after %s', async (title) => {
    const result = await runProgram(`${MEDIA}${endsByItself[title]!}`, ENDS_WITHIN_MS);
    expect(result).toMatchObject({ code: 0, signal: null, stderr: '' });
  });

  it.each(Object.keys(delivers))('does not end before its own sink has got %s', async (title) => {
    const result = await runProgram(`${MEDIA}${delivers[title]!}`, ENDS_WITHIN_MS);
    expect(result).toMatchObject({ code: 0, signal: null, stderr: '' });
    expect(result.stdout).toContain('got');
  });

  it.each(['onframe', 'ondata'])('ends with code 1, not a signal, when %s throws', async (handler) => {
    const kind = handler === 'onframe' ? 'video' : 'audio';
    const result = await runProgram(
      `${MEDIA} await mediaPair((kind) => { if (kind === '${kind}') throw new Error('thrown on purpose'); });`,
      ENDS_WITHIN_MS,
    );
    expect(result).toMatchObject({ code: 1, signal: null });
    expect(result.stderr).toContain('thrown on purpose');
  });
});

describe('workers with media', () => {
  it('send and receive at the same time, and end by themselves', async () => {
    const result = await runProgram(
      withWorkers(
        `const { a, b } = await mediaPair();
         parentPort.postMessage('media');
         a.close();
         b.close();`,
        `const workers = [start(), start(), start()];
         const ends = Promise.all(workers.map(exited));
         console.log((await Promise.all(workers.map(told))).join());
         console.log((await ends).join());`,
      ),
      30_000,
    );
    expect(result).toMatchObject({ code: 0, signal: null, stderr: '', stdout: 'media,media,media\n0,0,0\n' });
  });

  it('are terminated in the midst of it, and the process stays sound', async () => {
    const result = await runProgram(
      withWorkers(
        `await mediaPair();
         parentPort.postMessage('media');`,
        `for (let round = 0; round < 4; round++) {
           const workers = [start(), start()];
           await Promise.all(workers.map(told));
           await Promise.all(workers.map((worker) => worker.terminate()));
         }
         const { a, b } = await mediaPair();
         console.log('still sound');
         a.close();
         b.close();`,
      ),
      120_000,
    );
    expect(result).toMatchObject({ code: 0, signal: null, stderr: '', stdout: 'still sound\n' });
  });

  it('are terminated before media flows', async () => {
    const result = await runProgram(
      withWorkers(
        `mediaPair(); parentPort.postMessage('connecting');`,
        `for (let round = 0; round < 8; round++) {
           const worker = start();
           await told(worker);
           await new Promise((done) => setTimeout(done, round * 15));
           await worker.terminate();
         }
         console.log('sound');`,
      ),
      120_000,
    );
    expect(result).toMatchObject({ code: 0, signal: null, stderr: '', stdout: 'sound\n' });
  });

  it('do not hold process.exit()', async () => {
    const result = await runProgram(
      withWorkers(
        `await mediaPair();
         parentPort.postMessage('media');`,
        `const workers = [start(), start()];
         await Promise.all([mediaPair(), ...workers.map(told)]);
         process.exit(0);`,
      ),
      30_000,
    );
    expect(result).toMatchObject({ code: 0, signal: null, stderr: '' });
  });
});

describe('many calls', () => {
  it('400 of them leave memory, threads, descriptors and the table of native objects as they were', async () => {
    const result = await measureProgram(
      `${MEDIA}
       const fs = require('node:fs');
       const { liveNativeObjects } = require('./dist/binding.js');
       // How much V8 keeps of its heap for young objects is its own affair, and differs from release to release.
       const outsideOfHeap = () => { const { rss, heapTotal } = process.memoryUsage(); return rss - heapTotal; };
       const measure = () => {
         gc(); gc();
         return {
           rss: outsideOfHeap(),
           threads: Number(/^Threads:\\s+(\\d+)/m.exec(fs.readFileSync('/proc/self/status', 'utf8'))[1]),
           fds: fs.readdirSync('/proc/self/fd').length,
           live: liveNativeObjects(),
         };
       };
       const call = async () => {
         const a = new RTCPeerConnection(), b = new RTCPeerConnection();
         const sources = [new RTCVideoSource(), new RTCAudioSource()];
         const tracks = sources.map((source) => source.createTrack());
         for (const track of tracks) a.addTrack(track);
         const kinds = new Set();
         const sinks = [];
         const arrived = new Promise((done) => {
           b.ontrack = ({ track }) => {
             const isVideo = track.kind === 'video';
             const sink = isVideo ? new RTCVideoSink(track) : new RTCAudioSink(track);
             sinks.push(sink);
             sink[isVideo ? 'onframe' : 'ondata'] = () => { if (kinds.add(track.kind).size === 2) done(); };
           };
         });
         const picture = { width: 64, height: 48, data: new Uint8ClampedArray(64 * 48 * 1.5).fill(100) };
         const timer = setInterval(() => {
           sources[0].onFrame(picture);
           sources[1].onData({ samples: new Int16Array(480), sampleRate: 48000 });
         }, 10);
         await join(a, b);
         await arrived;
         clearInterval(timer);
         for (const each of [...sinks, ...tracks]) each.stop();
         a.close();
         b.close();
       };
       const all = [];
       for (let round = 0; round < 8; round++) {
         for (let count = 0; count < 50; count += 5) await Promise.all([call(), call(), call(), call(), call()]);
         await new Promise((done) => setTimeout(done, 300));
         all.push(measure());
       }
       console.log(JSON.stringify(all));`,
      170_000,
    );
    expect(result).toMatchObject({ code: 0, signal: null, stderr: '' });
    const all = JSON.parse(result.stdout) as {
      rss: number;
      threads: number;
      fds: number;
      live: { handles: number; sinks: number; holders: number; requests: number };
    }[];
    const [first, last] = [all[0], all.at(-1)];
    expect(last!.live).toEqual({ handles: 0, sinks: 0, holders: 0, requests: 0 });
    expect(last!.threads).toBeLessThanOrEqual(first!.threads);
    expect(last!.fds).toBeLessThanOrEqual(first!.fds);
    // The heap takes and gives back as it likes, and grows in the first rounds; what leaks grows in every one, and a coder
    // is some megabytes.
    const growth = all.slice(1).map(({ rss }, index) => rss - all[index]!.rss);
    expect(Math.min(...growth)).toBeLessThan(50 * 40_000);
  }, 180_000);
});
