#!/usr/bin/env node
/**
 * Every test: type check, TypeScript tests (jest), C++ tests (GoogleTest). Goes on after a failure, so that one run
 * shows all of them. The last line is `N passed, N failed[, N skipped]`, counted in single tests.
 */
import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { addCounts, countLine } from './lib/counts.mjs';
import { runJest } from './lib/jest-report.mjs';
import { say } from './lib/progress.mjs';
import { CommandError, runCommand } from './lib/run-command.mjs';
import { testNative } from './test-native.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const usage = `usage: node scripts/test.mjs [pattern…]

Runs the type check, the TypeScript tests and the C++ tests. With patterns: only the TypeScript tests whose path
matches one of them (as jest does).`;

/** Said again at the end: the first lines of a long log are the ones that get lost. */
const failed = [];

/** Of all processors since the system began, in ticks; null where the system does not say. */
function processorTimes() {
  if (!existsSync('/proc/stat')) return null;
  const [user, nice, system, idle, wait, interrupt, softInterrupt, stolen] = readFileSync('/proc/stat', 'utf8')
    .split('\n', 1)[0]
    .split(/\s+/)
    .slice(1)
    .map(Number);
  return { busy: user + nice + system + interrupt + softInterrupt, idle: idle + wait, stolen };
}

/** What else the machine did: tests of sound, pictures and time-outs that fail may have failed for that. */
function tellLoad(before) {
  const after = processorTimes();
  if (!before || !after) return;
  const [busy, idle, stolen] = ['busy', 'idle', 'stolen'].map((key) => after[key] - before[key]);
  const share = (ticks) => `${((100 * ticks) / Math.max(1, busy + idle + stolen)).toFixed(0)} %`;
  console.log(`processors: ${share(busy)} busy, ${share(stolen)} taken by other machines, ${share(idle)} idle`);
}

async function checkTypes(totals) {
  try {
    await runCommand(process.execPath, ['node_modules/typescript/bin/tsc', '--noEmit'], { cwd: root });
    totals.passed += 1;
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    console.log(error.output);
    failed.push('type check');
    totals.failed += 1;
  }
}

/**
 * Tests of connections wait for much of their time, for others' timers and for consent to expire: one more at once than
 * there are processors. Those of sound, pictures and messages as they come (`*-flow.test.ts`) measure what reaches the
 * other side in time, which other tests on the same processors would change: one at a time, after the others.
 */
const passes = [
  { name: 'connections', args: [`--maxWorkers=${availableParallelism() + 1}`], leftOut: '-flow\\.test\\.ts$' },
  { name: 'flows', args: ['--runInBand'], leftOut: '(?<!-flow)\\.test\\.ts$' },
];

async function runTypeScriptTests({ name: pass, args, leftOut }, patterns, totals) {
  const report = join(root, `build/jest-report-${pass}.json`);
  // Patterns may name tests of one pass alone; without any, a pass that finds none has lost them.
  const mayBeEmpty = patterns.length > 0 ? ['--passWithNoTests'] : [];
  const { counts, files, problem } = await runJest(
    root,
    report,
    ['--silent=false', ...mayBeEmpty, ...args, `--testPathIgnorePatterns=${leftOut}`, '--', ...patterns],
    { timeoutMs: 30 * 60_000 },
  );
  addCounts(totals, counts);
  if (problem) failed.push(problem);
  for (const file of files) {
    const name = relative(root, file.name);
    if (file.status === 'failed' && file.assertionResults.length === 0) failed.push(`${name}: did not start`);
    for (const test of file.assertionResults) {
      if (test.status === 'pending') console.log(`skipped: ${name}: ${test.fullName}`);
      if (test.status !== 'failed') continue;
      const [message] = stripVTControlCharacters(test.failureMessages[0] ?? '').split('\n    at ', 1);
      failed.push(`${name}: ${test.fullName}\n    ${message.slice(0, 400).replaceAll('\n', '\n    ')}`);
    }
  }
}

async function runNativeTests(totals) {
  try {
    const { counts, failures } = await testNative();
    failures.forEach((text) => console.log(text));
    failed.push(...failures.map((text) => text.slice(0, 400)));
    addCounts(totals, counts);
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    console.log(`${error.output}\nThe C++ tests do not build: ${error.message}`);
    failed.push('the C++ tests do not build');
    totals.failed += 1;
  }
}

const patterns = process.argv.slice(2);
if (patterns.includes('--help')) {
  console.log(usage);
} else {
  const totals = { passed: 0, failed: 0, skipped: 0 };
  const times = processorTimes();
  if (patterns.length === 0) {
    say('type check');
    await checkTypes(totals);
  }
  for (const pass of passes) {
    say(`TypeScript tests: ${pass.name}`);
    await runTypeScriptTests(pass, patterns, totals);
  }
  if (patterns.length === 0) {
    say('C++ tests');
    await runNativeTests(totals);
  }
  say('all tests have run');
  tellLoad(times);
  for (const text of failed) console.log(`failed: ${text}`);
  process.exitCode = totals.failed > 0 || totals.passed === 0 ? 1 : 0;
  console.log(countLine(totals));
}
