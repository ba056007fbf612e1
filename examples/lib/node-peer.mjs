/** The Node.js end of the demo: talks with whoever joins, sends files back, measures throughput. */
import { RTCPeerConnection } from 'peerwire';
import { FileTransfer } from './file-transfer.mjs';
import { PeerSession } from './peer-session.mjs';

const formatBytes = (bytes) => (bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`);

function replyTo(text) {
  if (/\b(hi|hello|hey)\b/i.test(text)) return 'Hello! Nice to hear from you over a data channel.';
  if (/\btime\b/i.test(text)) return `Here it is ${new Date().toTimeString().slice(0, 8)}.`;
  if (/\b(who|what|version)\b/i.test(text))
    return `I am Node.js ${process.version} on ${process.platform}-${process.arch}.`;
  return `You said: ${text}`;
}

/** Receives one file and sends the same octets back on the same channel. */
async function returnFile(channel, log) {
  const transfer = new FileTransfer(channel);
  const { blob, name, sha256 } = await transfer.receive();
  log(`received ${name} (${formatBytes(blob.size)}), SHA-256 ${sha256.slice(0, 16)}…`);
  await transfer.send(blob, name);
  log(`sent ${name} back, confirmed`);
}

/**
 * Serves one client of the signalling server until either end closes.
 * @param {object} client see startSignallingServer
 * @param {(text: string) => void} log
 * @returns {{close(): void}}
 */
export function serveClient(client, log) {
  let session;
  let lastState = 'new';
  const begin = (offerer) => {
    session = new PeerSession({
      RTCPeerConnection,
      offers: offerer === 'node',
      signal: (message) => client.send(message),
      events: {
        onState: () => {
          const state = session.connectionState;
          if (state === lastState) return;
          lastState = state;
          log(`connection ${state}`);
          if (state === 'failed') session.close();
        },
        onOpen: async () => {
          const pair = await session.selectedPair();
          if (pair) log(`selected pair ${pair.local} ⇄ ${pair.remote}`);
          session.sendChat(`Hello from Node.js ${process.version}. Write something, or send me a file.`);
        },
        onChat: (text) => {
          log(`chat: ${text}`);
          session.sendChat(replyTo(text));
        },
        onFile: (channel) => returnFile(channel, log).catch((error) => log(`file: ${error.message}`)),
        onFlood: (on) => log(on ? 'sending as fast as the channel takes it' : 'stopped sending'),
        onError: (error) => log(`error: ${error.message}`),
      },
    });
    session.start().catch((error) => log(`error: ${error.message}`));
  };
  client.onMessage = (message) => {
    if (session) void session.receiveSignal(message);
    else if (message.hello) begin(message.hello.offerer === 'node' ? 'node' : 'page');
  };
  client.onClose = () => session?.close();
  return {
    close() {
      session?.close();
      client.close();
    },
  };
}
