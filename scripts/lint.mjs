#!/usr/bin/env node
/** Every check that is not a test: eslint, prettier, tsc, clang-format (where installed), the rules between layers. */
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { say } from './lib/progress.mjs';
import { CommandError, findExecutable, runCommand } from './lib/run-command.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const fix = process.argv.includes('--fix');
if (process.argv.includes('--help')) {
  console.log('usage: node scripts/lint.mjs [--fix]\n\nRuns all linters; --fix lets those that can mend the files.');
  process.exit(0);
}

const ownCpp = () =>
  readdirSync(join(root, 'native'), { recursive: true })
    .filter((path) => /\.(cc|h)$/.test(path) && !path.startsWith('vendor'))
    .map((path) => join('native', path));

const node = process.execPath;
const checks = [
  { name: 'tsc', command: [node, 'node_modules/typescript/bin/tsc', '--noEmit', '-p', '.'] },
  {
    name: 'eslint',
    command: [node, 'node_modules/eslint/bin/eslint.js', '--max-warnings=0', ...(fix ? ['--fix'] : []), '.'],
  },
  {
    name: 'prettier',
    command: [node, 'node_modules/prettier/bin/prettier.cjs', fix ? '--write' : '--check', '--log-level=warn', '.'],
  },
  {
    name: 'clang-format',
    skip: () => (findExecutable('clang-format') ? undefined : 'clang-format is not installed'),
    command: () => ['clang-format', ...(fix ? ['-i'] : ['--dry-run', '-Werror']), ...ownCpp()],
  },
  {
    name: 'layers',
    skip: () => (existsSync(join(root, 'scripts/check-layers.mjs')) ? undefined : 'there is no such check yet'),
    command: [node, 'scripts/check-layers.mjs'],
  },
];

let failed = 0;
for (const { name, skip, command } of checks) {
  const reason = skip?.();
  if (reason) {
    say(`${name}: skipped, ${reason}`);
    continue;
  }
  const [program, ...args] = typeof command === 'function' ? command() : command;
  try {
    await runCommand(program, args, { cwd: root });
    say(`${name}: ok`);
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    failed += 1;
    console.log(error.output.split('\n').slice(0, 400).join('\n'));
    say(`${name}: failed (${error.message.slice(-80)})`);
  }
}
process.exitCode = failed > 0 ? 1 : 0;
