#!/usr/bin/env node
/** Checks that an addon file can be shipped: what it needs, what it exports, how it is linked. Linux (ELF). */
import { statSync } from 'node:fs';
import { basename } from 'node:path';
import { execFileSync, spawnSync } from 'node:child_process';
import { pathToFileURL } from 'node:url';

const usage = `usage: node scripts/check-prebuild.mjs <file.node>...

Fails unless the file needs libc, libm, libpthread, libdl and the loader alone, exports the Node-API entry points alone,
has full RELRO, is stripped and runs with the oldest glibc; prints its size and the newest glibc version it needs.`;

/** What Node.js 20 itself needs: RHEL 8 has it; Debian 11, Ubuntu 20.04 and Amazon Linux 2023 have later ones. */
export const oldestGlibc = '2.28';

const allowedLibraries = /^(linux-vdso|libc|libm|libpthread|libdl|ld-linux[\w-]*|ld-musl[\w-]*|libc\.musl[\w-]*)\.so/;
const entryPoints = new Set(['napi_register_module_v1', 'node_api_module_get_api_version_v1']);

const compareVersions = (a, b) => a.localeCompare(b, 'en', { numeric: true });

const read = (command, args) => execFileSync(command, args, { encoding: 'utf8' });

/** Processor that an ELF file is for, as readelf calls it. */
const machineOf = (path) => /Machine: +(.+)/.exec(read('readelf', ['--file-header', path]))[1];

/**
 * Names of all libraries that are loaded with it, others' needs included: known on the machines that the file is for. The
 * ldd of musl fails in the end: it misses Node.js' own functions.
 */
function linkedLibraries(path) {
  if (machineOf(path) !== machineOf(process.execPath)) return [];
  const { stdout, error } = spawnSync('ldd', [path], { encoding: 'utf8' });
  if (error) throw error;
  return (stdout.match(/\S*lib\S+\.so\S*|\S*ld-\S+/g) ?? []).map((name) => basename(name));
}

/** Throws an Error that lists everything that is wrong with the file. */
export function checkPrebuild(path) {
  const wrong = [];
  const dynamic = read('readelf', ['--dynamic', '--wide', path]);
  const needed = [...dynamic.matchAll(/\(NEEDED\).*\[([^\]]+)\]/g)].map((match) => match[1]);
  for (const library of new Set([...needed, ...linkedLibraries(path)])) {
    if (!allowedLibraries.test(library)) wrong.push(`needs ${library}`);
  }

  const needsGlibc = needed.some((library) => library.startsWith('libc.so.'));

  const exported = read('nm', ['-D', '--defined-only', path])
    .trim()
    .split('\n')
    .map((line) => line.split(/\s+/).at(-1));
  for (const name of exported) if (!entryPoints.has(name)) wrong.push(`exports ${name}`);
  for (const name of entryPoints) if (!exported.includes(name)) wrong.push(`does not export ${name}`);

  const headers = read('readelf', ['--program-headers', '--wide', path]);
  if (!headers.includes('GNU_RELRO') || !/BIND_NOW|\bNOW\b/.test(dynamic)) wrong.push('has no full RELRO');
  if (/GNU_STACK\s.*\bRWE\b/.test(headers)) wrong.push('has an executable stack');
  if (read('readelf', ['--sections', '--wide', path]).includes('.symtab')) wrong.push('is not stripped');

  // With glibc each symbol has a version, but for those that may be missing (w, v) and those of Node.js. One without is in
  // no glibc as old as the addon was linked for.
  const taken = read('nm', ['-D', '--undefined-only', path]).trimEnd().split('\n');
  const versions = [];
  for (const symbol of taken) {
    const [, kind, name, version] = /([a-zA-Z]) (\w+)(?:@+GLIBC_([\d.]+))?/.exec(symbol);
    if (version) versions.push(version);
    if (version && compareVersions(version, oldestGlibc) > 0) wrong.push(`needs glibc ${version}, for ${name}`);
    if (!version && needsGlibc && kind === 'U' && !/^(napi|node_api)_/.test(name)) wrong.push(`needs ${name}`);
  }
  versions.sort(compareVersions);
  if (wrong.length > 0) throw new Error(`${basename(path)}:\n  ${wrong.join('\n  ')}`);

  const size = statSync(path).size;
  console.log(`${basename(path)}: ${(size / 1e6).toFixed(2)} MB stripped, needs ${needed.join(', ')}`);
  const libc = needsGlibc ? `newest symbol GLIBC_${versions.at(-1)}` : 'for musl';
  console.log(`  exports ${exported.join(', ')}; full RELRO; ${libc}`);
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const files = process.argv.slice(2);
  if (files.length === 0 || files.includes('--help')) {
    console.log(usage);
  } else {
    try {
      files.forEach(checkPrebuild);
    } catch (error) {
      console.error(`check-prebuild: ${error.message}`);
      process.exitCode = 1;
    }
  }
}
