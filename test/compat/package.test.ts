/** The package as npm and CMake take it. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const root = path.resolve(__dirname, '../..');
const read = (file: string): string => readFileSync(path.join(root, file), 'utf8');
const description = JSON.parse(read('package.json')) as { files: string[]; scripts: { install: string } };

/** Names of scripts in a text: those that it runs, and those that it imports. */
function scriptsIn(text: string): string[] {
  const run = [...text.matchAll(/scripts\/[\w/-]+\.mjs/g)].map(([file]) => file);
  const imported = [...text.matchAll(/from '(\.\.?\/[^']+)'/g)].map((match) => path.posix.join('scripts', match[1]!));
  return [...run, ...imported];
}

describe('the package', () => {
  it('has the scripts that installing runs, and no others', () => {
    const needed = new Set(scriptsIn(description.scripts.install + read('binding.gyp')));
    for (const file of needed) for (const other of scriptsIn(read(file))) needed.add(other);
    expect(description.files.filter((file) => file.startsWith('scripts')).sort()).toEqual([...needed].sort());
  });

  it('is not built for other systems', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'peerwire-package-'));
    const system = ['-DCMAKE_SYSTEM_NAME=FreeBSD', '-DCMAKE_TRY_COMPILE_TARGET_TYPE=STATIC_LIBRARY'];
    const configured = promisify(execFile)('cmake', ['-S', root, '-B', folder, ...system]);
    await expect(configured).rejects.toThrow(/runs on Linux only, not on FreeBSD/);
    rmSync(folder, { recursive: true, force: true });
  }, 60_000);
});
