import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';

const root = join(__dirname, '..', '..');
const addon = process.env['PEERWIRE_ADDON'] ?? join(root, 'build', 'native', 'peerwire.node');
let serial = 0;

function startWorker(): { worker: Worker; until: (text: string) => Promise<void> } {
  serial += 1;
  const worker = new Worker(join(__dirname, 'native-worker.cjs'), {
    workerData: { addon, serial: `${String(process.pid)}w${String(serial)}` },
  });
  const seen: string[] = [];
  const until = (text: string) =>
    new Promise<void>((resolve, reject) => {
      if (seen.includes(text)) resolve();
      worker.on('message', (message: string) => {
        seen.push(message);
        if (message === text) resolve();
      });
      worker.once('error', reject);
    });
  return { worker, until };
}

beforeAll(() => expect(existsSync(addon)).toBe(true));

test('four workers at once, each ended in the middle of its traffic', async () => {
  const workers = Array.from({ length: 4 }, startWorker);
  await Promise.all(workers.map(({ until }) => until('busy')));
  const codes = await Promise.all(workers.map(({ worker }) => worker.terminate()));
  expect(codes).toEqual([1, 1, 1, 1]);
}, 30_000);

test('workers ended while connecting, one after the other', async () => {
  for (let i = 0; i < 20; i += 1) {
    const { worker, until } = startWorker();
    if (i % 2 === 0) await until('ice checking');
    await worker.terminate();
  }
}, 30_000);
