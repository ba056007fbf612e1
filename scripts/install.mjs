#!/usr/bin/env node
/**
 * npm's install step. Installed package: take the prebuilt addon that fits, or build one. Checkout: leave it to
 * `npm run build:native`, so that a clone installs on a machine without a compiler.
 */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const require = createRequire(import.meta.url);
const usage = `usage: node scripts/install.mjs

Run by npm after installation: checks for a prebuilt addon and builds one from source where there is none.`;

function main() {
  // lib/ is in checkouts only: packages carry dist/.
  if (existsSync(join(root, 'lib'))) {
    console.log('peerwire: a checkout; `npm run build:native` builds the addon');
    return 0;
  }
  const { status } = spawnSync(process.execPath, [require.resolve('node-gyp-build/bin.js')], {
    cwd: root,
    stdio: 'inherit',
  });
  return status ?? 1;
}

if (process.argv.includes('--help')) console.log(usage);
else process.exitCode = main();
