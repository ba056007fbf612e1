/** Processes that a benchmark commands, pairs of them, and what it prints. */
import { fork, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = (file) => fileURLToPath(new URL(file, import.meta.url));

/** The packages to compare with, in bench/node_modules. */
export function installPeers() {
  if (existsSync(here('node_modules/werift'))) return;
  console.log('installing the packages to compare with (bench/node_modules)');
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: here('.'), stdio: 'inherit' });
  if (status !== 0) process.exit(1);
}

const COMMAND_TIMEOUT_MS = 120_000;

export class BenchProcess {
  #child;
  #calls = new Map();
  #lastCall = 0;

  /** @param {string[]} prefix the command that runs it on its host; empty: this one */
  constructor(file, name, prefix = []) {
    const [execPath, ...execArgv] = [...prefix, process.execPath, '--expose-gc'];
    this.#child = fork(file, [name], { execPath, execArgv, serialization: 'advanced' });
    this.ready = new Promise((resolve, reject) => {
      this.#child.on('message', ({ ready, call, result, error }) => {
        if (ready) resolve();
        else {
          const { resolve: done, reject: fail } = this.#calls.get(call);
          this.#calls.delete(call);
          if (error) fail(new Error(error));
          else done(result);
        }
      });
      this.#child.on('exit', (code, signal) => {
        const error = new Error(`process of ${name} ended: ${signal ?? code}`);
        reject(error);
        for (const { reject: fail } of this.#calls.values()) fail(error);
      });
    });
  }

  call(command, argument) {
    const call = ++this.#lastCall;
    this.#child.send({ call, command, argument });
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`${command} took too long`)), COMMAND_TIMEOUT_MS);
      const settle = (next) => (value) => {
        clearTimeout(timer);
        next(value);
      };
      this.#calls.set(call, { resolve: settle(resolve), reject: settle(reject) });
    });
  }

  end() {
    this.#child.kill('SIGKILL');
  }
}

/**
 * Two processes that run `file` with the package's name, and pass each other what they signal.
 * @param {string[][]} prefixes the commands that run them on their hosts
 */
export async function withPair(file, name, measure, prefixes = [[], []]) {
  const [sender, receiver] = [new BenchProcess(file, name, prefixes[0]), new BenchProcess(file, name, prefixes[1])];
  const directory = mkdtempSync(join(tmpdir(), 'peerwire-bench-'));
  const signalling = join(directory, 'signalling');
  try {
    await Promise.all([sender.ready, receiver.ready]);
    await receiver.call('signalAt', signalling);
    await sender.call('signalTo', signalling);
    return await measure(sender, receiver);
  } finally {
    sender.end();
    receiver.end();
    rmSync(directory, { recursive: true });
  }
}

/** @param {string[][]} rows the first one is the head */
export function printTable(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((cells) => cells[column].length)));
  const line = (cells) => `| ${cells.map((cell, column) => cell.padEnd(widths[column])).join(' | ')} |`;
  const [head, ...rest] = rows;
  console.log([line(head), line(widths.map((width) => '-'.repeat(width))), ...rest.map(line)].join('\n'));
}
