#!/usr/bin/env node
/**
 * Every test: type check, TypeScript tests (jest), C++ tests (GoogleTest). Goes on after a failure, so that one run
 * shows all of them. The last line is `N passed, N failed[, N skipped]`, counted in single tests.
 */
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { countLine } from './lib/count-line.mjs';
import { say } from './lib/progress.mjs';
import { CommandError, runCommand } from './lib/run-command.mjs';
import { testNative } from './test-native.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const usage = `usage: node scripts/test.mjs [pattern…]

Runs the type check, the TypeScript tests and the C++ tests. With patterns: only the TypeScript tests whose path
matches one of them (as jest does).`;

async function checkTypes(totals) {
  try {
    await runCommand(process.execPath, ['node_modules/typescript/bin/tsc', '--noEmit'], { cwd: root });
    totals.passed += 1;
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    console.log(error.output);
    totals.failed += 1;
  }
}

async function runJest(patterns, totals) {
  const report = join(root, 'build/jest-report.json');
  mkdirSync(dirname(report), { recursive: true });
  rmSync(report, { force: true });
  const args = ['node_modules/jest/bin/jest.js', '--ci', '--json', `--outputFile=${report}`, '--silent=false'];
  let death;
  try {
    // `--json` prints the report on standard output as well; what people read comes on standard error.
    await runCommand(process.execPath, [...args, ...patterns], {
      cwd: root,
      timeoutMs: 20 * 60_000,
      onLine: (line) => {
        if (!line.startsWith('{"num')) console.log(line);
      },
    });
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    death = error;
  }
  if (!existsSync(report)) {
    console.log(`jest ended without a report: ${death?.message ?? 'unknown reason'}`);
    totals.failed += 1;
    return;
  }
  const result = JSON.parse(readFileSync(report, 'utf8'));
  totals.passed += result.numPassedTests;
  totals.skipped += result.numPendingTests + result.numTodoTests;
  // A file that could not even start has no test in the counts.
  totals.failed += result.numFailedTests + result.numRuntimeErrorTestSuites;
  if (death && result.numFailedTests + result.numRuntimeErrorTestSuites === 0) {
    console.log(`jest: ${death.message}`);
    totals.failed += 1;
  }
  for (const file of result.testResults) {
    for (const test of file.assertionResults) {
      if (test.status === 'pending') console.log(`skipped: ${relative(root, file.name)}: ${test.fullName}`);
    }
  }
}

async function runNativeTests(totals) {
  try {
    const { counts, failures } = await testNative();
    failures.forEach((text) => console.log(text));
    for (const key of Object.keys(totals)) totals[key] += counts[key];
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    console.log(`${error.output}\nThe C++ tests do not build: ${error.message}`);
    totals.failed += 1;
  }
}

const patterns = process.argv.slice(2);
if (patterns.includes('--help')) {
  console.log(usage);
} else {
  const totals = { passed: 0, failed: 0, skipped: 0 };
  if (patterns.length === 0) {
    say('type check');
    await checkTypes(totals);
  }
  say('TypeScript tests');
  await runJest(patterns, totals);
  if (patterns.length === 0) {
    say('C++ tests');
    await runNativeTests(totals);
  }
  say('all tests have run');
  process.exitCode = totals.failed > 0 || totals.passed === 0 ? 1 : 0;
  console.log(countLine(totals));
}
