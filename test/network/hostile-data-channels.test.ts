/** A peer that has completed ICE, DTLS and SCTP, and then speaks nonsense on the streams. */
import { RTCPeerConnection } from '../../lib';
import { generateCertificate } from '../../lib/binding/event-door';
import type { NativeCertificate } from '../../lib/binding/native-addon';
import { serializeOpen } from '../../lib/transport/data-channel-protocol';
import { eventually, NativeStack } from '../binding/native-pair';
import { seededRandom } from '../support/seeded-random.cjs';

type Channel = ReturnType<RTCPeerConnection['createDataChannel']>;

const open = (label: string, protocol = '') =>
  serializeOpen({ label, protocol, ordered: true, maxPacketLifeTime: null, maxRetransmits: null, priority: 256 });

/** A connection of ours and the stack of an attacker, connected; our channel 'ours' is open on stream 101. */
class Siege {
  readonly pc = new RTCPeerConnection({ includeLoopback: true } as object);
  readonly stack: NativeStack;
  readonly channels: Channel[] = [];
  readonly events: string[] = [];
  readonly ours = this.pc.createDataChannel('ours', { negotiated: true, id: 101 });

  constructor(certificate: NativeCertificate) {
    this.stack = new NativeStack(certificate);
    this.pc.addEventListener('datachannel', (event) => {
      const { channel } = event as unknown as { channel: Channel };
      this.channels.push(channel);
      this.events.push(`datachannel ${channel.id}`);
    });
    for (const type of ['message', 'error', 'close']) this.ours.addEventListener(type, () => this.events.push(type));
  }

  async connect(): Promise<this> {
    const { pc, stack } = this;
    const fingerprint = stack.certificate.fingerprint('sha-256');
    pc.addEventListener('icecandidate', (event) => {
      const { candidate } = event as unknown as { candidate: RTCIceCandidate | null };
      if (!candidate?.candidate) return;
      stack.ice.addRemoteCandidate({
        foundation: candidate.foundation!,
        priority: candidate.priority!,
        protocol: 'udp',
        address: candidate.address!,
        port: candidate.port!,
        type: 'host',
        tcpType: '',
        relatedAddress: '',
        relatedPort: 0,
        usernameFragment: candidate.usernameFragment!,
        relayProtocol: '',
        url: '',
      });
    });
    await pc.setRemoteDescription({
      type: 'offer',
      sdp: [
        'v=0',
        'o=- 1 1 IN IP4 127.0.0.1',
        's=-',
        't=0 0',
        'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
        'c=IN IP4 0.0.0.0',
        `a=ice-ufrag:${stack.usernameFragment}`,
        `a=ice-pwd:${stack.password}`,
        `a=fingerprint:sha-256 ${fingerprint.value}`,
        'a=setup:actpass',
        'a=mid:0',
        'a=sctp-port:5000',
        'a=max-message-size:262144',
        '',
      ].join('\r\n'),
    });
    await pc.setLocalDescription();
    const { sdp } = pc.localDescription!;
    const attribute = (name: string) => new RegExp(`a=${name}:(.*)\r`).exec(sdp)![1]!;
    const [algorithm, value] = attribute('fingerprint').split(' ') as [string, string];
    stack.ice.setRemoteParameters({
      usernameFragment: attribute('ice-ufrag'),
      password: attribute('ice-pwd'),
      iceLite: false,
    });
    stack.ice.gather();
    stack.ice.start('controlling');
    stack.dtls.start('server', [{ algorithm, value }]);
    stack.sctp.start();
    await stack.until('sctp connected');
    await eventually(() => this.ours.readyState === 'open', 'our channel opens');
    return this;
  }

  send(stream: number, ppid: number, data: string | Uint8Array): void {
    this.stack.sctp.send(stream, ppid, true, 0, -1, data);
  }

  /** What was sent before has been taken, and the connection works in both directions. */
  async stillWorks(): Promise<void> {
    const text = `exchange ${Math.random()}`;
    const got = new Promise<unknown>((done) =>
      this.ours.addEventListener('message', ({ data }) => data === text && done(data)),
    );
    this.send(101, 51, text);
    await got;
    const before = this.stack.messages.length;
    this.ours.send('from us');
    await eventually(
      () => this.stack.messages.slice(before).some(({ stream, value }) => stream === 101 && value === 'from us'),
      'our message arrives',
    );
    this.events.splice(this.events.lastIndexOf('message'), 1);
    expect(this.pc.connectionState).toBe('connected');
  }

  close(): void {
    this.pc.close();
    this.stack.close();
  }
}

interface RTCIceCandidate {
  candidate: string;
  foundation: string | null;
  priority: number | null;
  address: string | null;
  port: number | null;
  usernameFragment: string | null;
}

describe('an attacker on the streams of an association', () => {
  let certificate: NativeCertificate;
  let siege: Siege;
  jest.setTimeout(30_000);
  beforeAll(async () => {
    certificate = await generateCertificate({
      keyType: 'ecdsa-p256',
      rsaModulusBits: 2048,
      rsaPublicExponent: 65537,
      expiresInMs: 86_400_000,
    });
  });
  beforeEach(async () => {
    siege = await new Siege(certificate).connect();
  });
  afterEach(() => siege.close());

  it('opens nothing with malformed control messages', async () => {
    const whole = open('label', 'protocol');
    const changed = (offset: number, value: number) => {
      const copy = whole.slice();
      copy[offset] = value;
      return copy;
    };
    const messages = [
      Uint8Array.of(0),
      Uint8Array.of(2),
      Uint8Array.of(2, 0, 0),
      Uint8Array.of(3),
      Uint8Array.of(255, 255),
      ...Array.from({ length: whole.length - 1 }, (_, length) => whole.slice(0, length + 1)),
      changed(1, 3),
      changed(1, 0x7f),
      changed(8, 255),
      changed(9, 14),
      changed(10, 255),
      new Uint8Array(200_000).fill(3),
    ];
    for (const [index, message] of messages.entries()) siege.send(2 + 2 * (index % 40), 50, message);
    await siege.stillWorks();
    expect(siege.events).toEqual([]);
  });

  it('takes over no channel that is there', async () => {
    siege.send(101, 50, open('stolen'));
    siege.send(4, 50, open('first'));
    siege.send(4, 50, open('second'));
    siege.send(4, 50, Uint8Array.of(2));
    siege.send(101, 50, Uint8Array.of(2));
    await siege.stillWorks();
    expect(siege.events).toEqual(['datachannel 4']);
    expect(siege.channels[0]!.label).toBe('first');
    expect(siege.ours.label).toBe('ours');
    expect(siege.ours.readyState).toBe('open');
  });

  it('gets nothing delivered on streams without a channel, nor with payload types that nobody knows', async () => {
    for (const stream of [0, 1, 5, 500, 1023]) for (const ppid of [51, 53, 56, 57]) siege.send(stream, ppid, 'nobody');
    // 52 and 54 are parts of messages in RFC 8831's predecessors, and taken as messages, as browsers do.
    for (const ppid of [0, 1, 49, 55, 58, 255, 65536, 0xffffffff]) siege.send(101, ppid, 'what is this');
    await siege.stillWorks();
    expect(siege.events).toEqual([]);
    expect(siege.channels).toEqual([]);
  });

  it('cannot send text that is no text', async () => {
    const texts: unknown[] = [];
    siege.ours.addEventListener('message', ({ data }) => texts.push(data));
    const bytes = [
      [0xff],
      [0xc3],
      [0xed, 0xa0, 0x80],
      [0xf4, 0x90, 0x80, 0x80],
      [0x61, 0x80, 0x62],
      [0xef, 0xbb, 0xbf, 0x61],
      [0],
    ].map((one) => Uint8Array.from(one));
    for (const one of bytes) siege.send(101, 51, one);
    await siege.stillWorks();
    const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
    expect(texts.slice(0, bytes.length)).toEqual(bytes.map((one) => decoder.decode(one)));
  });

  it('opens thousands of channels, which all end with the association', async () => {
    const count = 3_000;
    const start = performance.now();
    for (let id = 0; id < count; id++) siege.send(id === 101 ? 9_000 : id, 50, open(`channel ${id}`));
    await eventually(() => siege.channels.length === count, `${count} channels`, 20_000);
    await siege.stillWorks();
    console.log(`${count} channels announced by the peer: ${(performance.now() - start).toFixed(0)} ms`);
    let closed = 0;
    for (const channel of siege.channels) channel.onclose = () => closed++;
    siege.stack.close();
    await eventually(() => closed === count, 'all of them close', 20_000);
    expect(siege.ours.readyState).toBe('closed');
  });

  it('resets streams that were never used, again and again', async () => {
    for (let round = 0; round < 3; round++)
      for (let id = 0; id < 1_000; id++) if (id !== 101) siege.stack.sctp.resetStream(id);
    siege.send(6, 50, open('after the resets'));
    await siege.stillWorks();
    siege.stack.sctp.resetStream(101);
    await eventually(() => siege.ours.readyState === 'closed', 'our channel closes');
    expect(siege.events.filter((event) => event !== 'datachannel 6')).toEqual(['close']);
  });

  it('is cut off when it sends a message larger than we take', async () => {
    siege.send(101, 53, new Uint8Array(262_144));
    await eventually(() => siege.events.includes('message'), 'the largest message is delivered');
    siege.send(101, 53, new Uint8Array(262_145));
    await eventually(() => siege.ours.readyState === 'closed', 'the channel closes');
    expect(siege.events).toEqual(['message', 'error', 'close']);
  });

  it('does not read: our buffer fills up to its limit, and no further', async () => {
    siege.stack.sctp.setReceiving(false);
    const message = new Uint8Array(65_536);
    const before = process.memoryUsage().rss;
    let sent = 0;
    let refusal: unknown;
    while (!refusal) {
      try {
        siege.ours.send(message);
        sent += message.length;
      } catch (error) {
        refusal = error;
      }
    }
    expect((refusal as DOMException).name).toBe('OperationError');
    expect(sent).toBeLessThanOrEqual(17 << 20);
    await new Promise((done) => setTimeout(done, 500));
    expect(siege.ours.bufferedAmount).toBeGreaterThan(8 << 20);
    expect(process.memoryUsage().rss - before).toBeLessThan(120 << 20);
    const started = performance.now();
    siege.pc.close();
    expect(performance.now() - started).toBeLessThan(200);
  });

  it('floods streams with random messages', async () => {
    const seed = Number(process.env['SEED'] ?? 4711);
    console.log(`random messages: SEED=${seed}`);
    const random = seededRandom(seed);
    const below = (limit: number) => Math.floor(random() * limit);
    for (let i = 0; i < 5_000; i++) {
      const data = Uint8Array.from({ length: 1 + below(below(10) === 0 ? 3_000 : 40) }, () => below(256));
      if (below(2) === 0) data[0] = 2 + below(2);
      const ppid = [50, 51, 53, 56, 57, below(100)][below(6)]!;
      let stream = below(60);
      if (stream === 59) stream = below(2_000);
      if (stream === 101) continue;
      if (below(20) === 0) siege.stack.sctp.resetStream(stream);
      else siege.stack.sctp.send(stream, ppid, below(2) === 0, below(3) as 0 | 1 | 2, below(5), data);
    }
    await siege.stillWorks();
    expect(siege.events.filter((event) => !event.startsWith('datachannel'))).toEqual([]);
  });
});
