/** Workers: several at once, each with connections of its own, ended in the midst of everything. */
import { PRELUDE, runProgram } from '../support/package-process';

/** A program whose `start()` makes a worker that runs `body`. */
const program = (body: string, main: string) => `
  const { Worker } = require('node:worker_threads');
  const source = ${JSON.stringify(`const { parentPort } = require('node:worker_threads');\n${PRELUDE}\n(async () => {${body}})();`)};
  const start = () => new Worker(source, { eval: true });
  const exited = (worker) => new Promise((done) => worker.on('exit', done));
  const told = (worker) => new Promise((done, fail) => { worker.once('message', done); worker.once('error', fail); });
  ${main}`;

describe('worker_threads', () => {
  it('four workers connect at the same time and end by themselves', async () => {
    const result = await runProgram(
      program(
        `const { a, b, channel, remote } = await connectedPair();
         remote.onmessage = ({ data }) => { parentPort.postMessage(data); a.close(); b.close(); };
         channel.send('hello from a worker');`,
        `const workers = [start(), start(), start(), start()];
         const ends = Promise.all(workers.map(exited));
         console.log((await Promise.all(workers.map(told))).join());
         console.log((await ends).join());`,
      ),
      20_000,
    );
    expect(result).toMatchObject({ code: 0, signal: null, stderr: '' });
    expect(result.stdout).toBe(`${Array(4).fill('hello from a worker').join()}\n0,0,0,0\n`);
  });

  it('terminate() with a busy connected pair inside leaves the process sound', async () => {
    const result = await runProgram(
      program(
        `const { channel, remote } = await connectedPair();
         remote.onmessage = ({ data }) => { parentPort.postMessage(data); channel.send(data); };
         channel.send('round and round');`,
        `for (let round = 0; round < 5; round++) {
           const workers = [start(), start()];
           await Promise.all(workers.map(told));
           await Promise.all(workers.map((worker) => worker.terminate()));
         }
         const { channel, remote } = await connectedPair();
         remote.onmessage = ({ data }) => { console.log(data); process.exit(0); };
         channel.send('still sound');`,
      ),
      30_000,
    );
    expect(result).toMatchObject({ code: 0, signal: null, stderr: '', stdout: 'still sound\n' });
  });

  it('terminate() in the midst of connecting leaves the process sound', async () => {
    const result = await runProgram(
      program(
        `connectedPair(); parentPort.postMessage('connecting');`,
        `for (let round = 0; round < 10; round++) {
           const worker = start();
           await told(worker);
           await worker.terminate();
         }
         console.log('sound');`,
      ),
      30_000,
    );
    expect(result).toMatchObject({ code: 0, signal: null, stderr: '', stdout: 'sound\n' });
  });

  it('has times of its own, whatever the clock of the system was set to before or since', async () => {
    const result = await runProgram(
      program(
        // As if the clock had been set back by an hour since the worker began.
        `const { performance } = require('node:perf_hooks');
         Object.defineProperty(performance, 'timeOrigin', { value: performance.timeOrigin + 3_600_000 });
         const { nonstandard } = require('peerwire');
         const a = new RTCPeerConnection(), b = new RTCPeerConnection();
         const source = new nonstandard.RTCAudioSource();
         a.addTransceiver(source.createTrack(), { direction: 'sendonly' });
         const speaking = setInterval(() => source.onData({ samples: new Int16Array(480), sampleRate: 48_000 }), 10);
         await join(a, b);
         const rowsOf = async (pc) => [...(await pc.getStats()).values()];
         const timesOf = (rows) => rows.flatMap((row) =>
           ['timestamp', 'lastPacketReceivedTimestamp', 'lastPacketSentTimestamp'].filter((name) => row[name])
             .map((name) => [row.type, row[name]]));
         const wanted = ['candidate-pair', 'inbound-rtp', 'remote-inbound-rtp', 'remote-outbound-rtp'];
         for (;;) {
           const times = timesOf([...(await rowsOf(a)), ...(await rowsOf(b))]);
           const sources = b.getReceivers()[0].getSynchronizationSources();
           if (!wanted.every((type) => times.some(([each]) => each === type))) {
             await new Promise((done) => setTimeout(done, 50));
             continue;
           }
           const now = performance.timeOrigin + performance.now();
           const far = [...times, ...sources.map(({ timestamp }) => ['source', timestamp])]
             .filter(([, time]) => Math.abs(time - now) > 60_000);
           parentPort.postMessage(JSON.stringify([sources.length, far]));
           break;
         }
         clearInterval(speaking);
         a.close();
         b.close();`,
        `const worker = start();
         console.log(await told(worker));
         await exited(worker);`,
      ),
      30_000,
    );
    expect(result).toMatchObject({ code: 0, signal: null, stderr: '', stdout: '[1,[]]\n' });
  });

  it('has them, too, where a test had replaced the clock when it was first used', async () => {
    const result = await runProgram(
      `const { performance } = require('node:perf_hooks');
       globalThis.performance = { timeOrigin: 0, now: () => 0 };
       const { a, b } = await connectedPair();
       const pair = [...(await a.getStats()).values()].find((row) => row.lastPacketSentTimestamp);
       const now = performance.timeOrigin + performance.now();
       console.log(Math.abs(pair.lastPacketSentTimestamp - now) < 60_000 && Math.abs(pair.timestamp - now) < 60_000);
       a.close();
       b.close();`,
      10_000,
    );
    expect(result).toMatchObject({ code: 0, stderr: '', stdout: 'true\n' });
  });
});
