/** Where the set-up has put stacks of other languages; variables of the environment name others in their place. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const peers = join(__dirname, '../../build/peers');
const own = (name: string): string | undefined => {
  const path = join(peers, name);
  return existsSync(path) ? path : undefined;
};

/** The agent on pion, or null. */
export const pionAgent = process.env['PEERWIRE_TEST_PION'] ?? own('pion-agent') ?? null;
export const noPion = pionAgent
  ? null
  : 'there is no pion agent (the set-up makes it where there is Go; PEERWIRE_TEST_PION)';

/** The agent on str0m, or null. */
export const str0mAgent = process.env['PEERWIRE_TEST_STR0M'] ?? own('str0m/debug/str0m-agent') ?? null;
export const noStr0m = str0mAgent
  ? null
  : 'there is no str0m agent (the set-up makes it where there is a Rust that is new enough; PEERWIRE_TEST_STR0M)';

/** A Python that should have aiortc. */
export const aiortcPython = process.env['PEERWIRE_TEST_PYTHON'] ?? own('python/bin/python') ?? 'python3';
export const noAiortc =
  spawnSync(aiortcPython, ['-c', 'import aiortc'], { timeout: 60_000 }).status === 0
    ? null
    : `${aiortcPython} has no aiortc (the set-up installs it where there is python3-venv; PEERWIRE_TEST_PYTHON)`;
