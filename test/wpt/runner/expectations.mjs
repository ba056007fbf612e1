import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { wholeFile } from './run-file.mjs';

/**
 * The expectations of one area (a folder of the checkout), in `status/<area>.json`:
 *
 *     { "<file>": { "skip": "<reason>" },
 *       "<file>": { "fail": { "<reason>": ["<subtest>", …] } } }
 *
 * A file that is not listed passes whole. `[file]` as a subtest stands for the file's own end (harness, process).
 */
export class Expectations {
  #path;
  #files;

  constructor(folder, area) {
    this.#path = join(folder, `${area}.json`);
    this.#files = existsSync(this.#path) ? JSON.parse(readFileSync(this.#path, 'utf8')) : {};
  }

  skipReason(file) {
    return this.#files[file]?.skip;
  }

  /** Reason by subtest that is expected to fail. */
  #expectedFailures(file) {
    const reasons = new Map();
    for (const [reason, names] of Object.entries(this.#files[file]?.fail ?? {})) {
      for (const name of names) reasons.set(name, reason);
    }
    return reasons;
  }

  /** Whether the file itself is expected not to end well; it will not for having more time. */
  failsAsWhole(file) {
    return this.#expectedFailures(file).has(wholeFile);
  }

  /** What went other than expected: lists of {name, status, message}, and names listed that did not turn up. */
  compare(file, results) {
    const expected = this.#expectedFailures(file);
    const present = new Set(results.map((result) => result.name));
    return {
      unexpectedFailures: results.filter((result) => result.status !== 'PASS' && !expected.has(result.name)),
      unexpectedPasses: results.filter((result) => result.status === 'PASS' && expected.has(result.name)),
      absent: [...expected.keys()].filter((name) => !present.has(name)),
    };
  }

  /** Takes a run's failures as the expectation; keeps reasons there are, asks `explain` for new ones. */
  update(file, results, explain) {
    const known = this.#expectedFailures(file);
    const fail = {};
    for (const result of results) {
      if (result.status === 'PASS') continue;
      const reason = known.get(result.name) ?? explain(file, result);
      (fail[reason] ??= []).push(result.name);
    }
    if (Object.keys(fail).length > 0) this.#files[file] = { fail };
    else delete this.#files[file];
  }

  skip(file, reason) {
    this.#files[file] = { skip: reason };
  }

  /** Files listed that the checkout does not have. */
  strangers(files) {
    return Object.keys(this.#files).filter((file) => !files.includes(file));
  }

  /** Entries whose reason nobody has written yet. */
  unexplained() {
    return Object.entries(this.#files).filter(([, entry]) =>
      [entry.skip, ...Object.keys(entry.fail ?? {})].some((reason) => reason?.startsWith(unexplainedPrefix)),
    );
  }

  save() {
    const sorted = Object.fromEntries(Object.entries(this.#files).sort(([a], [b]) => (a < b ? -1 : 1)));
    writeFileSync(this.#path, `${JSON.stringify(sorted, null, 2)}\n`);
  }
}

export const unexplainedPrefix = 'unexplained: ';
