#!/usr/bin/env node
/**
 * Builds that leave codecs out: for each, the addon is built in a folder of its own (objects of the build before are used
 * again), and test/webrtc/left-out-codecs.test.ts meets it with the whole one. The last line is
 * `N passed, N failed[, N skipped]`.
 */
import { copyFileSync, mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { addCounts, countLine } from './lib/counts.mjs';
import { runJest } from './lib/jest-report.mjs';
import { say } from './lib/progress.mjs';
import { CommandError, runCommand } from './lib/run-command.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
/** Each by itself; what shares a library; all of a kind; all. */
const sets = [
  ...['opus', 'g722', 'g711', 'vp8', 'vp9', 'h264', 'av1'],
  ...['vp8,vp9', 'opus,g722,g711', 'vp8,vp9,h264,av1', 'opus,g722,g711,vp8,vp9,h264,av1'],
];
const usage = `usage: node scripts/test-left-out-codecs.mjs [--without <list>]…

  --without   only this build, such as vp8 or h264,av1 (default: ${sets.join(' · ')})`;

const totals = { passed: 0, failed: 0, skipped: 0 };

async function buildWithout(codecs, folder) {
  const args = [join(root, 'scripts/build-native.mjs'), '--out', folder, '--without', codecs];
  await runCommand(process.execPath, args, { cwd: root });
  // Under a name of its own: a library that is replaced while a process has it mapped breaks that process.
  const addon = join(folder, 'addons', `${codecs.replaceAll(',', '-')}.node`);
  mkdirSync(dirname(addon), { recursive: true });
  rmSync(addon, { force: true });
  copyFileSync(join(folder, 'peerwire.node'), addon);
  return addon;
}

async function test(codecs, addon, folder) {
  const env = { PEERWIRE_TEST_WITHOUT: codecs, PEERWIRE_TEST_ADDON_WITHOUT: addon };
  const report = join(folder, 'jest-report.json');
  const { counts, problem } = await runJest(root, report, ['test/webrtc/left-out-codecs'], { env });
  addCounts(totals, counts);
  if (problem) console.log(`without ${codecs}: ${problem}`);
}

async function main(chosen) {
  try {
    await runCommand(process.execPath, [join(root, 'scripts/setup.mjs'), '--for', 'test'], { stdio: 'inherit' });
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    // The set-up has said why.
    process.exitCode = 1;
    return;
  }
  const folder = join(root, 'build/native-without');
  for (const codecs of chosen) {
    say(`without ${codecs}`);
    try {
      await test(codecs, await buildWithout(codecs, folder), folder);
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      console.log(`${error.output.split('\n').slice(-100).join('\n')}\nwithout ${codecs}: ${error.message}`);
      totals.failed += 1;
    }
  }
  console.log(countLine(totals));
  process.exitCode = totals.failed > 0 ? 1 : 0;
}

const { values: options } = parseArgs({
  options: { help: { type: 'boolean', short: 'h' }, without: { type: 'string', multiple: true, default: sets } },
});
if (options.help) console.log(usage);
else await main(options.without);
