import {
  generateCertificate,
  holdProcess,
  liveNativeObjects,
  releaseProcess,
  requestStats,
} from '../../lib/binding/event-door';
import { nativeAddon } from '../../lib/binding/load';
import type { NativeCertificate, NativeIceStats, NativeSctpStats } from '../../lib/binding/native-addon';
import { connectStacks, eventually, NativeStack } from './native-pair';

const options = { keyType: 'ecdsa-p256', rsaModulusBits: 2048, rsaPublicExponent: 65537, expiresInMs: 1e9 } as const;
const token = {};
let certificate: NativeCertificate;

beforeAll(async () => {
  holdProcess(token);
  certificate = await generateCertificate(options);
});
afterAll(() => releaseProcess(token));
afterEach(async () => {
  await eventually(() => nativeAddon().liveHandles() === 0, 'every handle closed');
  expect(liveNativeObjects().sinks).toBe(0);
});

test('versions are those of what is linked', () => {
  expect(nativeAddon().versions.openssl).toMatch(/^(3|4)\.\d+\.\d+/);
  expect(nativeAddon().versions.usrsctp).toMatch(/^0\.9/);
});

test('a certificate goes out as PEM and comes back the same', () => {
  const again = nativeAddon().certificateFromPem(certificate.certificatePem(), certificate.privateKeyPem());
  expect(again.fingerprint('sha-256')).toEqual(certificate.fingerprint('sha-256'));
  // X.509 counts in seconds.
  expect(Math.abs(again.expires - certificate.expires)).toBeLessThan(1000);
  expect(again.keyType).toBe('ecdsa-p256');
  expect(() => nativeAddon().certificateFromPem('no', 'pem')).toThrow();
});

test('two stacks connect and exchange text, octets, views and empty messages', async () => {
  const [a, b] = await connectStacks(certificate);
  const bytes = new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8]);
  const shared = new Uint8Array(new SharedArrayBuffer(4)).fill(9);
  const detached = new Uint8Array(3);
  structuredClone(detached.buffer, { transfer: [detached.buffer] });
  a.sctp.send(1, 51, true, 0, -1, 'grüß 🎉 \ud800');
  a.sctp.send(1, 53, true, 0, -1, new Uint16Array(bytes.buffer, 2, 2));
  a.sctp.send(1, 53, true, 0, -1, new DataView(bytes.buffer, 1, 3));
  a.sctp.send(1, 53, true, 0, -1, bytes.buffer);
  a.sctp.send(1, 53, true, 0, -1, shared as unknown as ArrayBufferView);
  a.sctp.send(1, 57, true, 0, -1, new Uint8Array(1));
  a.sctp.send(1, 56, true, 0, -1, '\0');
  a.sctp.send(2, 50, true, 0, -1, detached.byteLength === 0 ? bytes : detached);
  b.sctp.send(3, 53, false, 1, 0, new Uint8Array(200_000).fill(7));
  await eventually(() => b.messages.length === 8 && a.messages.length === 1, 'messages both ways');
  const received = b.messages.map(({ stream, value }) => [
    stream,
    typeof value === 'string' ? value : [...new Uint8Array(value as ArrayBuffer)],
  ]);
  // Streams are independent of each other: the control message may overtake.
  expect(received.filter(([stream]) => stream === 1).map(([, value]) => value)).toEqual([
    'grüß 🎉 \ufffd',
    [3, 4, 5, 6],
    [2, 3, 4],
    [...bytes],
    [9, 9, 9, 9],
    [],
    '',
  ]);
  expect(received.filter(([stream]) => stream === 2)).toEqual([[2, [...bytes]]]);
  const large = a.messages[0]!.value;
  expect(large).toBeInstanceOf(ArrayBuffer);
  expect((large as ArrayBuffer).byteLength).toBe(200_000);
  expect(a.history.filter((text) => text.startsWith('dtls'))).toEqual(['dtls connecting', 'dtls connected']);
  a.close();
  await b.until('sctp closed');
  b.close();
});

test('a received buffer can be transferred to another thread', async () => {
  const [a, b] = await connectStacks(certificate);
  a.sctp.send(0, 53, true, 0, -1, new Uint8Array(100_000));
  await eventually(() => b.messages.length === 1, 'the message');
  const buffer = b.messages[0]!.value as ArrayBuffer;
  expect(structuredClone(buffer, { transfer: [buffer] }).byteLength).toBe(100_000);
  expect(buffer.byteLength).toBe(0);
  a.close();
  b.close();
});

test('invalid UTF-8 arrives as U+FFFD', async () => {
  const [a, b] = await connectStacks(certificate);
  a.sctp.send(0, 51, true, 0, -1, new Uint8Array([0x61, 0xff, 0xe2, 0x82, 0x62]));
  await eventually(() => b.messages.length === 1, 'the message');
  expect(b.messages[0]!.value).toBe('a\ufffd\ufffdb');
  a.close();
  b.close();
});

test('microtasks of one message run before the next message', async () => {
  const [a, b] = await connectStacks(certificate);
  const order: string[] = [];
  b.onMessage = ({ value }) => {
    order.push(`message ${String(value)}`);
    void Promise.resolve()
      .then(() => Promise.resolve())
      .then(() => order.push(`microtask ${String(value)}`));
  };
  for (const text of ['1', '2', '3']) a.sctp.send(0, 51, true, 0, -1, text);
  await eventually(() => order.length === 6, 'three messages');
  expect(order).toEqual([1, 2, 3].flatMap((n) => [`message ${String(n)}`, `microtask ${String(n)}`]));
  a.close();
  b.close();
});

test('timers get their turn while a burst is delivered, and nothing is lost', async () => {
  const [a, b] = await connectStacks(certificate);
  const count = 20_000;
  let received = 0;
  let turns = 0;
  b.onMessage = () => (received += 1);
  for (let i = 0; i < count; i += 1) a.sctp.send(0, 51, true, 0, -1, `message ${String(i)}`);
  const timer = setInterval(() => (turns += 1), 1);
  await eventually(() => received === count, `${String(count)} messages`, 20_000);
  clearInterval(timer);
  expect(turns).toBeGreaterThan(3);
  a.close();
  b.close();
});

test('a reader whose thread is busy slows the sender instead of growing the queue', async () => {
  const [a, b] = await connectStacks(certificate);
  const size = 64 * 1024;
  const count = 640;
  let received = 0;
  b.onMessage = () => (received += 1);
  for (let i = 0; i < count; i += 1) a.sctp.send(0, 53, true, 0, -1, new Uint8Array(size));
  // This thread takes no event for a while: a burst like that of a long computation.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000);
  const { messagesReceived } = (await requestStats(b.sctp)) as NativeSctpStats;
  expect(messagesReceived).toBeLessThan(count / 2);
  await eventually(() => received === count, 'every message in the end', 30_000);
  a.close();
  b.close();
}, 40_000);

test('statistics answer while open and after close', async () => {
  const [a, b] = await connectStacks(certificate);
  const ice = (await requestStats(a.ice)) as NativeIceStats;
  expect(ice.packetsSent).toBeGreaterThan(0);
  const before = (await requestStats(a.sctp)) as NativeSctpStats;
  expect(before.packetsSent).toBeGreaterThan(0);
  a.close();
  expect(((await requestStats(a.sctp)) as NativeSctpStats).packetsSent).toBeGreaterThanOrEqual(before.packetsSent);
  expect(((await requestStats(a.ice)) as NativeIceStats).packetsSent).toBeGreaterThan(0);
  expect(await requestStats(a.dtls)).toMatchObject({ version: expect.stringMatching(/^FEF/) as string });
  b.close();
});

test.each([
  ['ice', 'dtls', 'sctp'],
  ['sctp', 'dtls', 'ice'],
  ['dtls', 'sctp', 'ice'],
  ['dtls', 'ice', 'sctp'],
] as const)('closing %s, %s, %s leaves nothing, and closed handles do nothing', async (...order) => {
  const [a, b] = await connectStacks(certificate);
  for (const name of order) {
    a[name].close();
    a[name].close();
  }
  expect(a.sctp.send(0, 51, true, 0, -1, 'late')).toBe(0);
  a.ice.gather();
  a.dtls.start('client', []);
  a.sctp.resetStream(1);
  expect(
    () => new (nativeAddon().DtlsTransport)(a.ice, certificate, { offerSrtp: false, verifyFingerprints: true }),
  ).toThrow(/closed/);
  a.close();
  b.close();
});

test('a handle closed inside the delivery of its event is told nothing more', async () => {
  const [a, b] = await connectStacks(certificate);
  let received = 0;
  b.onMessage = () => {
    received += 1;
    b.close();
  };
  for (let i = 0; i < 100; i += 1) a.sctp.send(0, 51, true, 0, -1, 'x');
  await eventually(() => received > 0, 'a message');
  await requestStats(b.sctp);
  expect(received).toBe(1);
  a.close();
});

test('1,000 stacks opened and closed leave no handle', async () => {
  for (let i = 0; i < 1000; i += 1) {
    const stack = new NativeStack(certificate);
    if (i % 3 === 0) stack.ice.gather();
    stack.close();
    if (i % 50 === 0) await requestStats(stack.ice);
  }
  expect(nativeAddon().liveHandles()).toBe(0);
});

test('100 pairs connected and closed leave no handle', async () => {
  for (let i = 0; i < 100; i += 1) {
    const [a, b] = await connectStacks(certificate);
    a.close();
    b.close();
  }
  expect(nativeAddon().liveHandles()).toBe(0);
}, 60_000);
