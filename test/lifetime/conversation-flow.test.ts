/**
 * Two ends that answer each other at once: the thread of their JavaScript reads the sockets itself meanwhile, and nobody
 * else waits for it.
 */
import { PRELUDE, runProgram } from '../support/package-process';
import { isInstrumented } from '../support/sanitizers';

/**
 * In 50 round trips, for which it would otherwise be woken 100 times. A turn in instrumented code often takes longer
 * than the network thread leaves to others (0.2 ms): then it was woken 12 times at least.
 */
const MOST_SLEEPS = isInstrumented ? 30 : 5;

/** How often the network thread of this process has gone to sleep, and round trips of one channel. */
const MEASURES = `
  const fs = require('node:fs');
  const networkThread = () => fs.readdirSync('/proc/self/task').map((id) => '/proc/self/task/' + id)
    .find((task) => fs.readFileSync(task + '/comm', 'utf8').trim() === 'peerwire-net');
  const sleeps = () =>
    Number(/^voluntary_ctxt_switches:\\s+(\\d+)/m.exec(fs.readFileSync(networkThread() + '/status', 'utf8'))[1]);
  const roundTrips = ({ channel, remote }, count) => new Promise((done) => {
    remote.onmessage = ({ data }) => remote.send(data);
    channel.onmessage = () => (--count === 0 ? done() : channel.send('again'));
    channel.send('begin');
  });
`;

/** In a worker: tells that its connection is there, then exchanges messages when told, and wakes who waits at `flag`. */
const WORKER = `
  const { parentPort, workerData: flag } = require('node:worker_threads');
  ${PRELUDE}
  ${MEASURES}
  connectedPair().then((pair) => {
    parentPort.on('message', async () => {
      await roundTrips(pair, 200);
      Atomics.store(flag, 0, 1);
      Atomics.notify(flag, 0);
    });
    parentPort.postMessage('connected');
  });
`;

describe('a conversation of one message at a time', () => {
  it('leaves the network thread asleep, and the process ends by itself', async () => {
    const result = await runProgram(
      `${MEASURES}
       const pair = await connectedPair();
       // On a busy machine a thread may lose its processor at any time, and the network thread then looks itself: not
       // each time.
       let least = Infinity;
       let quiet = 0;
       for (let i = 0; i < 1000 && quiet < 10; i++) {
         const before = sleeps();
         await roundTrips(pair, 50);
         const woken = sleeps() - before;
         least = Math.min(least, woken);
         if (woken <= ${MOST_SLEEPS}) quiet++;
       }
       console.log(quiet === 10 ? 'asleep' : 'quiet in ' + quiet + ' rounds, woken ' + least + ' times at least');
       pair.a.close();
       pair.b.close();`,
      30_000,
    );
    expect(result).toMatchObject({ code: 0, signal: null, stderr: '', stdout: 'asleep\n' });
  }, 40_000);

  it('lets the packets of others through while its thread does something else', async () => {
    const result = await runProgram(
      `${MEASURES}
       const { Worker } = require('node:worker_threads');
       const flag = new Int32Array(new SharedArrayBuffer(4));
       const worker = new Worker(${JSON.stringify(WORKER)}, { eval: true, workerData: flag });
       await new Promise((done) => worker.once('message', done));
       const pair = await connectedPair();
       for (let round = 0; round < 5; round++) {
         await roundTrips(pair, 500);
         flag[0] = 0;
         worker.postMessage('begin');
         console.log(Atomics.wait(flag, 0, 0, 10_000));
       }
       process.exit(0);`,
      60_000,
    );
    expect(result).toMatchObject({ code: 0, signal: null, stderr: '' });
    expect(result.stdout).toMatch(/^((ok|not-equal)\n){5}$/);
  }, 70_000);

  it('ends with the worker in which it is', async () => {
    const result = await runProgram(
      `const { Worker } = require('node:worker_threads');
       const body = ${JSON.stringify(`${PRELUDE}${MEASURES}
         connectedPair().then(async (pair) => {
           await roundTrips(pair, 200);
           require('node:worker_threads').parentPort.postMessage('talking');
           await roundTrips(pair, Infinity);
         });`)};
       for (let round = 0; round < 5; round++) {
         const worker = new Worker(body, { eval: true });
         await new Promise((done) => worker.once('message', done));
         await worker.terminate();
       }
       console.log('sound');`,
      30_000,
    );
    expect(result).toMatchObject({ code: 0, signal: null, stderr: '', stdout: 'sound\n' });
  }, 40_000);
});
