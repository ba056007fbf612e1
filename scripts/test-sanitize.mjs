#!/usr/bin/env node
/**
 * The native code under AddressSanitizer and UndefinedBehaviorSanitizer, or ThreadSanitizer: the C++ tests, the fuzzers, and
 * the TypeScript tests that use the addon. The last line is `N passed, N failed[, N skipped]`; a fuzzer counts as one test.
 */
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { addCounts, countLine } from './lib/counts.mjs';
import { runJest } from './lib/jest-report.mjs';
import { buildWithCMake, listTestPrograms, runTestPrograms } from './lib/native-tests.mjs';
import { say } from './lib/progress.mjs';
import { CommandError, findExecutable, runCommand } from './lib/run-command.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const parts = ['tests', 'fuzz', 'addon'];
const usage = `usage: node scripts/test-sanitize.mjs [--threads] [--part ${parts.join('|')}]… [--fuzzer <name>]… [--seconds <n>] [pattern…]

  --threads   ThreadSanitizer; no fuzzers, which have one thread each
  --part      only this part (default: all): C++ tests, fuzzers, TypeScript tests on an instrumented addon
  --fuzzer    only fuzzers with this in their names, such as stun or dtls (default: all)
  --seconds   time for each fuzzer (default 20)
  pattern     TypeScript tests to run on the instrumented addon (default: test/transport test/webrtc)`;

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    help: { type: 'boolean', short: 'h' },
    part: { type: 'string', multiple: true, default: parts },
    fuzzer: { type: 'string', multiple: true, default: [] },
    threads: { type: 'boolean', default: false },
    seconds: { type: 'string', default: '20' },
  },
});

const asanOptions = 'abort_on_error=0:detect_stack_use_after_return=1:strict_string_checks=1';
const ubsan = { UBSAN_OPTIONS: 'print_stacktrace=1:halt_on_error=1' };
const tsanOptions = 'second_deadlock_stack=1:history_size=5';

/** `env` is for programs that are instrumented as a whole, `addonEnv` for the addon in a Node.js that is not. */
const {
  sanitizers,
  folders,
  runtimes,
  env: sanitizerEnv,
  addonEnv,
} = options.threads
  ? {
      sanitizers: 'thread',
      folders: 'build/sanitize-threads',
      runtimes: ['libtsan.so'],
      env: { TSAN_OPTIONS: tsanOptions },
      // Node.js has locks that ThreadSanitizer does not see, and its own ways with signals.
      addonEnv: { TSAN_OPTIONS: `${tsanOptions}:ignore_noninstrumented_modules=1:report_signal_unsafe=0` },
    }
  : {
      sanitizers: 'address,undefined',
      folders: 'build/sanitize',
      runtimes: ['libasan.so', 'libubsan.so'],
      env: { ...ubsan, ASAN_OPTIONS: asanOptions },
      // V8 keeps its heap to the end of the process, so leaks are the C++ tests' business.
      addonEnv: { ...ubsan, ASAN_OPTIONS: `${asanOptions}:detect_leaks=0` },
    };
const totals = { passed: 0, failed: 0, skipped: 0 };

/** Runs a part; a command that fails counts as one failed test. */
async function attempt(title, run) {
  say(title);
  try {
    await run();
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    console.log(`${error.output.split('\n').slice(-300).join('\n')}\n${title}: ${error.message}`);
    totals.failed += 1;
  }
}

async function runCppTests() {
  const folder = join(root, `${folders}-tests`);
  await buildWithCMake(root, folder, { PEERWIRE_TESTS: 'ON', PEERWIRE_SANITIZE: sanitizers });
  const { counts, failures } = await runTestPrograms(folder, await listTestPrograms(folder), { env: sanitizerEnv });
  failures.forEach((text) => console.log(text));
  addCounts(totals, counts);
}

async function runFuzzers() {
  const clang = findExecutable('clang++');
  if (!clang) {
    console.log('fuzzers: skipped, clang is not installed (apt-get install clang libclang-rt-14-dev)');
    totals.skipped += 1;
    return;
  }
  const folder = join(root, `${folders}-fuzz`);
  const definitions = { PEERWIRE_FUZZERS: 'ON', PEERWIRE_SANITIZE: `fuzzer-no-link,${sanitizers}` };
  const programs = readdirSync(join(root, 'native/test/fuzz'))
    .filter((file) => file.endsWith('_fuzzer.cc'))
    .map((file) => file.replace(/\.cc$/, ''))
    .filter((name) => options.fuzzer.length === 0 || options.fuzzer.some((part) => name.includes(part)));
  if (programs.length === 0) {
    console.log(`fuzzers: none has ${options.fuzzer.join(' or ')} in its name`);
    totals.failed += 1;
    return;
  }
  await buildWithCMake(root, folder, definitions, { env: { CC: 'clang', CXX: 'clang++' }, targets: programs });
  for (const name of programs) {
    const corpus = join(root, 'native/test/fuzz/corpus', name.replace(/_fuzzer$/, ''));
    // New inputs go here; the corpus in the repository only changes by hand.
    const findings = join(folder, 'corpus', name);
    mkdirSync(findings, { recursive: true });
    const args = [
      findings,
      ...(existsSync(corpus) ? [corpus] : []),
      `-max_total_time=${options.seconds}`,
      '-timeout=10',
      '-rss_limit_mb=2048',
      '-print_final_stats=1',
      `-artifact_prefix=${folder}/${name}-`,
    ];
    await attempt(`fuzzer ${name}, ${options.seconds} s`, async () => {
      const output = await runCommand(join(folder, name), args, { env: sanitizerEnv, cwd: folder });
      const runs = /number_of_executed_units: (\d+)/.exec(output)?.[1] ?? '?';
      console.log(`  ${runs} inputs, nothing found`);
      totals.passed += 1;
    });
  }
}

async function runOnInstrumentedAddon() {
  const folder = join(root, `${folders}-addon`);
  const definitions = {
    PEERWIRE_NODE_API_INCLUDE: join(root, 'node_modules/node-api-headers/include'),
    PEERWIRE_SANITIZE: sanitizers,
  };
  await buildWithCMake(root, folder, definitions, { targets: ['peerwire'] });
  const preloaded = await Promise.all(runtimes.map((name) => runCommand('g++', [`-print-file-name=${name}`])));
  const env = {
    ...addonEnv,
    LD_PRELOAD: preloaded.map((path) => path.trim()).join(' '),
    PEERWIRE_ADDON: join(folder, 'peerwire.node'),
  };
  const patterns = positionals.length > 0 ? positionals : ['test/transport', 'test/webrtc'];
  const report = join(folder, 'jest-report.json');
  const args = ['--runInBand', ...patterns];
  const { counts, problem } = await runJest(root, report, args, { env, timeoutMs: 60 * 60_000 });
  addCounts(totals, counts);
  if (problem) console.log(problem);
}

async function main() {
  try {
    await runCommand(process.execPath, [join(root, 'scripts/setup.mjs'), '--for', 'sanitize'], { stdio: 'inherit' });
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    // The set-up has said why.
    process.exitCode = 1;
    return;
  }
  if (options.part.includes('tests')) await attempt('C++ tests', runCppTests);
  if (options.part.includes('fuzz') && !options.threads) await attempt('fuzzers', runFuzzers);
  if (options.part.includes('addon'))
    await attempt('TypeScript tests on an instrumented addon', runOnInstrumentedAddon);
  console.log(countLine(totals));
  process.exitCode = totals.failed > 0 ? 1 : 0;
}

if (options.help) console.log(usage);
else await main();
