#!/usr/bin/env node
/** Unpacks the third-party sources that native/vendor/Cargo.lock pins. No Rust is compiled; cargo checks the sums. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const vendor = join(root, 'native', 'vendor');
const crates = join(vendor, 'crates');
const stampFile = join(crates, '.lock-checksum');
const MIN_MINOR = 68; // the sparse registry protocol

const usage = `usage: node scripts/vendor.mjs [--force]

Unpacks the sources pinned in native/vendor/Cargo.lock into native/vendor/crates, if the lock has changed since the
last time. Needs cargo 1.${MIN_MINOR} or later (looked for in PATH and ~/.cargo/bin).
  --force   unpack even if nothing has changed`;

function checksum() {
  const hash = createHash('sha256');
  for (const name of ['Cargo.toml', 'Cargo.lock']) hash.update(readFileSync(join(vendor, name)));
  return hash.digest('hex');
}

/** Command of the first cargo that is new enough; throws with what was found otherwise. */
function findCargo() {
  const found = [];
  const suffix = process.platform === 'win32' ? '.exe' : '';
  const rustup = join(process.env.CARGO_HOME ?? join(homedir(), '.cargo'), 'bin', `cargo${suffix}`);
  for (const command of [rustup, 'cargo']) {
    const { status, stdout } = spawnSync(command, ['--version'], { encoding: 'utf8' });
    const [, major, minor] = (status === 0 && /(\d+)\.(\d+)/.exec(stdout)) || [];
    if (major === undefined) continue;
    if (Number(major) > 1 || Number(minor) >= MIN_MINOR) return command;
    found.push(`${command} is ${major}.${minor}`);
  }
  throw new Error(
    `cargo 1.${MIN_MINOR} or later is needed to fetch the third-party sources${found.length > 0 ? ` (${found.join(', ')})` : ''}.\n` +
      'Debian 12: apt-get install cargo-web. Debian 13, Ubuntu 24.04: apt-get install cargo. Elsewhere: https://rustup.rs',
  );
}

/** Makes native/vendor/crates fit the lock. Returns whether there was anything to do. */
export function vendorSources({ force = false } = {}) {
  const wanted = checksum();
  const current = existsSync(stampFile) ? readFileSync(stampFile, 'utf8').trim() : '';
  if (!force && current === wanted) return false;
  const cargo = findCargo();
  rmSync(crates, { recursive: true, force: true });
  const args = ['vendor', '--locked', '--quiet', '--manifest-path', join(vendor, 'Cargo.toml'), crates];
  const { status, stderr, error } = spawnSync(cargo, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`cargo vendor failed: ${error?.message ?? stderr.trim()}`);
  writeFileSync(stampFile, `${wanted}\n`);
  return true;
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const args = process.argv.slice(2);
  if (args.includes('--help')) {
    console.log(usage);
  } else if (args.some((arg) => arg !== '--force')) {
    console.error(usage);
    process.exitCode = 2;
  } else {
    try {
      const done = vendorSources({ force: args.includes('--force') });
      console.log(done ? 'vendor: sources unpacked' : 'vendor: sources are up to date');
    } catch (error) {
      console.error(`vendor: ${error.message}`);
      process.exitCode = 1;
    }
  }
}
