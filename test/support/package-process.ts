/** Programs that use the built package in a process of their own, as an application would. */
import { spawn, type ChildProcess } from 'node:child_process';
import { resolve } from 'node:path';
import { environmentForMeasuring } from './sanitizers';

export const packageRoot = resolve(__dirname, '../..');

/** Prepended to every program: the package, and two peers joined by direct calls. */
export const PRELUDE = `
const { RTCPeerConnection } = require('peerwire');
const join = async (a, b) => {
  const early = new Map([[a, []], [b, []]]);
  const give = (to) => ({ candidate }) => {
    const queue = early.get(to);
    if (queue) queue.push(candidate);
    else to.addIceCandidate(candidate).catch((error) => { if (to.signalingState !== 'closed') throw error; });
  };
  const flush = (to) => { const queue = early.get(to); early.delete(to); for (const c of queue) give(to)({ candidate: c }); };
  a.onicecandidate = give(b);
  b.onicecandidate = give(a);
  await a.setLocalDescription();
  await b.setRemoteDescription(a.localDescription);
  flush(b);
  await b.setLocalDescription();
  await a.setRemoteDescription(b.localDescription);
  flush(a);
};
const opened = (channel) => new Promise((done) => { channel.readyState === 'open' ? done() : (channel.onopen = done); });
const connectedPair = async () => {
  const a = new RTCPeerConnection(), b = new RTCPeerConnection();
  const channel = a.createDataChannel('x');
  const remote = new Promise((done) => { b.ondatachannel = (event) => done(event.channel); });
  await join(a, b);
  await opened(channel);
  return { a, b, channel, remote: await remote };
};
`;

export interface ProgramResult {
  code: number | null;
  signal: string | null;
  stdout: string;
  stderr: string;
  /** From the line that the program printed with `mark()`, or from its start, to its end. */
  durationMs: number;
}

/**
 * @param ipc whether it can `process.send()`: a channel that holds it until it disconnects
 * @param env variables beside ours
 */
export function startProgram(
  source: string,
  { nodeOptions = [] as string[], ipc = false, env = {} as NodeJS.ProcessEnv } = {},
): ChildProcess {
  return spawn(process.execPath, [...nodeOptions, '-e', `${PRELUDE}\n(async () => {${source}\n})();`], {
    cwd: packageRoot,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe', ...(ipc ? ['ipc' as const] : [])],
  });
}

/**
 * Runs a program to its end.
 * @param limitMs after which it is killed, which shows as signal 'SIGKILL'
 * @param env variables beside ours; those that are undefined are left out
 */
export function runProgram(source: string, limitMs: number, env: NodeJS.ProcessEnv = {}): Promise<ProgramResult> {
  return toItsEnd(startProgram(source, { env }), limitMs);
}

/** The same with a program that calls `gc()` and measures its own memory. */
export function measureProgram(source: string, limitMs: number, nodeOptions: string[] = []): Promise<ProgramResult> {
  const options = { nodeOptions: ['--expose-gc', ...nodeOptions], env: environmentForMeasuring() };
  return toItsEnd(startProgram(source, options), limitMs);
}

function toItsEnd(child: ChildProcess, limitMs: number): Promise<ProgramResult> {
  const from = performance.now();
  let stdout = '';
  let stderr = '';
  child.stdout?.on('data', (text) => (stdout += text));
  child.stderr?.on('data', (text) => (stderr += text));
  const timer = setTimeout(() => child.kill('SIGKILL'), limitMs);
  return new Promise((done) => {
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      done({ code, signal, stdout, stderr, durationMs: performance.now() - from });
    });
  });
}
