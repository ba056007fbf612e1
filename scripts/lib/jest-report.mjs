import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { CommandError, runCommand } from './run-command.mjs';

/**
 * Runs jest in `root`, printing what it tells people, and reads the report that it writes for machines to the file
 * `report`. A run that ends badly though no test failed counts as one failed test; so does one without a report.
 * @param {string[]} args patterns of paths, and options
 * @param {object} [options] env (added to ours), timeoutMs
 * @returns {Promise<{counts: {passed: number, failed: number, skipped: number}, files: object[], problem?: string}>}
 *   `files` are jest's `testResults`; `problem` says what went wrong beside failing tests
 */
export async function runJest(root, report, args, { env, timeoutMs } = {}) {
  mkdirSync(dirname(report), { recursive: true });
  rmSync(report, { force: true });
  const command = ['node_modules/jest/bin/jest.js', '--ci', '--json', `--outputFile=${report}`, ...args];
  let death;
  try {
    await runCommand(process.execPath, command, {
      cwd: root,
      env,
      timeoutMs,
      // The report goes to standard output as well; what people read comes on standard error.
      onLine: (line) => {
        if (!line.startsWith('{"num')) console.log(line);
      },
    });
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    death = error;
  }
  if (!existsSync(report)) {
    const problem = `jest ended without a report: ${death?.message ?? 'unknown reason'}`;
    return { counts: { passed: 0, failed: 1, skipped: 0 }, files: [], problem };
  }
  const result = JSON.parse(readFileSync(report, 'utf8'));
  const counts = {
    passed: result.numPassedTests,
    // A file that could not even start has no test in the counts.
    failed: result.numFailedTests + result.numRuntimeErrorTestSuites,
    skipped: result.numPendingTests + result.numTodoTests,
  };
  const problem = death && counts.failed === 0 ? `jest: ${death.message}` : undefined;
  if (problem) counts.failed = 1;
  return { counts, files: result.testResults, problem };
}
