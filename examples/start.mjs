#!/usr/bin/env node
/** `npm start`: a web page and a Node.js peer talk over WebRTC, with everything they need in this one process. */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { serveClient } from './lib/node-peer.mjs';
import { startSignallingServer } from './lib/signalling-server.mjs';

const usage = `usage: npm start -- [options]

Serves a page with a Node.js peer behind it, all over WebRTC: the page sees and hears the peer's camera, sends its own and
gets it back changed, with charts of what both ends measure; chat, files there and back, throughput.

  --port <n>            port of the page and of signalling (default 8080; the next free one when it is taken)
  --host <address>      address to listen on (default 127.0.0.1)
  --offerer node|page   who offers by default (default node)
  --demo                no browser: a second Node.js peer in a process of its own does the same, then everything ends
  --no-demo             never start that second peer by itself (it starts where there is no display to open a page on)
  --help                this text

Ctrl-C closes everything.`;

function parseOptions() {
  try {
    const { values } = parseArgs({
      options: {
        demo: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
        host: { type: 'string', default: '127.0.0.1' },
        'no-demo': { type: 'boolean' },
        offerer: { type: 'string', default: 'node' },
        port: { type: 'string', default: '8080' },
      },
    });
    const port = Number(values.port);
    if (!Number.isInteger(port) || port < 0 || port > 65535) throw new Error(`--port ${values.port}: not a port`);
    if (!['node', 'page'].includes(values.offerer)) throw new Error(`--offerer ${values.offerer}: node or page`);
    return { ...values, port };
  } catch (error) {
    console.error(`${error.message}\n\n${usage}`);
    process.exit(2);
  }
}

const options = parseOptions();
if (options.help) {
  console.log(usage);
  process.exit(0);
}

const peers = new Set();
let clientCount = 0;
let terminalPeer;
let demoTimer;

const server = await startSignallingServer({
  host: options.host,
  port: options.port,
  onClient(client) {
    clearTimeout(demoTimer);
    clientCount += 1;
    const name = `peer ${clientCount}`;
    // Beside the second peer's own lines these would only repeat them.
    const log = terminalPeer ? () => {} : (text) => console.log(`${name}: ${text}`);
    const peer = serveClient(client, log);
    peers.add(peer);
    const { onClose } = client;
    client.onClose = () => {
      onClose();
      peers.delete(peer);
    };
  },
});

/** Ends everything that keeps the process alive; then it ends by itself. */
async function shutDown() {
  clearTimeout(demoTimer);
  terminalPeer?.kill('SIGTERM');
  for (const peer of peers) peer.close();
  await server.close();
}

function startTerminalPeer() {
  const module = fileURLToPath(new URL('./lib/terminal-peer.mjs', import.meta.url));
  terminalPeer = fork(module, [server.url, options.offerer], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  terminalPeer.on('exit', (code) => {
    terminalPeer = undefined;
    if (!options.demo) return;
    process.exitCode = stopping ? 0 : code === 0 ? 0 : 1;
    if (!stopping) void shutDown();
  });
}

let stopping = false;
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => {
    // A second one means: now.
    if (stopping) process.exit(130);
    stopping = true;
    console.log('\nclosing');
    void shutDown();
  });
}

console.log(`\n  peerwire demo: open ${server.url}${options.offerer === 'page' ? '/?offerer=page' : ''}\n`);
if (options.demo) {
  startTerminalPeer();
} else {
  console.log('  Ctrl-C ends it. Without a browser: npm start -- --demo\n');
  const noDisplay = process.platform === 'linux' && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY;
  // Where nobody can open the page at this machine, the terminal shows what it would.
  if (noDisplay && !options['no-demo']) demoTimer = setTimeout(startTerminalPeer, 2000);
}
