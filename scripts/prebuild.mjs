#!/usr/bin/env node
/** Makes prebuilds/<platform>-<arch>/ with prebuildify, and proves that the result can be shipped. */
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { checkPrebuild, oldestGlibc } from './check-prebuild.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const require = createRequire(import.meta.url);
const usage = `usage: node scripts/prebuild.mjs

Packs the package, builds the addon from the packed files (node-gyp, which calls CMake), strips it, puts it into
prebuilds/, checks what it needs and exports, then installs the package with it in an empty folder and loads it.

For another processor, all but the loading, with its compilers and its libvpx and SpeexDSP:
  PREBUILD_ARCH=arm64 PREBUILD_STRIP_BIN=aarch64-linux-gnu-strip CMAKE_TOOLCHAIN_FILE=<file>`;

/** Of the prebuilt addon; prebuildify knows the variable, too. */
const arch = process.env.PREBUILD_ARCH ?? process.arch;

function run(command, args, options = {}) {
  return execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'], ...options });
}

/** `npm pack` of the checkout into `folder`; path of the archive. */
function pack(folder) {
  const [{ filename }] = JSON.parse(
    run('npm', ['pack', '--json', '--ignore-scripts', '--loglevel=error', '--pack-destination', folder], { cwd: root }),
  );
  return join(folder, filename);
}

/** The node-gyp that comes with npm: nothing to install. */
function findNodeGyp() {
  const npm = run('npm', ['root', '--global', '--loglevel=error']).trim();
  for (const folder of [join(npm, 'npm'), npm, root]) {
    try {
      return require.resolve('node-gyp/bin/node-gyp.js', { paths: [folder] });
    } catch (error) {
      if (error.code !== 'MODULE_NOT_FOUND') throw error;
    }
  }
  throw new Error('node-gyp was not found; npm brings it: npm install --global npm');
}

/** What node-gyp wants of a Node.js installation. Our target compiles nothing itself, so that almost nothing will do. */
function makeNodeFolder(folder) {
  const include = join(folder, 'include', 'node');
  mkdirSync(include, { recursive: true });
  writeFileSync(join(include, 'common.gypi'), "{ 'target_defaults': { 'configurations': { 'Release': {} } } }\n");
  writeFileSync(join(include, 'config.gypi'), "{ 'target_defaults': {}, 'variables': {} }\n");
  return folder;
}

async function buildIn(folder, nodeFolder) {
  const prebuildify = require('prebuildify');
  process.env.npm_config_nodedir = nodeFolder;
  process.env.PEERWIRE_VENDOR_DIR ??= join(root, 'native', 'vendor', 'crates');
  process.env.PEERWIRE_OPENSSL_DIR ??= join(root, 'build', 'openssl');
  const isGlibc = Boolean(process.report.getReport().header.glibcVersionRuntime);
  if (isGlibc) process.env.PEERWIRE_GLIBC = oldestGlibc;
  await new Promise((resolve, reject) => {
    const options = {
      cwd: folder,
      napi: true,
      strip: true,
      tagLibc: isGlibc ? 'glibc' : 'musl',
      targets: [`node@${process.versions.node}`],
      nodeGyp: findNodeGyp(),
    };
    prebuildify(options, (error) => (error ? reject(error) : resolve()));
  });
  return join(folder, 'prebuilds');
}

/** Installs the archive where nothing else is, and loads it as a user would. */
function proveInstalled(archive, folder) {
  mkdirSync(folder);
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  const install = ['install', '--omit=dev', '--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error', archive];
  run('npm', install, { cwd: folder });
  const program = `
    const { nativeAddon } = require('./node_modules/peerwire/dist/binding.js');
    const names = Object.keys(require('peerwire'));
    const loaded = process.report.getReport().sharedObjects.filter((path) => path.endsWith('.node'));
    console.log(JSON.stringify({ versions: nativeAddon().versions, names: names.length, loaded }));`;
  const result = JSON.parse(run(process.execPath, ['-e', program], { cwd: folder }).trim());
  const packages = readdirSync(join(folder, 'node_modules')).filter((name) => !name.startsWith('.'));
  return { packages, versions: result.versions };
}

async function main() {
  const temporary = mkdtempSync(join(tmpdir(), 'peerwire-prebuild-'));
  try {
    rmSync(join(root, 'prebuilds'), { recursive: true, force: true });
    const staging = join(temporary, 'staging');
    mkdirSync(staging);
    // In the packed files, not in the checkout: node-gyp empties build/, and what is left out of "files" shows here.
    run('tar', ['-xzf', pack(temporary), '-C', staging, '--strip-components=1']);
    symlinkSync(join(root, 'node_modules'), join(staging, 'node_modules'));
    const made = await buildIn(staging, makeNodeFolder(join(temporary, 'node')));
    cpSync(made, join(root, 'prebuilds'), { recursive: true });
    const platform = `${process.platform}-${arch}`;
    for (const name of readdirSync(join(root, 'prebuilds', platform))) {
      checkPrebuild(join(root, 'prebuilds', platform, name));
    }
    if (arch !== process.arch) return;
    const { packages, versions } = proveInstalled(pack(temporary), join(temporary, 'clean'));
    console.log(`clean folder: loads with ${packages.join(', ')}; ${JSON.stringify(versions)}`);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

if (process.argv.includes('--help')) {
  console.log(usage);
} else {
  try {
    await main();
  } catch (error) {
    console.error(`prebuild: ${error.message}`);
    process.exitCode = 1;
  }
}
