#!/usr/bin/env node
/**
 * npm's install step. Installed package: take the prebuilt addon that fits, or build one. Checkout: leave it to
 * `npm run build:native`, so that a clone installs on a machine without a compiler.
 */
import { existsSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const require = createRequire(import.meta.url);
const usage = `usage: node scripts/install.mjs

Run by npm after installation: checks for a prebuilt addon and builds one from source where there is none, or where
npm_config_build_from_source asks for it.`;

const run = (args, options) => spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8', ...options });

/** Loads it, in a process of its own: what was built for another libc or an older system is there, and does not load. */
function hasAddonThatLoads() {
  const load = `require(${JSON.stringify(require.resolve('node-gyp-build'))})(${JSON.stringify(root)})`;
  const { status, stderr } = run(['-e', load]);
  if (status === 0) return true;
  const reason = stderr.split('\n').find((line) => /^\w*Error\b/.test(line));
  console.log(
    `peerwire: no prebuilt addon for ${process.platform}-${process.arch} loads (${reason ?? 'no reason given'})`,
  );
  return false;
}

/** By CMake alone: node-gyp, which node-gyp-build would call, needs Python to call it. */
function buildFromSource() {
  console.log('peerwire: building the addon from source, which takes some minutes');
  const { status } = run(['scripts/build-native.mjs', '--copy-to', join('build', 'Release')], { stdio: 'inherit' });
  if (status === 0) {
    // Fourteen times the size of the addon, and of no use to who only installs.
    for (const folder of ['build/native', 'build/openssl', 'native/vendor/crates']) {
      rmSync(join(root, folder), { recursive: true, force: true });
    }
    return 0;
  }
  console.error('peerwire: the addon could not be built; what that needs: README.md, "Install"');
  return 1;
}

function main() {
  // lib/ is in checkouts only: packages carry dist/.
  if (existsSync(join(root, 'lib'))) {
    console.log('peerwire: a checkout; `npm run build:native` builds the addon');
    return 0;
  }
  const wanted = process.env.npm_config_build_from_source ?? '';
  const isSourceWanted = wanted === 'true' || wanted.split(',').includes('peerwire');
  return !isSourceWanted && hasAddonThatLoads() ? 0 : buildFromSource();
}

if (process.argv.includes('--help')) console.log(usage);
else process.exitCode = main();
