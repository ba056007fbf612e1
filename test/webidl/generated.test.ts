import { spawnSync } from 'node:child_process';
import path from 'node:path';

it('lib/webidl/generated is what the W3C IDL gives', () => {
  const root = path.resolve(__dirname, '../..');
  const { status, stderr } = spawnSync(process.execPath, ['scripts/generate-webidl.mjs', '--check'], {
    cwd: root,
    encoding: 'utf8',
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
}, 30_000);
