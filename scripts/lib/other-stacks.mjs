/**
 * WebRTC stacks of other languages that tests meet, in build/peers: aiortc in a Python of its own, agents on pion and str0m.
 * Without them, or without what it takes to install them, those tests are skipped.
 */
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { say, step } from './progress.mjs';
import { CommandError, findExecutable, runCommand } from './run-command.mjs';
import { stampOfContents } from './source-stamp.mjs';

const agents = 'test/interop/agents';
const stacks = [
  {
    name: 'aiortc',
    key: 'aiortc',
    sources: [`${agents}/requirements.txt`],
    outcome: 'build/peers/python',
    needs: 'python3',
    async make(root) {
      const folder = join(root, 'build/peers/python');
      rmSync(folder, { recursive: true, force: true });
      await runCommand('python3', ['-m', 'venv', folder]);
      const list = join(root, agents, 'requirements.txt');
      const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--only-binary', ':all:'];
      await runCommand(join(folder, 'bin/python'), [...pip, '--requirement', list]);
    },
  },
  {
    name: 'pion',
    key: 'pion',
    sources: ['go.mod', 'go.sum', 'flow.go', 'main.go'].map((name) => `${agents}/pion/${name}`),
    outcome: 'build/peers/pion-agent',
    needs: 'go',
    async make(root) {
      mkdirSync(join(root, 'build/peers'), { recursive: true });
      const out = join(root, 'build/peers/pion-agent');
      // Go fetches a newer toolchain where the system's is too old.
      await runCommand('go', ['build', '-o', out, '.'], { cwd: join(root, agents, 'pion') });
    },
  },
  {
    name: 'str0m',
    key: 'str0m',
    sources: ['Cargo.toml', 'Cargo.lock', 'src/connection.rs', 'src/frame_file.rs', 'src/line.rs', 'src/main.rs'].map(
      (name) => `${agents}/str0m/${name}`,
    ),
    outcome: 'build/peers/str0m/debug/str0m-agent',
    needs: 'cargo',
    async make(root) {
      const manifest = join(root, agents, 'str0m/Cargo.toml');
      const target = join(root, 'build/peers/str0m');
      // Linked with the system's OpenSSL.
      await runCommand('cargo', ['build', '--quiet', '--locked', '--manifest-path', manifest, '--target-dir', target]);
    },
  },
];

/** @param stamps what was made before of which sources; a failure is tried again when a day has passed */
export async function provideOtherStacks(root, stamps) {
  for (const { name, key, sources, outcome, needs, make } of stacks) {
    const wanted = stampOfContents(root, sources);
    if (stamps.get(key) === wanted && existsSync(join(root, outcome))) continue;
    const refused = stamps.get(`${key}-refused`);
    if (refused && Date.now() - refused.time < 24 * 3600 * 1000) {
      say(`tests against ${name} are skipped: ${refused.reason}`);
      continue;
    }
    let reason = findExecutable(needs) ? null : `there is no ${needs}`;
    try {
      if (!reason) await step(`${name}, to test against`, () => make(root));
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      reason = error.message;
    }
    if (reason) {
      say(`tests against ${name} are skipped: ${reason}`);
      stamps.set(`${key}-refused`, { reason, time: Date.now() });
    } else {
      stamps.set(key, wanted);
    }
  }
}
