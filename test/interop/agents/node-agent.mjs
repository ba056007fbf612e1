/** An agent on a package for Node.js, in a process of its own: `node node-agent.mjs <path of the package> <package>`. */
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import { createAgent } from './agent.mjs';

const [folder, name] = process.argv.slice(2);
const require = createRequire(folder);

async function connectionClass() {
  switch (name) {
    case 'node-datachannel':
      return (await import(require.resolve('node-datachannel/polyfill'))).RTCPeerConnection;
    default:
      return require(name).RTCPeerConnection;
  }
}

const print = (object) => process.stdout.write(`${JSON.stringify(object)}\n`);
const perform = createAgent(await connectionClass(), print);
createInterface({ input: process.stdin })
  .on('line', (line) => {
    const { id, ...command } = JSON.parse(line);
    perform(command).then(
      (result) => print({ id, result }),
      (error) => print({ id, error: String(error?.stack ?? error) }),
    );
  })
  .on('close', () => process.exit(0));
print({ event: 'ready' });
