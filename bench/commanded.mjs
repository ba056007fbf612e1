/**
 * What a process of a benchmark is inside: it obeys bench-process.mjs over IPC, and signals to the other one over a
 * socket between the two. Through the process that commands, each signal would wake a third one, on two processors.
 */
import { createConnection, createServer } from 'node:net';

let other;

/** @param {object} body plain data, for the other process's `onSignal` */
export const signal = (body) => other.write(`${JSON.stringify(body)}\n`);

/** Each line that arrives is a signal. */
function listen(socket, onSignal) {
  other = socket;
  let rest = '';
  socket.setEncoding('utf8').on('data', (text) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop();
    for (const line of lines) onSignal(JSON.parse(line));
  });
}

/**
 * @param {Record<string, (argument: any) => any>} commands by name; what they give, or throw, is the answer
 * @param {(body: any) => void} onSignal
 */
export function obey(commands, onSignal) {
  const all = {
    /** Both processes have it once both commands are answered. */
    signalAt: (path) =>
      new Promise((resolve, reject) => {
        createServer((socket) => {
          listen(socket, onSignal);
        })
          .on('error', reject)
          .listen(path, resolve);
      }),
    signalTo: (path) =>
      new Promise((resolve, reject) => {
        const socket = createConnection(path, resolve).on('error', reject);
        listen(socket, onSignal);
      }),
    ...commands,
  };
  process.on('message', async ({ call, command, argument }) => {
    try {
      process.send({ call, result: await all[command](argument ?? {}) });
    } catch (error) {
      process.send({ call, error: String(error?.stack ?? error) });
    }
  });
  process.on('disconnect', () => process.exit(0));
  process.send({ ready: true });
}
