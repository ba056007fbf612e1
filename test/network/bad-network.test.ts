/** Loss, reordering, duplication and blackouts between two real peers, decided by a seed. */
import { RTCPeerConnection } from '../../lib';
import { relayedPair } from '../support/relayed-pair';

const eventOf = (target: EventTarget, type: string) =>
  new Promise<void>((done) => target.addEventListener(type, () => done(), { once: true }));
const openOf = (channel: RTCDataChannel) => (channel.readyState === 'open' ? undefined : eventOf(channel, 'open'));
type RTCDataChannel = ReturnType<RTCPeerConnection['createDataChannel']>;

/** Sequence number, then a payload that follows from it. */
function numbered(index: number, size: number): Uint8Array {
  const message = new Uint8Array(size);
  new DataView(message.buffer).setUint32(0, index);
  for (let i = 4; i < size; i++) message[i] = (index * 31 + i) & 255;
  return message;
}

describe.each([
  { title: '5 % loss', seed: 1, loss: 0.05 },
  { title: 'reordering', seed: 2, reordering: 0.2, reorderMs: 15 },
  { title: 'duplication', seed: 3, duplication: 0.3 },
  { title: 'all of it, and 20 ms each way', seed: 4, loss: 0.03, reordering: 0.1, duplication: 0.1, delayMs: 20 },
])('with $title', ({ title: _title, ...impairments }) => {
  it('a reliable ordered channel delivers every message once, whole and in order', async () => {
    let channel!: RTCDataChannel;
    let remote!: Promise<RTCDataChannel>;
    const pair = await relayedPair(impairments, (left, right) => {
      channel = left.createDataChannel('ordered');
      remote = new Promise((done) => (right.ondatachannel = (event) => done(event.channel)));
    });
    try {
      const received = await remote;
      received.binaryType = 'arraybuffer';
      const count = 400;
      const all = new Promise<Uint8Array[]>((done) => {
        const messages: Uint8Array[] = [];
        received.onmessage = ({ data }) => {
          messages.push(new Uint8Array(data));
          if (messages.length === count) done(messages);
        };
      });
      await openOf(channel);
      const sizeOf = (index: number) => 4 + ((index * 97) % 3000);
      for (let index = 0; index < count; index++) channel.send(numbered(index, sizeOf(index)));
      const messages = await all;
      messages.forEach((message, index) => {
        if (Buffer.compare(message, numbered(index, sizeOf(index))) !== 0) throw new Error(`message ${index} differs`);
      });
      expect(pair.relay.forwarded).toBeGreaterThan(100);
    } finally {
      await pair.close();
    }
  }, 60_000);
});

it('an unreliable channel loses messages but never damages, doubles or stalls', async () => {
  let channel!: RTCDataChannel;
  let remote!: Promise<RTCDataChannel>;
  const pair = await relayedPair({ seed: 5, loss: 0.1 }, (left, right) => {
    channel = left.createDataChannel('lossy', { ordered: false, maxRetransmits: 0 });
    remote = new Promise((done) => (right.ondatachannel = (event) => done(event.channel)));
  });
  try {
    const received = await remote;
    const seen = new Set<number>();
    // 300 are sent and one in ten is lost; more than 200 come only if nothing stalls or is given up without reason.
    const enough = new Promise<void>((done) => {
      received.onmessage = ({ data }) => {
        const message = new Uint8Array(data);
        const index = new DataView(data).getUint32(0);
        expect(seen.has(index)).toBe(false);
        expect(Buffer.compare(message, numbered(index, 600))).toBe(0);
        seen.add(index);
        if (seen.size > 200) done();
      };
    });
    await openOf(channel);
    for (let index = 0; index < 300; index++) channel.send(numbered(index, 600));
    await enough;
    expect(pair.relay.dropped).toBeGreaterThan(5);
  } finally {
    await pair.close();
  }
}, 30_000);

it('a blackout of ten seconds ends in disconnected and recovers without loss', async () => {
  let channel!: RTCDataChannel;
  let remote!: Promise<RTCDataChannel>;
  const pair = await relayedPair({ seed: 6 }, (left, right) => {
    channel = left.createDataChannel('patient');
    remote = new Promise((done) => (right.ondatachannel = (event) => done(event.channel)));
  });
  try {
    const received = await remote;
    await openOf(channel);
    const states: string[] = [];
    pair.left.addEventListener('connectionstatechange', () => states.push(pair.left.connectionState));
    const texts: string[] = [];
    const all = new Promise<void>((done) => {
      received.onmessage = ({ data }) => {
        texts.push(data);
        if (texts.length === 20) done();
      };
    });
    pair.relay.blackout = true;
    const end = Date.now() + 10_000;
    for (let i = 0; i < 20; i++) channel.send(`message ${i}`);
    while (pair.left.connectionState !== 'disconnected') await eventOf(pair.left, 'connectionstatechange');
    await new Promise((done) => setTimeout(done, end - Date.now()));
    pair.relay.blackout = false;
    await all;
    expect(texts).toEqual(Array.from({ length: 20 }, (_, i) => `message ${i}`));
    while (pair.left.connectionState !== 'connected') await eventOf(pair.left, 'connectionstatechange');
    expect(states).toEqual(['disconnected', 'connected']);
    expect(channel.readyState).toBe('open');
  } finally {
    await pair.close();
  }
}, 40_000);
