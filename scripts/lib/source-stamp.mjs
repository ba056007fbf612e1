import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * A digest of files and folders by name, size and time of change: quick enough to be taken at every start, and never
 * older than what a build tool would see. Folders in `ignore` (by base name) are left out.
 */
export function stampOfSources(root, paths, ignore = []) {
  const hash = createHash('sha256');
  const visit = (path) => {
    const full = join(root, path);
    const stat = statSync(full, { throwIfNoEntry: false });
    if (!stat) {
      hash.update(`${path} missing\n`);
    } else if (stat.isDirectory()) {
      for (const name of readdirSync(full).sort()) if (!ignore.includes(name)) visit(`${path}/${name}`);
    } else {
      hash.update(`${path} ${stat.size} ${stat.mtimeMs}\n`);
    }
  };
  paths.forEach(visit);
  return hash.digest('hex');
}

/** A digest of files by content, for files that a checkout touches without changing. */
export function stampOfContents(root, paths) {
  const hash = createHash('sha256');
  for (const path of paths) {
    const full = join(root, path);
    hash.update(`${path}\n`).update(existsSync(full) ? readFileSync(full) : 'missing');
  }
  return hash.digest('hex');
}

/** What earlier set-ups have finished, kept in one git-ignored file. */
export class StampFile {
  #path;
  #entries;

  constructor(path) {
    this.#path = path;
    try {
      this.#entries = JSON.parse(readFileSync(path, 'utf8'));
    } catch {
      // None yet, or cut off by a kill: everything is checked again.
      this.#entries = {};
    }
  }

  get(key) {
    return this.#entries[key];
  }

  set(key, value) {
    this.#entries[key] = value;
    mkdirSync(dirname(this.#path), { recursive: true });
    writeFileSync(`${this.#path}.new`, `${JSON.stringify(this.#entries, null, 2)}\n`);
    renameSync(`${this.#path}.new`, this.#path);
  }
}
