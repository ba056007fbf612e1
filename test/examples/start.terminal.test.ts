import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** Runs `npm start -- --demo`'s program to its end. */
async function runDemo(...args: string[]): Promise<{ code: number | null; output: string }> {
  const child = spawn(process.execPath, ['examples/start.mjs', '--demo', '--port=0', ...args], {
    cwd: join(__dirname, '../..'),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk));
  const [code] = (await once(child, 'exit')) as [number | null];
  return { code, output };
}

describe('the demo without a browser', () => {
  jest.setTimeout(60_000);

  for (const offerer of ['node', 'page']) {
    it(`shows pictures, sound and data between two processes when the ${offerer === 'node' ? 'first' : 'second'} offers`, async () => {
      const { code, output } = await runDemo(`--offerer=${offerer}`);
      expect(output).toMatch(
        /camera +of the Node peer: \d+ frames\/s of \d+x\d+, numbers \d+…\d+ read, sound -\d+ dBFS/,
      );
      expect(output).toMatch(
        /own camera inverted by the Node peer: \d+ frames\/s .* numbers \d+…\d+ read, sound -\d+ dBFS/,
      );
      expect(output).toMatch(/in \d+ kbit\/s, out \d+ kbit\/s, round trip [\d.]+ ms, loss [\d.]+ %/);
      expect(output).toMatch(/there and back in \d+ ms, SHA-256 .* equal/);
      expect(output).toMatch(/done +every step went well/);
      expect(code).toBe(0);
    });
  }

  it('says with --help what the page shows', async () => {
    const { code, output } = await runDemo('--help');
    expect(output).toMatch(/^usage: npm start[^]*camera[^]*charts[^]*--port/);
    expect(code).toBe(0);
  });
});
