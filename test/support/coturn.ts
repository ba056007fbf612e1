/** A TURN server (coturn), started for a test file on loopback and stopped with it. */
import { spawn, spawnSync, type StdioOptions } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const hasCoturn = spawnSync('turnserver', ['--version']).error === undefined;
if (!hasCoturn) console.warn('skipped: TURN tests need coturn (Debian package coturn), which is not installed');

/** Free for UDP and TCP on 127.0.0.1, a moment ago. */
export async function freePort(): Promise<number> {
  const tcp = createServer();
  for (;;) {
    const udp = createSocket('udp4');
    await new Promise<void>((done) => udp.bind(0, '127.0.0.1', done));
    const { port } = udp.address();
    const free = await new Promise<boolean>((done) => {
      tcp.once('error', () => done(false));
      tcp.listen(port, '127.0.0.1', () => done(true));
    });
    await new Promise<void>((done) => udp.close(done));
    if (!free) continue;
    await new Promise((done) => tcp.close(done));
    return port;
  }
}

export interface Coturn {
  readonly port: number;
  readonly tlsPort: number;
  /** Resolves with the next line of the log that matches, from now on. */
  logged(pattern: RegExp): Promise<string>;
  stop(): Promise<void>;
}

/** Sends binding requests to port argv[2] of address argv[1] until one is answered. */
const PROBE = `
  const probe = require('node:dgram').createSocket('udp4');
  const request = Buffer.concat([Buffer.from('000100002112a442', 'hex'), Buffer.alloc(12, 7)]);
  probe.once('message', () => process.exit(0));
  setInterval(() => probe.send(request, Number(process.argv[2]), process.argv[1]), 50);`;

/**
 * @param options of turnserver, besides those that every test wants; TLS only where a certificate is among them
 * @param host a network namespace, and its address; otherwise the server is on loopback
 */
export async function startCoturn(
  options: readonly string[] = [],
  host?: { namespace: string; address: string },
): Promise<Coturn> {
  const [port, tlsPort] = host ? [3478, 5349] : [await freePort(), await freePort()];
  const address = host?.address ?? '127.0.0.1';
  const start = (command: string, args: string[], stdio: StdioOptions) =>
    host
      ? spawn('ip', ['netns', 'exec', host.namespace, command, ...args], { stdio })
      : spawn(command, args, { stdio });
  const folder = mkdtempSync(join(tmpdir(), 'peerwire-turn-'));
  const server = start(
    'turnserver',
    [
      '-n',
      '--log-file=stdout',
      '--simple-log',
      '--verbose',
      `--listening-port=${port}`,
      `--tls-listening-port=${tlsPort}`,
      `--listening-ip=${address}`,
      `--relay-ip=${address}`,
      '--allow-loopback-peers',
      '--lt-cred-mech',
      '--user=bench:secret',
      '--realm=peerwire.example',
      '--fingerprint',
      '--no-dtls',
      '--no-cli',
      `--pidfile=${join(folder, 'turnserver.pid')}`,
      `--userdb=${join(folder, 'users.sqlite')}`,
      ...(options.some((option) => option.startsWith('--cert=')) ? [] : ['--no-tls']),
      ...options,
    ],
    ['ignore', 'pipe', 'pipe'],
  );
  const waiting = new Set<(line: string) => void>();
  let partial = '';
  const read = (chunk: Buffer) => {
    const lines = (partial + chunk.toString()).split('\n');
    partial = lines.pop() ?? '';
    lines.forEach((line) => [...waiting].forEach((tell) => tell(line)));
  };
  server.stdout!.on('data', read);
  server.stderr!.on('data', read);
  // Ready when it answers, not when it says so.
  const probe = start(process.execPath, ['-e', PROBE, address, String(port)], ['ignore', 'ignore', 'inherit']);
  const ended = once(server, 'exit').then(([code]) => {
    throw new Error(`turnserver ended with ${code}`);
  });
  try {
    await Promise.race([once(probe, 'exit'), ended]);
  } finally {
    probe.kill('SIGKILL');
    ended.catch(() => {});
  }
  return {
    port,
    tlsPort,
    logged: (pattern) =>
      new Promise((resolve) => {
        const tell = (line: string) => {
          if (!pattern.test(line)) return;
          waiting.delete(tell);
          resolve(line);
        };
        waiting.add(tell);
      }),
    async stop() {
      if (server.exitCode === null && server.signalCode === null) {
        const exit = once(server, 'exit');
        server.kill('SIGTERM');
        await exit;
      }
      rmSync(folder, { recursive: true });
    },
  };
}

export interface Gathered {
  candidates: any[];
  errors: any[];
}

/** The candidates and errors of one gathering. */
export async function gathered(RTCPeerConnection: any, configuration: any): Promise<Gathered> {
  const pc = new RTCPeerConnection(configuration);
  try {
    pc.createDataChannel('x');
    const candidates: any[] = [];
    const errors: any[] = [];
    pc.onicecandidateerror = (event: any) => errors.push(event);
    const done = new Promise<void>((end) => {
      pc.onicecandidate = ({ candidate }: any) => {
        if (candidate === null) end();
        else if (candidate.candidate) candidates.push(candidate);
      };
    });
    await pc.setLocalDescription();
    await done;
    return { candidates, errors };
  } finally {
    pc.close();
  }
}
