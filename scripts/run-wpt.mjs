#!/usr/bin/env node
/** Runs web-platform-tests out of an unmodified checkout against a package, and holds the outcome against status/. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Expectations } from '../test/wpt/runner/expectations.mjs';
import { explainFailure } from '../test/wpt/runner/reasons.mjs';
import { runFile } from '../test/wpt/runner/run-file.mjs';
import { listTestFiles } from '../test/wpt/runner/test-file.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const statusFolder = join(root, 'test/wpt/status');
const { areas, commit } = JSON.parse(readFileSync(join(root, 'test/wpt/checkout.json'), 'utf8'));
const usage = `usage: WPT_DIR=<checkout> node scripts/run-wpt.mjs [options]

  --filter <text>    only files whose path contains the text (may be given several times)
  --list             print the files and whether they would run
  --update           take this run's outcome as the expectation; reasons there are stay
  --json <file>      write all results to a file
  --package <path>   module to test instead of this package; nothing is expected then, only counted
  --all              also run files that status/ skips
  --jobs <n>         files at a time (default 2)
  --verbose          with --package or --update: print every subtest that fails

The checkout is one of web-platform-tests at commit ${commit}
(or later; then say --update). Areas: ${areas.join(', ')}.`;

const { values: options } = parseArgs({
  options: {
    all: { type: 'boolean' },
    filter: { type: 'string', multiple: true, default: [] },
    help: { type: 'boolean', short: 'h' },
    jobs: { type: 'string', default: '2' },
    json: { type: 'string' },
    list: { type: 'boolean' },
    package: { type: 'string' },
    update: { type: 'boolean' },
    verbose: { type: 'boolean' },
  },
});

const oneLine = (text) => text.split('\n')[0].slice(0, 240);

/** The module under test: a path, or a name that is looked up from the working folder. */
function packageModule() {
  if (!options.package) return join(root, 'dist/index.js');
  const path = resolve(options.package);
  return isAbsolute(options.package) || existsSync(path) ? path : options.package;
}

/** Files of all areas, with the expectations of their area. */
function selectFiles(checkout) {
  const selected = [];
  for (const area of areas) {
    if (!existsSync(join(checkout, area))) continue;
    const expectations = new Expectations(statusFolder, area);
    const files = listTestFiles(checkout, area);
    for (const path of expectations.strangers(files))
      console.log(`status/${area}.json: ${path} is not in the checkout`);
    for (const path of files) {
      if (options.filter.length > 0 && !options.filter.some((text) => path.includes(text))) continue;
      selected.push({ path, expectations });
    }
  }
  return selected;
}

async function runAll(files, run) {
  const queue = [...files];
  const workers = Array.from({ length: Number(options.jobs) }, async () => {
    for (let next = queue.shift(); next; next = queue.shift()) await run(next);
  });
  await Promise.all(workers);
}

async function main(checkout) {
  const selected = selectFiles(checkout);
  const runnable = selected.filter(({ path, expectations }) => options.all || !expectations.skipReason(path));
  if (options.list) {
    for (const { path, expectations } of selected) {
      const reason = expectations.skipReason(path);
      console.log(reason ? `skip ${path}: ${reason}` : `run  ${path}`);
    }
    return 0;
  }

  const totals = { files: 0, filesPassed: 0, subtests: 0, subtestsPassed: 0, unexpected: 0 };
  const outcomes = [];
  await runAll(runnable, async ({ path, expectations }) => {
    const isPatient = !expectations.failsAsWhole(path);
    const outcome = await runFile({ root: checkout, path, packageModule: packageModule(), isPatient });
    outcomes.push(outcome);
    const subtests = outcome.results.slice(0, -1);
    const passed = subtests.filter((result) => result.status === 'PASS').length;
    totals.files += 1;
    totals.subtests += subtests.length;
    totals.subtestsPassed += passed;
    if (outcome.results.every((result) => result.status === 'PASS')) totals.filesPassed += 1;
    console.log(`${path}: ${passed}/${subtests.length} (${(outcome.durationMs / 1000).toFixed(1)} s)`);
    if (options.verbose && (options.package || options.update)) {
      for (const result of outcome.results.filter((one) => one.status !== 'PASS')) {
        console.log(`    ${result.status} ${result.name}: ${oneLine(result.message)}`);
      }
    }
    if (options.update) expectations.update(path, outcome.results, explainFailure);
    else if (!options.package) totals.unexpected += printSurprises(expectations.compare(path, outcome.results));
  });

  const unexplained = new Map();
  for (const expectations of new Set(selected.map((one) => one.expectations))) {
    if (options.update) expectations.save();
    for (const [file, entry] of expectations.unexplained()) unexplained.set(file, entry);
  }
  for (const file of unexplained.keys()) console.log(`${file}: a failure has no reason yet`);
  if (options.json) {
    outcomes.sort((a, b) => (a.path < b.path ? -1 : 1));
    writeFileSync(options.json, JSON.stringify({ package: packageModule(), totals, files: outcomes }, null, 1));
  }
  console.log(
    `\nfiles: ${totals.filesPassed} of ${totals.files} passed whole, ${selected.length - runnable.length} skipped; ` +
      `subtests: ${totals.subtestsPassed} of ${totals.subtests} passed; unexpected: ${totals.unexpected}`,
  );
  return totals.unexpected > 0 || (unexplained.size > 0 && !options.update) ? 1 : 0;
}

function printSurprises({ unexpectedFailures, unexpectedPasses, absent }) {
  for (const { status, name, message } of unexpectedFailures) console.log(`  ! ${status} ${name}: ${oneLine(message)}`);
  for (const { name } of unexpectedPasses) console.log(`  ! PASS, though listed as failing: ${name}`);
  for (const name of absent) console.log(`  ! listed as failing, but there is no such subtest: ${name}`);
  return unexpectedFailures.length + unexpectedPasses.length + absent.length;
}

if (options.help) {
  console.log(usage);
} else if (!process.env.WPT_DIR || !existsSync(join(process.env.WPT_DIR, 'resources/testharness.js'))) {
  console.error(`WPT_DIR does not name a checkout of web-platform-tests.\n\n${usage}`);
  process.exitCode = 1;
} else {
  process.exitCode = await main(resolve(process.env.WPT_DIR));
}
