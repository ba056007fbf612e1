/** An HTTP server for the page and a WebSocket server for signalling, on one port. */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { WebSocketServer } from 'ws';

const folders = [
  { prefix: '/lib/', folder: fileURLToPath(new URL('.', import.meta.url)) },
  { prefix: '/', folder: fileURLToPath(new URL('../page/', import.meta.url)) },
];
const contentTypes = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};
/** Descriptions and candidates are small; nothing larger is read. */
const maxSignalBytes = 256 * 1024;
const portsToTry = 20;

async function serveFile(request, response) {
  const path = normalize(decodeURIComponent(new URL(request.url, 'http://server').pathname)).replaceAll('\\', '/');
  const { prefix, folder } = folders.find((one) => path.startsWith(one.prefix));
  const file = join(folder, path === '/' ? 'index.html' : path.slice(prefix.length));
  const contentType = contentTypes[extname(file)];
  const found = contentType && (request.method === 'GET' || request.method === 'HEAD');
  const size = found && (await stat(file).catch(() => undefined))?.size;
  if (!size) {
    response.writeHead(404, { 'content-type': 'text/plain' }).end('not found\n');
    return;
  }
  response.writeHead(200, { 'content-type': contentType, 'content-length': size, 'cache-control': 'no-cache' });
  if (request.method === 'HEAD') response.end();
  else await pipeline(createReadStream(file), response);
}

function listen(server, host, port, triesLeft) {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      const another = error.code === 'EADDRINUSE' && triesLeft > 0 && port !== 0;
      (another ? listen(server, host, port + 1, triesLeft - 1) : Promise.reject(error)).then(resolve, reject);
    });
    server.listen(port, host, () => {
      server.removeAllListeners('error');
      resolve();
    });
  });
}

/**
 * Starts the server; a port that is taken is passed over for the next free one.
 * @param {object} options host, port (0: any), `onClient(client)` for every page or peer that joins. A client has
 *   `send(message)`, `close()` and the settable callbacks `onMessage(message)`, `onClose()`.
 * @returns {Promise<{url: string, close(): Promise<void>}>}
 */
export async function startSignallingServer({ host, port, onClient }) {
  const server = createServer((request, response) => {
    serveFile(request, response).catch(() => response.destroy());
  });
  await listen(server, host, port, portsToTry);
  const sockets = new WebSocketServer({ server, path: '/signal', maxPayload: maxSignalBytes });
  sockets.on('connection', (socket) => {
    const client = {
      send: (message) => socket.readyState === socket.OPEN && socket.send(JSON.stringify(message)),
      close: () => socket.close(),
      onMessage: () => {},
      onClose: () => {},
    };
    socket.on('message', (text) => {
      let message;
      try {
        message = JSON.parse(text);
      } catch {
        socket.close(1007, 'not JSON');
        return;
      }
      client.onMessage(message);
    });
    socket.on('error', () => socket.terminate());
    socket.on('close', () => client.onClose());
    onClient(client);
  });
  const address = server.address();
  return {
    url: `http://${address.family === 'IPv6' ? `[${address.address}]` : address.address}:${address.port}`,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets.clients) socket.terminate();
        sockets.close();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
