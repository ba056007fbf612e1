/** Datagrams of an attacker, from strangers' addresses and from the peer's own, change nothing on a live connection. */
import { createSocket } from 'node:dgram';
import { RTCPeerConnection } from '../../lib';
import { relayedPair, type RelayedPair } from '../support/relayed-pair';
import { seededRandom } from '../support/seeded-random.cjs';
import { createStunRequest } from '../support/stun-request';

type RTCDataChannel = ReturnType<RTCPeerConnection['createDataChannel']>;

const record = (
  type: number,
  epoch: number,
  sequence: number,
  body: number[],
  version = 0xfefd,
  length = body.length,
) => {
  const bytes = Buffer.alloc(13 + body.length);
  bytes.writeUInt8(type, 0);
  bytes.writeUInt16BE(version, 1);
  bytes.writeUInt16BE(epoch, 3);
  bytes.writeUIntBE(sequence, 5, 6);
  bytes.writeUInt16BE(length, 11);
  Buffer.from(body).copy(bytes, 13);
  return bytes;
};

const FATAL_HANDSHAKE_FAILURE = [2, 40];
const CLOSE_NOTIFY = [1, 0];
const BINDING_ERROR = 0x0111;
const stunHeader = (type: number, length: number) => {
  const bytes = Buffer.alloc(20, 9);
  bytes.writeUInt16BE(type, 0);
  bytes.writeUInt16BE(length, 2);
  bytes.writeUInt32BE(0x2112a442, 4);
  return bytes;
};

const forged: Record<string, Uint8Array[]> = {
  'a plaintext fatal alert in the current epoch': [record(21, 1, 2 ** 40, FATAL_HANDSHAKE_FAILURE)],
  'a plaintext close_notify in the current epoch': [record(21, 1, 2 ** 40, CLOSE_NOTIFY)],
  'plaintext alerts in the first epoch': [record(21, 0, 90, FATAL_HANDSHAKE_FAILURE), record(21, 0, 91, CLOSE_NOTIFY)],
  'an alert long enough to hold a tag': [record(21, 1, 2 ** 40, Array(40).fill(2))],
  'a new ClientHello': [record(22, 0, 0, [1, 0, 0, 40, 0, 0, 0, 0, 0, 0, 0, 40, ...Array(40).fill(3)])],
  'a HelloRequest and a Finished': [record(22, 1, 2 ** 40, Array(60).fill(0)), record(22, 0, 1, Array(24).fill(20))],
  ChangeCipherSpec: [record(20, 0, 5, [1]), record(20, 1, 2 ** 40, [1])],
  'records of unknown types and versions': [record(25, 1, 1, [0]), record(23, 1, 1, Array(60).fill(1), 0x0303)],
  'truncated, glued and oversized records': [
    record(23, 1, 1, [1, 2, 3], 0xfefd, 4000),
    Buffer.concat([record(23, 1, 1, Array(50).fill(5)), record(21, 1, 2, CLOSE_NOTIFY), Buffer.from([22, 254])]),
    record(23, 1, 1, Array(1_300).fill(5), 0xfefd, 65535),
    record(23, 1, 1, []),
    Buffer.from([23]),
    Buffer.from([21, 254, 253, 0, 1]),
  ],
  'datagrams as large as they can be': [
    Buffer.alloc(65_507, 23),
    record(23, 1, 1, Array(65_494).fill(5)),
    Buffer.concat([stunHeader(0x0001, 65_484), Buffer.alloc(65_484)]),
    Buffer.concat(Array(50).fill(record(23, 1, 2, Array(1_200).fill(6)))),
    Buffer.alloc(65_507, 0x80),
  ],
  'application data in a future epoch': [record(23, 2, 0, Array(80).fill(7)), record(23, 65535, 0, Array(80).fill(7))],
  'STUN of every shape': [
    stunHeader(0x0001, 0),
    stunHeader(0x0101, 0),
    stunHeader(0x0111, 0),
    stunHeader(0x0001, 65532),
    Buffer.concat([stunHeader(0x0001, 8), Buffer.from([0, 6, 255, 255, 1, 2, 3, 4])]),
    stunHeader(0x0011, 0),
    Buffer.from([0, 1]),
  ],
  'RTP, RTCP and bytes without meaning': [
    Buffer.from([0x80, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1]),
    Buffer.from([0x80, 200, 0, 6]),
    Buffer.alloc(1, 255),
    Buffer.alloc(1_400, 255),
    Buffer.alloc(60, 64),
  ],
};

describe('a live connection', () => {
  let pair: RelayedPair;
  let channel: RTCDataChannel;
  let remote: RTCDataChannel;
  let states: string[];

  beforeAll(async () => {
    pair = await relayedPair({ seed: 11 }, (left, right) => {
      channel = left.createDataChannel('live', { negotiated: true, id: 1 });
      remote = right.createDataChannel('live', { negotiated: true, id: 1 });
    });
    remote.onmessage = ({ data }) => remote.send(data);
    if (channel.readyState !== 'open') await new Promise((done) => (channel.onopen = done));
    states = [];
    for (const side of [pair.left, pair.right]) {
      for (const type of ['connectionstatechange', 'iceconnectionstatechange', 'datachannel'])
        side.addEventListener(type, () => states.push(`${type}: ${side.connectionState}`));
    }
  });
  afterAll(() => pair.close());

  let exchanges = 0;
  async function stillWorks() {
    const message = `exchange ${++exchanges}`;
    const echoed = new Promise((done) => (channel.onmessage = ({ data }) => done(data)));
    channel.send(message);
    expect(await echoed).toBe(message);
    expect(states).toEqual([]);
  }

  it.each(Object.keys(forged))("outlives %s from the peer's address", async (title) => {
    for (const datagram of forged[title]!) for (const side of [0, 1] as const) await pair.relay.inject(side, datagram);
    await stillWorks();
  });

  it.each(Object.keys(forged))(
    'outlives %s from a stranger, who is not sent more than was spent on them',
    async (title) => {
      const stranger = createSocket('udp4');
      const send = (datagram: Uint8Array, side: 0 | 1) => {
        const { address, port } = pair.relay.addressOf(side);
        return new Promise((done) => stranger.send(datagram, port, address, done));
      };
      try {
        for (const datagram of forged[title]!) {
          for (const side of [0, 1] as const) {
            // A check with a wrong password is refused, and after that no answer to what came before it comes.
            const check = createStunRequest('who:knows', 'a guess');
            let answered = 0;
            const refused = new Promise<Buffer>((done) => {
              stranger.on('message', (reply) => {
                if (check.subarray(4, 20).equals(reply.subarray(4, 20))) done(reply);
                else answered += reply.length;
              });
            });
            await send(datagram, side);
            await send(check, side);
            expect((await refused).readUInt16BE(0)).toBe(BINDING_ERROR);
            stranger.removeAllListeners('message');
            expect(answered).toBeLessThanOrEqual(datagram.length);
          }
        }
        await stillWorks();
      } finally {
        stranger.close();
      }
    },
  );

  it('outlives replays of everything that was sent, whole, cut and with flipped bits', async () => {
    const random = seededRandom(12);
    for (const from of [0, 1] as const) {
      for (const datagram of [...pair.relay.captured[from]]) {
        const to = from === 0 ? 1 : 0;
        await pair.relay.inject(to, datagram);
        await pair.relay.inject(to, datagram.subarray(0, Math.ceil(random() * datagram.length)));
        const flipped = Buffer.from(datagram);
        for (let flips = 0; flips < 3; flips++)
          flipped[Math.floor(random() * flipped.length)]! ^= 1 << Math.floor(random() * 8);
        await pair.relay.inject(to, flipped);
      }
    }
    await stillWorks();
  });

  it('outlives 20,000 random datagrams', async () => {
    const random = seededRandom(13);
    for (let i = 0; i < 10_000; i++) {
      const datagram = Buffer.from(
        Array.from({ length: 1 + Math.floor(random() * 120) }, () => Math.floor(random() * 256)),
      );
      // Most of them reach a parser: STUN, DTLS, RTP by their first byte.
      datagram[0] = [0, 1, 20, 21, 22, 23, 128, Math.floor(random() * 256)][i % 8]!;
      await pair.relay.inject(0, datagram);
      await pair.relay.inject(1, datagram);
      // Their own packets go through this process: without a turn of its loop they would take each other for gone.
      if (i % 100 === 0) await new Promise((done) => setImmediate(done));
    }
    await stillWorks();
  }, 30_000);
});
