/** Transforms hold no process, whatever became of their workers. */
import { runProgram } from '../support/package-process';

const program = (workerSource: string, main: string) => `
  const { Worker } = require('node:worker_threads');
  const { RTCRtpScriptTransform } = require('peerwire');
  const worker = new Worker(${JSON.stringify(`const { parentPort } = require('node:worker_threads');\n${workerSource}`)}, { eval: true });
  const pc = new RTCPeerConnection();
  const { sender } = pc.addTransceiver('video');
  ${main}`;

describe('the process ends', () => {
  it('after its worker was terminated, the transform still in place', async () => {
    const result = await runProgram(
      program(
        `require('peerwire').onRtcTransform(() => parentPort.postMessage('begun'));`,
        `sender.transform = new RTCRtpScriptTransform(worker);
         worker.on('message', async () => { await worker.terminate(); console.log('terminated'); });`,
      ),
      20_000,
    );
    expect(result).toMatchObject({ code: 0, signal: null, stderr: '', stdout: 'terminated\n' });
  });

  it('with a worker that never looks for transforms', async () => {
    const result = await runProgram(
      program(
        `parentPort.postMessage('online');`,
        `sender.transform = new RTCRtpScriptTransform(worker); worker.on('exit', (code) => console.log(code));`,
      ),
      20_000,
    );
    expect(result).toMatchObject({ code: 0, signal: null, stderr: '', stdout: '0\n' });
  });

  it('with a worker that has one and is unref()ed', async () => {
    const result = await runProgram(
      program(
        `require('peerwire').onRtcTransform(() => parentPort.postMessage('begun'));`,
        `sender.transform = new RTCRtpScriptTransform(worker);
         worker.once('message', () => { console.log('begun'); worker.unref(); });`,
      ),
      20_000,
    );
    expect(result).toMatchObject({ code: 0, signal: null, stderr: '', stdout: 'begun\n' });
  });

  it('and a worker that only loads the package keeps no port, and loses no message', async () => {
    const result = await runProgram(
      program(
        `require('peerwire'); setImmediate(() => setImmediate(() => parentPort.once('message', (text) => parentPort.postMessage(text))));`,
        `worker.postMessage('early'); worker.on('message', (text) => console.log(text)); worker.on('exit', (code) => console.log(code));`,
      ),
      20_000,
    );
    expect(result).toMatchObject({ code: 0, signal: null, stderr: '', stdout: 'early\n0\n' });
  });
});
