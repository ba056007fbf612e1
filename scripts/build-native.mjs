#!/usr/bin/env node
/** Builds the addon with CMake. Node-API's headers come from an npm package: distributions' Node.js has none. */
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { vendorSources } from './vendor.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const usage = `usage: node scripts/build-native.mjs [options]

Builds build/native/peerwire.node (Release). Does nothing that is done already. Ninja and ccache are used when installed.
OpenSSL is built once for all (build/openssl, or PEERWIRE_OPENSSL_DIR).
  --debug                 without optimization, with symbols (build/native-debug)
  --sanitize <list>       instrumented, e.g. address,undefined or thread (build/native-address-undefined)
  --out <folder>          another build folder
  --without <list>        codecs to leave out: opus, g722, g711, vp8, vp9, h264, av1
  --system-openssl        with the system's static OpenSSL (3.0 or later) in place of the pinned one
  --glibc <version>       an addon that runs with this glibc, e.g. 2.28, and later ones (or PEERWIRE_GLIBC)
  --copy-to <folder>      copy peerwire.node there afterwards
  --jobs <n>              compilers at once (default: number of processors)
  --vendor-dir <folder>   third-party sources unpacked elsewhere (or PEERWIRE_VENDOR_DIR)`;

/** Something the caller can mend; printed without a stack. */
class BuildError extends Error {}

function run(command, args, options = {}) {
  const { status, error, signal } = spawnSync(command, args, { cwd: root, stdio: 'inherit', ...options });
  if (error) throw new BuildError(`${command}: ${error.message}`);
  if (status !== 0) throw new BuildError(`${command} ended with ${signal ?? `exit code ${status}`}`);
}

function isInstalled(command) {
  return spawnSync(command, ['--version'], { stdio: 'ignore' }).status === 0;
}

function findNodeApiHeaders() {
  try {
    return createRequire(join(root, 'package.json'))('node-api-headers').include_dir;
  } catch (error) {
    if (error.code !== 'MODULE_NOT_FOUND') throw error;
    throw new BuildError('node-api-headers is missing: npm install');
  }
}

function folderFor(options) {
  if (options.out) return resolve(options.out);
  const parts = ['native'];
  if (options.debug) parts.push('debug');
  if (options.sanitize) parts.push(...options.sanitize.split(','));
  return join(root, 'build', parts.join('-'));
}

/** Configures unless the folder was configured the same way; after that CMake itself notices what changes. */
function configure(folder, options) {
  const vendorDir = options['vendor-dir'] ?? process.env.PEERWIRE_VENDOR_DIR;
  if (!vendorDir) vendorSources();
  const definitions = { PEERWIRE_NODE_API_INCLUDE: findNodeApiHeaders() };
  definitions.CMAKE_BUILD_TYPE = options.debug ? 'Debug' : 'Release';
  definitions.PEERWIRE_SANITIZE = options.sanitize ?? '';
  definitions.PEERWIRE_WITHOUT_CODECS = options.without ?? '';
  definitions.PEERWIRE_SYSTEM_OPENSSL = options['system-openssl'] ? 'ON' : 'OFF';
  definitions.PEERWIRE_GLIBC = options.glibc ?? process.env.PEERWIRE_GLIBC ?? '';
  if (vendorDir) definitions.PEERWIRE_VENDOR_DIR = resolve(vendorDir);
  const opensslDir = process.env.PEERWIRE_OPENSSL_DIR;
  if (opensslDir) definitions.PEERWIRE_OPENSSL_DIR = resolve(opensslDir);
  const stampFile = join(folder, '.configured');
  const stamp = `${JSON.stringify([definitions, root])}\n`;
  const generated = existsSync(join(folder, 'build.ninja')) || existsSync(join(folder, 'Makefile'));
  if (generated && existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) return;
  if (!isInstalled('cmake'))
    throw new BuildError('CMake 3.21 or later is needed. Debian: apt-get install cmake g++ ninja-build');
  const args = ['-S', root, '-B', folder];
  for (const [name, value] of Object.entries(definitions)) args.push(`-D${name}=${value}`);
  // Another generator than the one the folder was made with is refused by CMake.
  rmSync(join(folder, 'CMakeCache.txt'), { force: true });
  if (isInstalled('ninja')) args.push('-G', 'Ninja');
  mkdirSync(folder, { recursive: true });
  run('cmake', args);
  writeFileSync(stampFile, stamp);
}

function build(folder, options) {
  const jobs = options.jobs ?? String(availableParallelism());
  if (existsSync(join(folder, 'build.ninja'))) run('ninja', ['-C', folder, '-j', jobs, '--quiet', 'peerwire']);
  else run('cmake', ['--build', folder, '--parallel', jobs, '--target', 'peerwire']);
}

function main() {
  const { values: options } = parseArgs({
    options: {
      help: { type: 'boolean' },
      debug: { type: 'boolean' },
      sanitize: { type: 'string' },
      out: { type: 'string' },
      without: { type: 'string' },
      'system-openssl': { type: 'boolean' },
      glibc: { type: 'string' },
      'copy-to': { type: 'string' },
      'vendor-dir': { type: 'string' },
      jobs: { type: 'string' },
    },
  });
  if (options.help) {
    console.log(usage);
    return;
  }
  const begun = Date.now();
  const folder = folderFor(options);
  configure(folder, options);
  build(folder, options);
  const made = join(folder, 'peerwire.node');
  if (options['copy-to']) {
    mkdirSync(options['copy-to'], { recursive: true });
    copyFileSync(made, join(options['copy-to'], 'peerwire.node'));
  }
  console.log(`build-native: ${relative(root, made)} is up to date (${((Date.now() - begun) / 1000).toFixed(1)} s)`);
}

try {
  main();
} catch (error) {
  if (!(error instanceof BuildError) && !error.code?.startsWith('ERR_PARSE_ARGS') && error instanceof TypeError)
    throw error;
  console.error(`build-native: ${error.message}`);
  process.exitCode = 1;
}
