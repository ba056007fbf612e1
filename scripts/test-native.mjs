#!/usr/bin/env node
/**
 * Builds the C++ tests in the folder of the addon, which has all that they are linked with, and runs them; ends with the
 * line `N passed, N failed, N skipped`.
 */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildWithCMake, listTestPrograms, runTestPrograms } from './lib/native-tests.mjs';
import { CommandError } from './lib/run-command.mjs';
import { countLine } from './lib/counts.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/** The C++ tests' counts and failures. */
export async function testNative() {
  const folder = join(root, 'build/native');
  await buildWithCMake(root, folder, { PEERWIRE_TESTS: 'ON' });
  return runTestPrograms(folder, await listTestPrograms(folder));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (process.argv.includes('--help')) {
    console.log('usage: node scripts/test-native.mjs\n\nBuilds the C++ tests in build/native and runs them.');
  } else {
    try {
      const { counts, failures } = await testNative();
      failures.forEach((text) => console.error(text));
      console.log(countLine(counts));
      process.exitCode = counts.failed > 0 ? 1 : 0;
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      console.error(`${error.output}\n${error.message}`);
      process.exitCode = 1;
    }
  }
}
