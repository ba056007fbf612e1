/** A peer that has completed DTLS, and then sends SCTP packets that no stack would send. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { RTCPeerConnection } from '../../lib';
import { startProgram, type RemoteAgent } from '../interop/remote-agent';
import { connectPair } from '../support/connect';
import { seededRandom } from '../support/seeded-random.cjs';

type Channel = ReturnType<RTCPeerConnection['createDataChannel']>;
interface Packet {
  chunks: string;
  tag?: number;
  advance?: number;
  port?: number;
}

const modules = join(__dirname, '../../bench/node_modules');
const found = existsSync(join(modules, 'werift'));
if (!found) console.log('hostile-sctp.test.ts is skipped: werift is not installed (npm install --prefix bench)');

const hex = (value: number, octets: number) =>
  (value >>> 0)
    .toString(16)
    .padStart(octets * 2, '0')
    .slice(-octets * 2);
const chunk = (type: number, flags: number, body: string, length = 4 + body.length / 2) =>
  hex(type, 1) + hex(flags, 1) + hex(length, 2) + body + '00'.repeat((4 - ((body.length / 2) % 4)) % 4);
const NEXT = 'TTTTTTTT';
const data = (flags: number, tsn: string, stream: number, sequence: number, ppid: number, payload: string) =>
  chunk(0, flags, tsn + hex(stream, 2) + hex(sequence, 2) + hex(ppid, 4) + payload);
const init = (tag: number, streams = 65535, parameters = '') =>
  chunk(1, 0, hex(tag, 4) + '00100000' + hex(streams, 2) + hex(streams, 2) + '12345678' + parameters);
const repeat = (count: number, packet: (index: number) => Packet) => Array.from({ length: count }, (_, i) => packet(i));

/** Each leaves the association up, or ends it in order; `ends` says that it must end. */
const attacks: Record<string, { packets: Packet[]; lives?: boolean }> = {
  'packets with wrong verification tags': {
    packets: [
      { chunks: data(3, NEXT, 1, 0, 51, '41'), tag: 0 },
      { chunks: data(3, NEXT, 1, 0, 51, '41'), tag: 0xdeadbeef },
      { chunks: chunk(6, 0, ''), tag: 1 },
      { chunks: chunk(7, 0, '00000000'), tag: 7 },
      { chunks: chunk(14, 0, ''), tag: 2 },
    ],
    lives: true,
  },
  'packets for other ports': {
    packets: [
      { chunks: chunk(6, 0, ''), port: 5001 },
      { chunks: chunk(6, 0, ''), port: 0 },
    ],
    lives: true,
  },
  'chunks cut short, and lengths that lie': {
    packets: [
      ...[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 14, 64, 130, 132, 192, 194, 255].flatMap((type) => [
        { chunks: hex(type, 1) + '000003' + '41', tag: 99 },
        { chunks: hex(type, 1) + '00ffff' },
        { chunks: hex(type, 1) + '000000' },
      ]),
    ],
  },
  'INIT over and over': { packets: repeat(2_000, (i) => ({ chunks: init(i + 1), tag: 0 })), lives: true },
  'INIT with nothing in it': {
    packets: [
      { chunks: init(0), tag: 0 },
      { chunks: init(5, 0), tag: 0 },
      { chunks: chunk(1, 0, ''), tag: 0 },
      { chunks: init(9, 10, 'ffff0000'), tag: 0 },
      { chunks: init(9, 10, '8008ffff'), tag: 0 },
    ],
    lives: true,
  },
  'INIT ACK, COOKIE ACK and COOKIE ECHO out of place': {
    packets: [
      { chunks: chunk(2, 0, '00000001' + '00100000' + '00010001' + '00000001') },
      { chunks: chunk(11, 0, '') },
      { chunks: chunk(10, 0, 'ab'.repeat(200)) },
      { chunks: chunk(10, 0, '') },
      { chunks: chunk(9, 0, '00030008' + '00000000') },
    ],
    lives: true,
  },
  'DATA far ahead, and twice': {
    packets: [
      ...repeat(500, (i) => ({ chunks: data(3, NEXT, 1, 0, 51, '41'), advance: 100_000 * (i + 1) })),
      ...repeat(500, () => ({ chunks: data(3, NEXT, 1, 0, 51, '41'), advance: -1 })),
      ...repeat(500, () => ({ chunks: data(3, NEXT, 1, 0, 51, '41'), advance: 2_000_000_000 })),
    ],
  },
  'parts of messages that never end': {
    packets: repeat(4_000, (i) => ({
      chunks: data(2, NEXT, i % 60_000, 0, 51, '41'.repeat(1_000)),
      advance: 1 + 2 * i,
    })),
  },
  'one message without an end': {
    packets: repeat(1_000, (i) => ({
      chunks: data(i === 0 ? 2 : 0, NEXT, 1, 0, 53, '42'.repeat(1_000)),
      advance: i,
    })),
  },
  'DATA without octets, and on the last stream': {
    packets: [{ chunks: data(3, NEXT, 65535, 0, 51, '41') }, { chunks: data(3, NEXT, 3, 0, 51, ''), advance: 1 }],
  },
  'FORWARD TSN to anywhere': {
    packets: [
      { chunks: chunk(192, 0, NEXT), advance: 2_000_000_000 },
      { chunks: chunk(192, 0, NEXT + '0001ffff'.repeat(300)), advance: 10 },
      { chunks: chunk(192, 0, NEXT), advance: -5 },
      { chunks: chunk(192, 0, '') },
      { chunks: chunk(194, 0, NEXT + '00010000ffffffff'), advance: 100 },
    ],
  },
  'SACK of what was never sent': {
    packets: [
      { chunks: chunk(3, 0, 'ffffffff' + '00000000' + '00000000') },
      { chunks: chunk(3, 0, '00000000' + 'ffffffff' + 'ffff0000') },
      { chunks: chunk(3, 0, '12345678' + '00100000' + '00020000' + '00020001' + 'ffff0000') },
      { chunks: chunk(3, 0, '00') },
    ],
  },
  'requests to reset and add streams without end': {
    packets: [
      ...repeat(300, (i) => ({ chunks: chunk(130, 0, '000d0012' + hex(i, 4) + '00000000' + '00000000' + '0001') })),
      ...repeat(300, (i) => ({ chunks: chunk(130, 0, '0011000c' + hex(i, 4) + 'ffff0000') })),
      { chunks: chunk(130, 0, '000d0010' + '00000001' + '00000001' + '00000001') },
      { chunks: chunk(130, 0, '000fffff') },
      { chunks: chunk(130, 0, '000f0008' + '00000001') },
      { chunks: chunk(130, 0, '0010000c' + '00000001' + '00000001') },
      { chunks: chunk(130, 0, '000d' + hex(16 + 2 * 600, 2) + '00000007'.repeat(3) + '0001'.repeat(600)) },
      { chunks: chunk(130, 0, '') },
    ],
  },
  'SHUTDOWN ACK and SHUTDOWN COMPLETE out of place': {
    packets: [{ chunks: chunk(8, 0, '') }, { chunks: chunk(14, 0, '') }, { chunks: chunk(14, 1, '') }],
  },
  HEARTBEAT: {
    packets: [
      ...repeat(300, () => ({ chunks: chunk(4, 0, '00010404' + 'cd'.repeat(1_024)) })),
      { chunks: chunk(4, 0, '') },
      { chunks: chunk(5, 0, '0001ffff') },
      { chunks: chunk(5, 0, '00010008' + '00000000') },
    ],
  },
  ABORT: { packets: [{ chunks: chunk(6, 0, '000d' + hex(900, 2) + '41'.repeat(896)) }] },
};

(found ? describe : describe.skip)('an attacker below the streams', () => {
  let agent: RemoteAgent;
  let pc: RTCPeerConnection;
  let channel: Channel;
  let got: unknown[];
  jest.setTimeout(40_000);

  beforeEach(async () => {
    agent = await startProgram(process.execPath, [
      join(__dirname, '../interop/agents/attacker.mjs'),
      join(modules, 'x'),
    ]);
    pc = new RTCPeerConnection();
    channel = pc.createDataChannel('target');
    got = [];
    channel.onmessage = ({ data: message }) => got.push(message);
    const opened = new Promise((done) => (channel.onopen = done));
    await pc.setLocalDescription();
    while (pc.iceGatheringState !== 'complete') await new Promise((done) => (pc.onicegatheringstatechange = done));
    await pc.setRemoteDescription(await agent.command('answer', { description: pc.localDescription }));
    await opened;
  });
  afterEach(async () => {
    pc.close();
    await agent.stop();
  });

  /** A round trip through our network thread, and then whether a new connection works at all. */
  async function stillWorks(): Promise<void> {
    const [a, b] = [new RTCPeerConnection(), new RTCPeerConnection()];
    const [one, other] = await connectPair(a, b);
    const echoed = new Promise((done) => (other.onmessage = ({ data: message }) => done(message)));
    one.send('well');
    expect(await echoed).toBe('well');
    a.close();
    b.close();
  }

  it.each(Object.keys(attacks))('gets nowhere with %s', async (title) => {
    const { packets, lives } = attacks[title]!;
    const before = process.memoryUsage().rss;
    await agent.command('packets', { packets });
    await new Promise((done) => setTimeout(done, 100));
    await stillWorks();
    const grown = (process.memoryUsage().rss - before) >> 20;
    console.log(`${title}: channel ${channel.readyState}, ${grown} MB, delivered ${JSON.stringify(got).slice(0, 60)}`);
    expect(grown).toBeLessThan(64);
    expect(got.length).toBeLessThanOrEqual(1);
    if (lives) {
      expect(channel.readyState).toBe('open');
      channel.send('alive');
      const until = performance.now() + 3_000;
      let heard: string[] = [];
      while (!heard.includes('alive') && performance.now() < until)
        heard = heard.concat(await agent.command<string[]>('received'));
      expect(heard).toContain('alive');
    } else {
      expect(['open', 'closed']).toContain(channel.readyState);
    }
  });

  it('gets nowhere with random chunks', async () => {
    const seed = Number(process.env['SEED'] ?? 2718);
    console.log(`random chunks: SEED=${seed}`);
    const random = seededRandom(seed);
    const below = (limit: number) => Math.floor(random() * limit);
    const octets = (count: number) => Array.from({ length: count }, () => hex(below(256), 1)).join('');
    const types = [0, 1, 2, 3, 4, 5, 8, 9, 10, 11, 14, 64, 130, 192, 194];
    const packets = repeat(4_000, () => {
      const bodies = Array.from({ length: 1 + below(3) }, () => {
        const type = below(10) ? types[below(types.length)]! : below(256);
        const body = type === 0 || type === 192 ? NEXT + octets(below(30)) : octets(below(50));
        return chunk(type, below(8), body, below(8) ? undefined : below(100));
      });
      return { chunks: bodies.join(''), advance: below(40) - 5, ...(below(6) === 0 ? { tag: 0 } : {}) };
    });
    const before = process.memoryUsage().rss;
    await agent.command('packets', { packets });
    await stillWorks();
    expect((process.memoryUsage().rss - before) >> 20).toBeLessThan(64);
    console.log(`after them the channel is ${channel.readyState}`);
    expect(['open', 'closed']).toContain(channel.readyState);
  });
});
