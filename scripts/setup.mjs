#!/usr/bin/env node
/**
 * Makes a checkout ready: system packages, npm packages, vendored sources, native build, TypeScript build.
 * What is there already is left alone, so that `npm start` and `npm test` can call this every time.
 *
 * Uses nothing but Node's own modules: it runs before anything is installed.
 */
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { provideOtherStacks } from './lib/other-stacks.mjs';
import { say, step } from './lib/progress.mjs';
import { CommandError, findExecutable, runCommand } from './lib/run-command.mjs';
import { StampFile, stampOfContents, stampOfSources } from './lib/source-stamp.mjs';
import { installPackages, missingRequirements, setupPurposes } from './lib/system-packages.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const usage = `usage: node scripts/setup.mjs [--for ${setupPurposes.join('|')}]

Checks for and installs what the purpose needs (default: start).
Runs without questions; prints one line per step; says what to install where it may not install by itself.`;

/** Something only the person at the machine can mend; the message tells how. */
class SetupError extends Error {}

function parsePurpose(args) {
  if (args.includes('--help') || args.includes('-h')) {
    console.log(usage);
    process.exit(0);
  }
  if (args.length === 0) return 'start';
  const purpose = args[0] === '--for' ? args[1] : args[0].replace(/^--for=/, '');
  if (!setupPurposes.includes(purpose) || args.length > 2) throw new SetupError(usage);
  return purpose;
}

function checkNode() {
  const major = Number(process.versions.node.split('.')[0]);
  if (major < 20) {
    throw new SetupError(
      `Node.js ${process.versions.node} is too old: peerwire needs Node.js 20 or later.\n` +
        'Install it from your distribution (Debian: apt-get install nodejs npm) or with your version tool (nvm install 20).',
    );
  }
}

async function provideSystemPackages(purpose, stamps) {
  const missing = missingRequirements(purpose);
  const required = missing.filter((requirement) => !requirement.optional);
  // An optional package that could not be had is asked for once a day, not at every start.
  const refused = stamps.get('refused') ?? {};
  const dayMs = 24 * 3600 * 1000;
  const optional = missing.filter(
    ({ name, optional: loss }) => loss && !(Date.now() - (refused[name]?.time ?? 0) < dayMs),
  );
  for (const { name, package: debianName, optional: loss } of missing) {
    if (refused[name] && !optional.some((one) => one.name === name) && loss) {
      say(`without ${debianName}: ${loss} (${refused[name].reason})`);
    }
  }
  if (required.length > 0) {
    const names = required.map((requirement) => requirement.package);
    const reason = await step(`system packages: installing ${names.join(', ')}`, () => installPackages(names));
    if (reason) {
      throw new SetupError(
        `These are missing and cannot be installed from here (${reason}):\n` +
          names.map((name) => `  ${name}`).join('\n') +
          `\nInstall them and run this again. On Debian or Ubuntu: apt-get install ${names.join(' ')}`,
      );
    }
  }
  for (const { name, package: debianName, optional: loss } of optional) {
    const reason = await step(`system packages: installing ${debianName}`, () => installPackages([debianName]));
    if (reason) {
      say(`without ${debianName}: ${loss} (${reason})`);
      stamps.set('refused', { ...stamps.get('refused'), [name]: { reason, time: Date.now() } });
    }
  }
}

/** Version of this machine's cargo as [major, minor], or undefined. */
async function cargoVersion() {
  // rustup's place is not always on PATH; scripts/vendor.mjs looks there too.
  const rustup = join(process.env.CARGO_HOME ?? join(homedir(), '.cargo'), 'bin', 'cargo');
  const cargo = existsSync(rustup) ? rustup : findExecutable('cargo');
  if (!cargo) return undefined;
  const [, major, minor] = /(\d+)\.(\d+)/.exec(await runCommand(cargo, ['--version'])) ?? [];
  return [Number(major), Number(minor)];
}
const isNewEnough = (version) => version !== undefined && (version[0] > 1 || version[1] >= 68);

/** Third-party sources come from the crates registry, which cargo speaks since 1.68; no Rust is compiled. */
async function provideCargo() {
  if (isNewEnough(await cargoVersion())) return;
  // Debian 12's package `cargo` is older; its `cargo-web` (kept new for browsers) is not.
  let reason;
  for (const name of ['cargo-web', 'cargo']) {
    reason = await step(`system packages: installing ${name}`, () => installPackages([name]));
    if (!reason && isNewEnough(await cargoVersion())) return;
  }
  throw new SetupError(
    `cargo 1.68 or later is missing${reason ? ` and cannot be installed from here (${reason})` : ''}. It fetches and ` +
      'verifies the third-party sources;\nno Rust is compiled. On Debian 12: apt-get install cargo-web. On Debian 13 ' +
      'and Ubuntu 24.04: apt-get install cargo. Elsewhere: https://rustup.rs',
  );
}

/**
 * Whether node_modules holds what the lock file wants. Optional packages (binaries of other platforms) are left out,
 * since npm records only some of them.
 */
function npmPackagesFit() {
  const packagesIn = (path) => JSON.parse(readFileSync(join(root, path), 'utf8')).packages;
  if (!existsSync(join(root, 'node_modules/.package-lock.json'))) return false;
  const installed = packagesIn('node_modules/.package-lock.json');
  return Object.entries(packagesIn('package-lock.json')).every(
    ([path, { optional, version }]) => path === '' || optional || installed[path]?.version === version,
  );
}

const npmInstall = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];

async function provideNpmPackages() {
  if (npmPackagesFit()) return;
  await step('npm packages', () => runCommand('npm', npmInstall, { cwd: root }));
  if (!npmPackagesFit()) throw new SetupError('npm packages: node_modules is not what package-lock.json wants');
}

/** The other implementations that tests meet; bench/ has them for its own use. Without them those tests are skipped. */
async function provideOtherImplementations(stamps) {
  const folder = join(root, 'bench');
  const wanted = stampOfContents(root, ['bench/package.json', 'bench/package-lock.json']);
  if (stamps.get('bench') === wanted && existsSync(join(folder, 'node_modules'))) return;
  try {
    await step('other implementations, to test against', () => runCommand('npm', npmInstall, { cwd: folder }));
    stamps.set('bench', wanted);
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    say(`tests against other implementations are skipped: ${error.message}`);
  }
}

/** Steps that make one thing out of others: run when a source or the outcome has changed since the last time. */
const builds = [
  {
    title: 'third-party sources',
    notFor: ['lint'],
    key: 'vendor',
    stamp: () => stampOfContents(root, ['native/vendor/Cargo.toml', 'native/vendor/Cargo.lock', 'scripts/vendor.mjs']),
    outcome: 'native/vendor/crates',
    before: provideCargo,
    command: [process.execPath, ['scripts/vendor.mjs']],
  },
  {
    title: 'native build',
    notFor: ['lint', 'prebuild'], // which has a build of its own, from the packed files
    key: 'native',
    stamp: () =>
      stampOfSources(root, ['native', 'cmake', 'CMakeLists.txt', 'scripts/build-native.mjs'], ['test', 'crates']) +
      process.versions.node,
    outcome: 'build/native/peerwire.node',
    command: [process.execPath, ['scripts/build-native.mjs']],
  },
  {
    title: 'TypeScript build',
    notFor: ['lint'],
    key: 'typescript',
    stamp: () => stampOfSources(root, ['lib', 'types', 'tsconfig.json', 'scripts/build-ts.mjs']),
    outcome: 'dist/index.js',
    command: [process.execPath, ['scripts/build-ts.mjs']],
  },
];

async function build({ title, key, stamp, outcome, before, command }, stamps) {
  const wanted = stamp();
  if (stamps.get(key) === wanted && existsSync(join(root, outcome))) return;
  await before?.();
  await step(title, () => runCommand(command[0], command[1], { cwd: root }));
  if (!existsSync(join(root, outcome))) throw new SetupError(`${title}: ${outcome} was not made`);
  stamps.set(key, stamp());
}

async function main() {
  checkNode();
  const purpose = parsePurpose(process.argv.slice(2));
  const stamps = new StampFile(join(root, '.setup-stamp.json'));
  await provideSystemPackages(purpose, stamps);
  await provideNpmPackages();
  if (purpose === 'test') {
    await provideOtherImplementations(stamps);
    await provideOtherStacks(root, stamps);
  }
  for (const one of builds) if (!one.notFor.includes(purpose)) await build(one, stamps);
  say(`ready for ${purpose}`);
}

try {
  await main();
} catch (error) {
  if (error instanceof CommandError && error.output) process.stderr.write(error.output);
  if (error instanceof SetupError || error instanceof CommandError) console.error(`\nset-up stopped: ${error.message}`);
  else throw error;
  process.exitCode = 1;
}
