/** Our side of an agent (agents/): its commands as promises, its events as a queue to wait on. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { WebSocketServer } from 'ws';

export interface AgentEvent {
  event: string;
  pc?: string;
  key?: string;
  /** When it came, by performance.now(). */
  at: number;
  [name: string]: unknown;
}

type Line = Record<string, unknown>;

export class RemoteAgent {
  /** Every event so far. */
  readonly events: AgentEvent[] = [];
  onEvent: (event: AgentEvent) => void = () => {};
  /** Those who want every event beside `onEvent`. */
  readonly listeners = new Set<(event: AgentEvent) => void>();
  readonly #write: (line: Line) => void;
  readonly #stop: () => Promise<unknown>;
  readonly #answers = new Map<number, { resolve: (result: never) => void; reject: (error: Error) => void }>();
  #waiting: (() => void)[] = [];
  #serial = 0;

  constructor(write: (line: Line) => void, stop: () => Promise<unknown>) {
    this.#write = write;
    this.#stop = stop;
  }

  /** One line of the agent. */
  take(line: Line): void {
    if (typeof line['id'] === 'number') {
      const answer = this.#answers.get(line['id']);
      this.#answers.delete(line['id']);
      if (line['error']) answer?.reject(new Error(`the agent: ${line['error']}`));
      else answer?.resolve(line['result'] as never);
      return;
    }
    const event = { ...line, at: performance.now() } as AgentEvent;
    this.events.push(event);
    this.onEvent(event);
    for (const listener of this.listeners) listener(event);
    for (const wake of this.#waiting.splice(0)) wake();
  }

  /** The agent is gone: nothing that was asked will be answered. */
  end(reason: string): void {
    for (const { reject } of this.#answers.values()) reject(new Error(reason));
    this.#answers.clear();
  }

  command<Result = null>(op: string, parameters: Line = {}): Promise<Result> {
    const id = ++this.#serial;
    const answer = new Promise<Result>((resolve, reject) => this.#answers.set(id, { resolve, reject }));
    this.#write({ id, op, ...parameters });
    return answer;
  }

  /** Resolves with the first event, past or to come, that fits. */
  async until(fits: (event: AgentEvent) => boolean, what: string, timeoutMs = 10_000): Promise<AgentEvent> {
    const end = performance.now() + timeoutMs;
    for (;;) {
      const found = this.events.find(fits);
      if (found) return found;
      const left = end - performance.now();
      if (left <= 0) throw new Error(`the agent did not tell within ${timeoutMs} ms: ${what}`);
      await new Promise<void>((wake) => {
        const timer = setTimeout(wake, left);
        this.#waiting.push(() => {
          clearTimeout(timer);
          wake();
        });
      });
    }
  }

  stop(): Promise<unknown> {
    return this.#stop();
  }
}

/** A program that speaks the protocol in lines on its standard input and output. */
export async function startProgram(command: string, args: string[]): Promise<RemoteAgent> {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  let complaints = '';
  child.stderr.on('data', (chunk: Buffer) => (complaints = (complaints + chunk.toString()).slice(-4_000)));
  const agent = new RemoteAgent(
    (line) => child.stdin.write(`${JSON.stringify(line)}\n`),
    async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.stdin.end();
      const kill = setTimeout(() => child.kill('SIGKILL'), 3_000);
      await once(child, 'exit');
      clearTimeout(kill);
    },
  );
  child.stdin.on('error', () => {}); // the exit below tells
  createInterface({ input: child.stdout }).on('line', (line) => {
    // Packages print to standard output, too.
    if (line.startsWith('{')) agent.take(JSON.parse(line) as Line);
  });
  child.on('exit', (code, signal) => agent.end(`the agent ended (${code ?? signal}): ${complaints}`));
  await Promise.race([
    agent.until(({ event }) => event === 'ready', 'ready', 20_000),
    once(child, 'exit').then(() => Promise.reject(new Error(`the agent did not start: ${complaints}`))),
  ]);
  return agent;
}

const agents = join(__dirname, 'agents');

/** An agent in a page; `open` makes a browser load the address that it is given, and returns how to close it. */
export async function startPage(open: (url: string) => Promise<() => Promise<unknown>>): Promise<RemoteAgent> {
  const server = createServer((request, response) => {
    const script = /^\/[a-z-]+\.mjs$/.exec(request.url ?? '')?.[0];
    response.setHeader('content-type', script ? 'text/javascript' : 'text/html; charset=utf-8');
    response.end(readFileSync(join(agents, script ?? 'page-agent.html')));
  });
  const sockets = new WebSocketServer({ server });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  let socket: import('ws').WebSocket | undefined;
  let close: () => Promise<unknown> = () => Promise.resolve();
  const agent = new RemoteAgent(
    (line) => socket?.send(JSON.stringify(line)),
    async () => {
      await close();
      sockets.close();
      server.closeAllConnections();
      server.close();
    },
  );
  sockets.on('connection', (connected) => {
    socket = connected;
    connected.on('message', (text) => agent.take(JSON.parse(String(text)) as Line));
    connected.on('close', () => agent.end('the page is gone'));
  });
  close = await open(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  await agent.until(({ event }) => event === 'ready', 'ready', 30_000);
  return agent;
}

const benchModules = join(__dirname, '../../bench/node_modules');

/** An agent on one of the packages that bench/ installs, or the reason why there is none. */
export function findPackage(name: string): { start: () => Promise<RemoteAgent> } | { reason: string } {
  if (!existsSync(join(benchModules, name))) return { reason: `${name} is not installed (npm install --prefix bench)` };
  return {
    start: () => startProgram(process.execPath, [join(agents, 'node-agent.mjs'), join(benchModules, 'x.js'), name]),
  };
}
