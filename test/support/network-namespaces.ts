/** Hosts of their own on this machine: network namespaces, for which one has to be root on Linux. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { startProgram, type RemoteAgent } from '../interop/remote-agent';

const root = join(__dirname, '../..');

export function run(command: string): string {
  const { status, stderr, stdout, error } = spawnSync('sh', ['-ec', command], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command}: ${error?.message ?? stderr}`);
  return stdout;
}

/** Why there are none here; null: there are. */
export function reasonAgainstNamespaces(): string | null {
  if (process.platform !== 'linux') return 'network namespaces exist on Linux only';
  if (process.getuid?.() !== 0) return 'only root may make network namespaces';
  try {
    run(`ip netns add pw${process.pid}x; ip netns del pw${process.pid}x`);
    return null;
  } catch (error) {
    return `no network namespaces here (${(error as Error).message.trim()})`;
  }
}

/** Looks again and again: of sockets and links in another namespace no event tells. */
export async function untilHolds(holds: () => boolean, what: string, timeoutMs = 10_000): Promise<void> {
  const end = performance.now() + timeoutMs;
  while (!holds()) {
    if (performance.now() > end) throw new Error(`not within ${timeoutMs} ms: ${what}`);
    await new Promise((done) => setTimeout(done, timeoutMs / 1000));
  }
}

/** The kernel brings a link up in its own time, and no address of it is of use before. */
export function untilUp(host: string, device: string): Promise<void> {
  const isUp = () => run(`ip -n ${host} -o link show ${device}`).includes('state UP');
  return untilHolds(isUp, `the link of ${host} comes up`);
}

/** Our agent (test/interop/agents) on a host. */
export function startOn(host: string): Promise<RemoteAgent> {
  return startProgram('ip', [
    ...['netns', 'exec', host, process.execPath, join(root, 'test/interop/agents/node-agent.mjs')],
    ...[join(root, 'package.json'), root],
  ]);
}

/** A script that runs a program on a host, in `folder`. */
export function programOn(host: string, program: string, folder: string): string {
  const path = join(folder, `on-${host}`);
  writeFileSync(path, `#!/bin/sh\nexec ip netns exec ${host} '${program}' "$@"\n`);
  chmodSync(path, 0o755);
  return path;
}

/** Passes each connection to a port of a host's loopback on to a socket in the file system, which all hosts share. */
const PASS_ON = `
  const { connect, createServer } = require('node:net');
  createServer((from) => {
    const to = connect(process.argv[2]);
    from.pipe(to).pipe(from);
    for (const each of [from, to]) each.on('error', () => { from.destroy(); to.destroy(); });
  }).listen(Number(process.argv[1]), '127.0.0.1', () => console.log('ready'));`;

/** Makes a port of our loopback one of the host's, too; returns how to end it. `folder` is for the socket between them. */
export async function lendPort(host: string, port: number, folder: string): Promise<() => Promise<unknown>> {
  const path = join(folder, `port-${port}`);
  const open = new Set<Socket>();
  const server = createServer((from) => {
    const to = connect(port, '127.0.0.1');
    from.pipe(to).pipe(from);
    for (const each of [from, to]) {
      open.add(each);
      // Whichever side ends, ends both.
      each
        .on('error', () => {})
        .on('close', () => {
          open.delete(each);
          from.destroy();
          to.destroy();
        });
    }
  });
  await new Promise<void>((done) => server.listen(path, done));
  const child = spawn('ip', ['netns', 'exec', host, process.execPath, '-e', PASS_ON, String(port), path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  return async () => {
    const gone = once(child, 'exit');
    child.kill('SIGTERM');
    await gone;
    for (const each of open) each.destroy();
    await new Promise((done) => server.close(done));
  };
}

/** Why the router of HostsWithRouter cannot translate addresses; null: it can. */
export function reasonAgainstTranslation(): string | null {
  const host = `pw${process.pid}y`;
  try {
    run(`ip netns add ${host}`);
    run(
      `ip netns exec ${host} nft 'add table ip probe; add chain ip probe c { type nat hook postrouting priority 100 ; }'`,
    );
    return null;
  } catch (error) {
    return `no address translation here (${(error as Error).message.trim()})`;
  } finally {
    spawnSync('ip', ['netns', 'del', host]);
  }
}

/** left 10.77.1.2, fd77:1::2 – router 10.77.1.1 and 10.77.2.1 – right 10.77.2.2, fd77:2::2. */
export class HostsWithRouter {
  readonly left: string;
  readonly router: string;
  readonly right: string;

  constructor(name: string) {
    const prefix = `pw${process.pid}${name}`;
    [this.left, this.router, this.right] = [`${prefix}l`, `${prefix}r`, `${prefix}b`];
  }

  async build(): Promise<void> {
    const { left, router, right } = this;
    run(`ip netns add ${router}; ip -n ${router} link set lo up`);
    for (const [index, host] of [left, right].entries()) {
      const net = index + 1;
      run(`
        ip netns add ${host}
        ip -n ${host} link set lo up
        ip -n ${host} link add eth0 type veth peer name port${net} netns ${router}
        ip -n ${host} addr add 10.77.${net}.2/24 dev eth0
        ip -n ${host} addr add fd77:${net}::2/64 dev eth0 nodad
        ip -n ${router} addr add 10.77.${net}.1/24 dev port${net}
        ip -n ${router} addr add fd77:${net}::1/64 dev port${net} nodad
        ip -n ${router} link set port${net} up
        ip -n ${host} link set eth0 up`);
      this.route(host, net);
    }
    run(`ip netns exec ${router} sh -ec '
      echo 1 > /proc/sys/net/ipv4/ip_forward
      echo 1 > /proc/sys/net/ipv6/conf/all/forwarding'`);
    await Promise.all([untilUp(left, 'eth0'), untilUp(right, 'eth0')]);
  }

  /** The default routes of a host, by way of the router; `net`: 1 on the left, 2 on the right. */
  route(host: string, net: number): void {
    run(
      `ip -n ${host} route replace default via 10.77.${net}.1; ip -n ${host} -6 route replace default via fd77:${net}::1`,
    );
  }

  /** Rules of nftables for the router. */
  filter(rules: string): void {
    run(`ip netns exec ${this.router} nft '${rules}'`);
  }

  destroy(): void {
    for (const host of [this.left, this.right, this.router]) spawnSync('ip', ['netns', 'del', host]);
  }
}

/** Two hosts with a cable between them, which is their default route, too (Chromium looks for one), eth0 of each: 10.78.0.1, fd78::1 and 10.78.0.2, fd78::2. */
export class CableBetweenHosts {
  readonly left: string;
  readonly right: string;

  constructor(name: string) {
    this.left = `pw${process.pid}${name}l`;
    this.right = `pw${process.pid}${name}r`;
  }

  async build(): Promise<void> {
    const { left, right } = this;
    run(`
      ip netns add ${left}; ip netns add ${right}
      ip -n ${left} link add eth0 type veth peer name eth0 netns ${right}`);
    for (const [index, host] of [left, right].entries()) {
      run(`
        ip -n ${host} link set lo up
        ip -n ${host} addr add 10.78.0.${index + 1}/24 dev eth0
        ip -n ${host} addr add fd78::${index + 1}/64 dev eth0 nodad
        ip -n ${host} link set eth0 up
        ip -n ${host} route add default dev eth0
        ip -n ${host} -6 route add default dev eth0`);
    }
    await Promise.all([untilUp(left, 'eth0'), untilUp(right, 'eth0')]);
  }

  destroy(): void {
    for (const host of [this.left, this.right]) spawnSync('ip', ['netns', 'del', host]);
  }
}

/** A message from one agent's channel 'talk' of the connection 'p' to the other's. */
export async function talkBetween(a: RemoteAgent, b: RemoteAgent, length: number, timeoutMs: number): Promise<void> {
  const before = b.events.length;
  await a.command('send', { pc: 'p', key: 'talk', length });
  await b.until(
    (event) => event.event === 'message' && event['length'] === length && b.events.indexOf(event) >= before,
    `a message of ${length} octets`,
    timeoutMs,
  );
}
