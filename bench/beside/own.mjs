import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** A party of ours in a process of its own. */
export function openOwn(packagePath) {
  const child = fork(fileURLToPath(new URL('own-process.cjs', import.meta.url)), [packagePath]);
  const open = new Map();
  const ended = new Promise((done) => child.once('exit', done));
  let last = 0;
  child.on('message', ({ id, result, error }) => {
    const { resolve, reject } = open.get(id);
    open.delete(id);
    if (error) reject(new Error(error));
    else resolve(result);
  });
  const call = (name, value) =>
    new Promise((resolve, reject) => {
      open.set(++last, { resolve, reject });
      child.send({ id: last, name, value });
    });
  return {
    call,
    async close() {
      await call('close');
      child.disconnect();
      await ended;
    },
  };
}
