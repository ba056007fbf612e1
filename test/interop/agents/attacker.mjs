/**
 * A peer on werift that has completed DTLS and SCTP, and then sends whatever packets it is told to:
 * `node attacker.mjs <path of the package>`. Takes the commands `answer`, `packets` and `alive`.
 */
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';

const { RTCPeerConnection } = createRequire(process.argv[2])('werift');
const print = (object) => process.stdout.write(`${JSON.stringify(object)}\n`);
const pc = new RTCPeerConnection({ iceServers: [] });
const received = [];
pc.onDataChannel?.subscribe?.((channel) => {
  channel.onMessage.subscribe((data) => received.push(String(data)));
});

const table = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0x82f63b78 : value >>> 1;
  return value;
});
function crc32c(octets) {
  let crc = 0xffffffff;
  for (const octet of octets) crc = (crc >>> 8) ^ table[(crc ^ octet) & 255];
  return (crc ^ 0xffffffff) >>> 0;
}

/** `chunks` in hex, where TTTTTTTT stands for the next TSN of ours; `tag` other than null replaces the right one. */
async function sendPacket({ chunks, tag = null, advance = 0, port = 5000 }) {
  const { sctp, dtlsTransport } = pc.sctpTransport;
  const next = (sctp.localTsn + advance) >>> 0;
  const body = Buffer.from(chunks.replaceAll('TTTTTTTT', next.toString(16).padStart(8, '0')), 'hex');
  const packet = Buffer.alloc(12 + body.length);
  packet.writeUInt16BE(port, 0);
  packet.writeUInt16BE(5000, 2);
  packet.writeUInt32BE(tag ?? sctp.remoteVerificationTag, 4);
  body.copy(packet, 12);
  packet.writeUInt32LE(crc32c(packet), 8);
  await dtlsTransport.sendData(packet);
}

const commands = {
  async answer({ description }) {
    await pc.setRemoteDescription(description);
    await pc.setLocalDescription(await pc.createAnswer());
    return { type: pc.localDescription.type, sdp: pc.localDescription.sdp };
  },
  async packets({ packets }) {
    for (const [index, packet] of packets.entries()) {
      await sendPacket(packet);
      // The receiver's socket holds some hundred of them.
      if (index % 50 === 49) await new Promise((done) => setImmediate(done));
    }
  },
  tsn: () => pc.sctpTransport.sctp.localTsn,
  received: () => received.splice(0),
};

createInterface({ input: process.stdin })
  .on('line', async (line) => {
    const { id, op, ...parameters } = JSON.parse(line);
    try {
      print({ id, result: (await commands[op](parameters)) ?? null });
    } catch (error) {
      print({ id, error: String(error?.stack ?? error) });
    }
  })
  .on('close', () => process.exit(0));
print({ event: 'ready' });
