import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** A command that ended badly; `output` holds what it printed when that was captured. */
export class CommandError extends Error {
  constructor(command, args, reason, output) {
    super(`${[command, ...args].join(' ')}: ${reason}`);
    this.name = 'CommandError';
    this.output = output;
  }
}

/** Path of an executable on PATH, or undefined. Scans by itself: spawning `which` costs more than the whole look. */
export function findExecutable(name) {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const path = join(folder || '.', name);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // Not in this folder: the next one.
    }
  }
  return undefined;
}

/**
 * Runs a command without standard input. Resolves to what it printed (empty when `stdio` is 'inherit').
 * @param {object} [options] cwd, env (added to ours), stdio: 'capture' (default) or 'inherit', timeoutMs, onLine
 */
export function runCommand(command, args, options = {}) {
  const { cwd, env, stdio = 'capture', timeoutMs, onLine } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', ...(stdio === 'inherit' ? ['inherit', 'inherit'] : ['pipe', 'pipe'])],
    });
    let output = '';
    let timedOut = false;
    let partialLine = '';
    const collect = (chunk) => {
      output += chunk;
      if (!onLine) return;
      const lines = (partialLine + chunk).split('\n');
      partialLine = lines.pop();
      lines.forEach(onLine);
    };
    child.stdout?.setEncoding('utf8').on('data', collect);
    child.stderr?.setEncoding('utf8').on('data', collect);
    const timer = timeoutMs
      ? setTimeout(() => {
          timedOut = true;
          child.kill('SIGKILL');
        }, timeoutMs)
      : undefined;
    child.on('error', (error) => {
      clearTimeout(timer);
      reject(new CommandError(command, args, error.message, output));
    });
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      if (code === 0) resolve(output);
      else if (timedOut) reject(new CommandError(command, args, `no end after ${timeoutMs / 1000} s`, output));
      else reject(new CommandError(command, args, signal ? `ended by ${signal}` : `exit code ${code}`, output));
    });
  });
}
