import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { readTestFile } from './test-file.mjs';

const childModule = fileURLToPath(new URL('./child.mjs', import.meta.url));
/** testharness.js gives a file 10 s, a long one 60 s; well past that the process is stuck. */
const graceMs = 30_000;
const timeoutMs = { normal: 10_000 + graceMs, long: 60_000 + graceMs };

/** Name under which the state of the whole file is listed beside its subtests. */
export const wholeFile = '[file]';

/**
 * Runs one test file in a process of its own. With `isPatient` it gets the time of a long one, whatever it says, as the
 * machine may be busy.
 * @returns {Promise<{path: string, durationMs: number, results: {name: string, status: string, message: string}[]}>}
 *   the last result is that of the whole file: FAIL when the harness did not end well or the process died.
 */
export function runFile({ root, path, packageModule, isPatient, env }) {
  return new Promise((resolve) => {
    const started = Date.now();
    const timeout = isPatient ? 'long' : readTestFile(root, path).timeout;
    const child = fork(childModule, [root, path, packageModule, timeout], {
      execArgv: ['--expose-gc', '--no-warnings'],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      env: { ...process.env, ...env },
    });
    let printed = '';
    const keep = (chunk) => {
      printed = (printed + chunk).slice(-20_000);
    };
    child.stdout.setEncoding('utf8').on('data', keep);
    child.stderr.setEncoding('utf8').on('data', keep);

    const partial = [];
    let complete;
    child.on('message', (message) => {
      if (message.kind === 'result') partial.push(message.result);
      else complete = message;
    });
    let stuck = false;
    const timer = setTimeout(() => {
      stuck = true;
      child.kill('SIGKILL');
    }, timeoutMs[timeout]);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      const results = numberRepeatedNames(complete?.results ?? partial);
      results.push({ name: wholeFile, ...judge({ complete, stuck, code, signal, printed }) });
      resolve({ path, durationMs: Date.now() - started, results });
    });
  });
}

function judge({ complete, stuck, code, signal, printed }) {
  const tail = printed.trim().split('\n').slice(-12).join('\n');
  if (stuck) return { status: 'TIMEOUT', message: `no end in time\n${tail}` };
  if (signal) return { status: 'CRASH', message: `the process was ended by ${signal}\n${tail}` };
  if (!complete) return { status: 'CRASH', message: `exit code ${code} without a result\n${tail}` };
  if (complete.harness.status !== 'OK') return { status: complete.harness.status, message: complete.harness.message };
  if (code !== 0) return { status: 'CRASH', message: `exit code ${code} after the results\n${tail}` };
  return { status: 'PASS', message: '' };
}

/** Some files give two subtests the same name; expectations need to tell them apart. */
function numberRepeatedNames(results) {
  const seen = new Map();
  return results.map((result) => {
    const count = (seen.get(result.name) ?? 0) + 1;
    seen.set(result.name, count);
    return count === 1 ? result : { ...result, name: `${result.name} (${count})` };
  });
}
