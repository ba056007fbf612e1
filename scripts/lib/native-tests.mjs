import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename, join } from 'node:path';
import { CommandError, findExecutable, runCommand } from './run-command.mjs';

/** Configures and builds a CMake folder; `definitions` are options like PEERWIRE_TESTS. */
export async function buildWithCMake(root, folder, definitions, { env, targets = [] } = {}) {
  const generator = findExecutable('ninja') ? ['-G', 'Ninja'] : [];
  const options = Object.entries(definitions).map(([name, value]) => `-D${name}=${value}`);
  await runCommand('cmake', ['-S', root, '-B', folder, ...generator, ...options], { env });
  const jobs = String(availableParallelism());
  const wanted = targets.length > 0 ? ['--target', ...targets] : [];
  await runCommand('cmake', ['--build', folder, '--parallel', jobs, ...wanted], { env });
}

/** Paths of the test programs that a CMake folder has built, as CTest knows them. */
export async function listTestPrograms(folder) {
  const listing = JSON.parse(await runCommand('ctest', ['--test-dir', folder, '--show-only=json-v1']));
  return listing.tests.map((test) => test.command?.[0]).filter((path) => path !== undefined);
}

/**
 * Runs GoogleTest programs one after the other. A program that dies counts as one failed test more, since what it did
 * not reach is unknown.
 * @returns counts {passed, failed, skipped} and the texts of the failures
 */
export async function runTestPrograms(folder, programs, { env, timeoutMs = 600_000 } = {}) {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  const failures = [];
  const reports = join(folder, 'gtest-reports');
  rmSync(reports, { recursive: true, force: true });
  mkdirSync(reports, { recursive: true });
  for (const program of programs) {
    const name = basename(program);
    const report = join(reports, `${name}.json`);
    let death;
    let output;
    try {
      output = await runCommand(program, [`--gtest_output=json:${report}`], { cwd: folder, env, timeoutMs });
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      death = error;
      output = error.output;
    }
    const before = { ...counts };
    const failedBefore = counts.failed;
    if (existsSync(report)) countReport(JSON.parse(readFileSync(report, 'utf8')), counts);
    if (death && counts.failed === failedBefore) counts.failed += 1;
    if (death) failures.push(`${name}: ${death.message}\n${relevantLines(output)}`);
    for (const line of output.split('\n')) if (line.includes('Skipped')) console.log(`  ${name}: ${line.trim()}`);
    console.log(
      `  ${name}: ${counts.passed - before.passed} passed, ${counts.failed - before.failed} failed, ` +
        `${counts.skipped - before.skipped} skipped`,
    );
  }
  return { counts, failures };
}

function countReport(report, counts) {
  for (const suite of report.testsuites) {
    for (const test of suite.testsuite) {
      if (test.status === 'NOTRUN') continue;
      if (test.failures) counts.failed += 1;
      else if (test.result === 'SKIPPED') counts.skipped += 1;
      else counts.passed += 1;
    }
  }
}

/** Leaves out the lines of tests that went well, so that the log shows the failing ones whole. */
function relevantLines(output) {
  return output
    .split('\n')
    .filter((line) => !/^\[ +(OK|RUN|PASSED) +\]|^\[-+\]/.test(line))
    .slice(-200)
    .join('\n');
}
