/** What the kernel and AES-GCM do by themselves: bench/limit/datagram_limit.cc, built and run. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { createInterface } from 'node:readline';
import { buildWithCMake } from '../scripts/lib/native-tests.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = `${root}/build/native`;
const program = `${folder}/datagram_limit`;

export async function buildLimit() {
  await buildWithCMake(root, folder, { PEERWIRE_TESTS: 'ON' }, { targets: ['datagram_limit'] });
}

/** Starts it on a host; `lines` gives what it prints. */
function start(prefix, words) {
  const [command, ...args] = [...prefix, program, ...words.map(String)];
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  return { child, lines: createInterface({ input: child.stdout })[Symbol.asyncIterator]() };
}

/** @param {{prefixes: string[][], addresses: string[]}} path */
export async function measureLimit({ prefixes, addresses }, size, inSegments, seconds) {
  const receiver = start(prefixes[1], ['receive', addresses[1], size, Number(inSegments)]);
  const port = (await receiver.lines.next()).value;
  const sender = start(prefixes[0], ['send', addresses[1], port, size, Number(inSegments), seconds]);
  const figures = async ({ child, lines }) => {
    const line = (await lines.next()).value;
    if (child.exitCode === null) await once(child, 'exit');
    if (!line || child.exitCode !== 0) throw new Error(`datagram_limit ended with ${child.exitCode}`);
    return line.split(' ').map(Number);
  };
  const [sent, received] = await Promise.all([figures(sender), figures(receiver)]);
  return { mbps: (received[0] * 8) / 1e6 / received[1], cpuPerGB: (sent[2] + received[2]) / (received[0] / 1e9) };
}
