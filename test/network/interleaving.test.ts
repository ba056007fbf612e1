/** Messages in pieces that alternate (RFC 8260) between two real peers, on good networks and bad ones. */
import type { RTCPeerConnection } from '../../lib';
import { once } from '../support/connect';
import { relayedPair } from '../support/relayed-pair';

type RTCDataChannel = ReturnType<RTCPeerConnection['createDataChannel']>;
type Init = NonNullable<Parameters<RTCPeerConnection['createDataChannel']>[1]>;

const LARGE = 256 * 1024;

/** Number, then a payload that follows from it. */
function numbered(index: number, size: number): Uint8Array {
  const message = new Uint8Array(size);
  new DataView(message.buffer).setUint32(0, index);
  for (let i = 4; i < size; i++) message[i] = (index * 31 + i) & 255;
  return message;
}

/** A relayed pair with the same negotiated channels on both sides, open. */
async function connect(impairments: Parameters<typeof relayedPair>[0], options: Init[]) {
  const sides: RTCDataChannel[][] = [];
  const pair = await relayedPair(impairments, (...peers) => {
    for (const peer of peers) {
      sides.push(options.map((init, id) => peer.createDataChannel(`${id}`, { ...init, negotiated: true, id })));
    }
  });
  for (const channel of sides.flat()) {
    channel.binaryType = 'arraybuffer';
    if (channel.readyState !== 'open') await once(channel, 'open');
  }
  return { pair, left: sides[0]!, right: sides[1]! };
}

test('a short message does not wait for a large one on another channel', async () => {
  const { pair, left, right } = await connect({ seed: 1, delayMs: 2 }, [{}, {}]);
  try {
    const order: string[] = [];
    const both = new Promise<void>((done) => {
      for (const channel of right) {
        channel.onmessage = () => {
          order.push(channel.label);
          if (order.length === 2) done();
        };
      }
    });
    left[0]!.send(new Uint8Array(LARGE));
    left[1]!.send('short');
    await both;
    expect(order).toEqual(['1', '0']);
  } finally {
    await pair.close();
  }
});

test('short messages arrive while 16 MiB are on their way on another channel', async () => {
  const { pair, left, right } = await connect({ seed: 2 }, [{}, {}]);
  try {
    let [large, short, largeBeforeLastShort] = [0, 0, Infinity];
    const all = new Promise<void>((done) => {
      right[0]!.onmessage = () => {
        if (++large === 64 && short === 200) done();
      };
      right[1]!.onmessage = () => {
        if (++short === 200) largeBeforeLastShort = large;
      };
    });
    for (let i = 0; i < 64; i++) left[0]!.send(new Uint8Array(LARGE));
    for (let i = 0; i < 200; i++) left[1]!.send(new Uint8Array(100));
    await all;
    expect(largeBeforeLastShort).toBeLessThanOrEqual(8);
  } finally {
    await pair.close();
  }
}, 60_000);

const kinds: (Init & { reliable?: boolean })[] = [
  { reliable: true },
  { ordered: false, reliable: true },
  { maxRetransmits: 0 },
  { ordered: false, maxRetransmits: 0 },
  { maxPacketLifeTime: 300 },
  { ordered: false, maxPacketLifeTime: 300 },
];

test.each([3, 4, 5])(
  'channels of every kind, both ways and with loss (seed %d)',
  async (seed) => {
    const { pair, left, right } = await connect(
      { seed, loss: 0.04, reordering: 0.05, reorderMs: 5 },
      kinds.map(({ reliable: _, ...init }) => init),
    );
    const COUNT = 400;
    const sizeOf = (index: number) => 4 + (index % 25 === 0 ? 40_000 + index * 100 : (index * 97) % 3000);
    try {
      const arrived = new Map<RTCDataChannel, number[]>();
      const damaged: string[] = [];
      const reliable = new Set([left, right].flatMap((side) => side.filter((_, id) => kinds[id]!.reliable)));
      const complete = new Promise<void>((done) => {
        for (const channel of [...left, ...right]) {
          const indexes: number[] = [];
          arrived.set(channel, indexes);
          channel.onmessage = ({ data }: { data: ArrayBuffer }) => {
            const index = new DataView(data).getUint32(0);
            const sent = numbered(index, sizeOf(index));
            if (Buffer.compare(new Uint8Array(data), sent) !== 0) damaged.push(`${index} of channel ${channel.label}`);
            indexes.push(index);
            if (indexes.length === COUNT && reliable.delete(channel) && reliable.size === 0) done();
          };
        }
      });
      for (let index = 0; index < COUNT; index++) {
        for (const channel of [...left, ...right]) channel.send(numbered(index, sizeOf(index)));
        // Not all at once, so that life times end amid messages and not only before them.
        if (index % 10 === 0) await new Promise((resolve) => setTimeout(resolve, 10));
      }
      await complete;
      // Nothing is stuck: on each channel more arrives.
      await Promise.all(
        [...left, ...right].map(async (channel, i) => {
          const remote = i < kinds.length ? right[i]! : left[i - kinds.length]!;
          const more = once(remote, 'message');
          let came = false;
          void more.then(() => (came = true));
          while (!came) {
            channel.send(numbered(COUNT + 1, sizeOf(COUNT + 1)));
            await Promise.race([more, new Promise((resolve) => setTimeout(resolve, 50))]);
          }
        }),
      );
      for (const [channel, indexes] of arrived) {
        const first = indexes.filter((index) => index < COUNT);
        expect(new Set(first).size).toBe(first.length);
        if (channel.ordered) expect(first).toEqual([...first].sort((a, b) => a - b));
      }
      expect(damaged).toEqual([]);
      expect(pair.relay.dropped).toBeGreaterThan(50);
    } finally {
      await pair.close();
    }
  },
  60_000,
);
