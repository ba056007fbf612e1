/** What reaches us through signalling, and through careless application objects: refused, ignored or taken, in time. */
import { RTCPeerConnection } from '../../lib';
import { nativeAddon } from '../../lib/binding/load';
import { connectPair, negotiate } from '../support/connect';
import { seededRandom } from '../support/seeded-random.cjs';

const fingerprint = `sha-256 ${Array.from({ length: 32 }, (_, i) => (i + 16).toString(16).toUpperCase()).join(':')}`;
const offerWith = (lines: string[] = [], { ufrag = 'abcd', version = 1 } = {}) =>
  [
    'v=0',
    `o=- 1 ${version} IN IP4 127.0.0.1`,
    's=-',
    't=0 0',
    'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
    'c=IN IP4 0.0.0.0',
    `a=ice-ufrag:${ufrag}`,
    'a=ice-pwd:abcdefghijklmnopqrstuvwx',
    `a=fingerprint:${fingerprint}`,
    'a=setup:actpass',
    'a=mid:0',
    'a=sctp-port:5000',
    ...lines,
    '',
  ].join('\r\n');
const candidateAt = (address: string, port: number | string, index = 1) =>
  `candidate:${index} 1 udp ${2113937151 - (index % 1e6)} ${address} ${port} typ host`;

/** The outcome's name, and no more time than `withinMs` in which nothing else can run. */
async function settles(promise: Promise<unknown>, withinMs: number): Promise<string> {
  let longest = 0;
  let last = performance.now();
  const tick = () => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
  };
  const timer = setInterval(tick, 5);
  const name = await promise.then(
    () => 'resolved',
    (error: Error) => error.name,
  );
  tick();
  clearInterval(timer);
  expect(longest).toBeLessThan(withinMs);
  return name;
}

describe('hostile signalling', () => {
  jest.setTimeout(60_000);
  let pcs: RTCPeerConnection[] = [];
  const connection = (...args: ConstructorParameters<typeof RTCPeerConnection>) => {
    const pc = new RTCPeerConnection(...args);
    pcs.push(pc);
    return pc;
  };
  afterEach(() => {
    for (const pc of pcs) pc.close();
    pcs = [];
  });

  /** The process and its network thread are well. */
  async function stillWorks(): Promise<void> {
    const [a, b] = [connection(), connection()];
    const [channel, other] = await connectPair(a, b);
    const got = new Promise((done) => (other.onmessage = ({ data }) => done(data)));
    channel.send('still here');
    expect(await got).toBe('still here');
  }

  const huge: Record<string, () => string> = {
    'a line of 10 MB': () => offerWith([`a=x:${'y'.repeat(10_000_000)}`]),
    '10 MB of attributes': () => offerWith(Array<string>(1_000_000).fill('a=foo:ba')),
    '10 MB of line ends': () => offerWith() + '\r\n'.repeat(5_000_000),
    '10 MB without any': () => 'x'.repeat(10_000_000),
    '100,000 candidates': () =>
      offerWith(Array.from({ length: 100_000 }, (_, i) => `a=${candidateAt('192.0.2.77', 1024 + (i % 60000), i)}`)),
    '10,000 sections': () =>
      offerWith() +
      Array.from({ length: 10_000 }, (_, i) => `m=audio 0 UDP/TLS/RTP/SAVPF 0\r\na=mid:s${i}\r\n`).join(''),
    '100,000 fingerprints': () => offerWith(Array<string>(100_000).fill(`a=fingerprint:${fingerprint}`)),
    'a bundle of 100,000': () =>
      offerWith().replace('t=0 0', `t=0 0\r\na=group:BUNDLE ${Array.from({ length: 100_000 }, (_, i) => i).join(' ')}`),
    // The limit for one section, with what every section has beside it.
    'a track in 8,000 streams': () =>
      offerWith([
        'm=video 9 UDP/TLS/RTP/SAVPF 96',
        'c=IN IP4 0.0.0.0',
        'a=ice-ufrag:abcd',
        'a=ice-pwd:abcdefghijklmnopqrstuvwx',
        `a=fingerprint:${fingerprint}`,
        'a=setup:actpass',
        'a=mid:1',
        'a=sendonly',
        'a=rtcp-mux',
        'a=rtpmap:96 VP8/90000',
        ...Array.from({ length: 8_000 }, (_, i) => `a=msid:stream${i} track`),
      ]).replace('t=0 0', 't=0 0\r\na=group:BUNDLE 0 1'),
    'a ufrag of 1 MB': () => offerWith([], { ufrag: 'u'.repeat(1_000_000) }),
  };

  it.each(Object.keys(huge))('answers to %s in time', async (title) => {
    const pc = connection();
    const sdp = huge[title]!();
    const started = performance.now();
    const outcome = await settles(pc.setRemoteDescription({ type: 'offer', sdp }), 3_000);
    console.log(`${title}: ${outcome} after ${(performance.now() - started).toFixed(0)} ms`);
    expect(['resolved', 'OperationError', 'RTCError', 'InvalidAccessError']).toContain(outcome);
    await stillWorks();
  });

  it('gathers for 1,000 sections that are not bundled within bounds', async () => {
    const pc = connection();
    const section = (index: number) => [
      'm=audio 9 UDP/TLS/RTP/SAVPF 0',
      'c=IN IP4 0.0.0.0',
      `a=ice-ufrag:abcd${index}`,
      'a=ice-pwd:abcdefghijklmnopqrstuvwx',
      `a=fingerprint:${fingerprint}`,
      'a=setup:actpass',
      `a=mid:a${index}`,
      'a=rtcp-mux',
    ];
    const sdp = offerWith(Array.from({ length: 1_000 }, (_, index) => section(index)).flat());
    await pc.setRemoteDescription({ type: 'offer', sdp });
    await pc.setLocalDescription();
    // From here on each transport tells of itself.
    const before = process.cpuUsage();
    while (pc.iceGatheringState !== 'complete') await new Promise((done) => (pc.onicegatheringstatechange = done));
    const { user, system } = process.cpuUsage(before);
    console.log(`1,000 transports: ${((user + system) / 1000).toFixed(0)} ms of processor time`);
    expect(user).toBeLessThan(1_400_000);
    pc.close();
    await stillWorks();
  });

  it('takes 100,000 candidates one by one within bounds', async () => {
    const pc = connection();
    await pc.setRemoteDescription({ type: 'offer', sdp: offerWith() });
    await pc.setLocalDescription();
    const before = process.memoryUsage().rss;
    const started = performance.now();
    const outcomes = new Map<string, number>();
    for (let i = 0; i < 100_000; i++) {
      const candidate = candidateAt('127.0.0.1', 1 + (i % 65_000), i);
      const outcome = await pc.addIceCandidate({ candidate, sdpMid: '0' }).then(
        () => 'resolved',
        (error: Error) => error.name,
      );
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    }
    const took = performance.now() - started;
    const grown = (process.memoryUsage().rss - before) >> 20;
    console.log(`100,000 candidates: ${took.toFixed(0)} ms, ${grown} MB, ${JSON.stringify([...outcomes])}`);
    expect(took).toBeLessThan(30_000);
    expect(grown).toBeLessThan(300);
    await stillWorks();
  });

  it('outlives candidates that point where nobody may be asked', async () => {
    const pc = connection();
    const states: string[] = [];
    pc.addEventListener('connectionstatechange', () => states.push(pc.connectionState));
    await pc.setRemoteDescription({ type: 'offer', sdp: offerWith() });
    await pc.setLocalDescription();
    const addresses = ['0.0.0.0', '255.255.255.255', '224.0.0.1', '239.255.255.250', '240.0.0.1', '::', 'ff02::1'];
    addresses.push('127.0.0.1', '::1', 'fe80::1', '::ffff:127.0.0.1', '192.0.2.255');
    const outcomes: string[] = [];
    for (const address of addresses) {
      for (const port of [0, 1, 9, 22, 53, 65535, 65536, -1, '', '1e3']) {
        const candidate = candidateAt(address, port);
        outcomes.push(await settles(pc.addIceCandidate({ candidate, sdpMid: '0' }), 500));
      }
    }
    const others = [
      'candidate:',
      'candidate:1 1 udp',
      'candidate:1 1 udp 1 127.0.0.1 9 typ',
      'candidate:1 1 udp 99999999999999999999 127.0.0.1 9 typ host',
      `candidate:${'1'.repeat(100_000)} 1 udp 1 127.0.0.1 9 typ host`,
      `candidate:1 1 udp 1 ${'a'.repeat(100_000)} 9 typ host`,
      `candidate:1 1 udp 1 127.0.0.1 9 typ host ${'a b '.repeat(250_000)}`,
      'candidate:1 1 tcp 1 127.0.0.1 9 typ host tcptype active',
      'candidate:1 2 udp 1 127.0.0.1 9 typ host',
      'candidate:1 1 udp 1 ../../etc/passwd 9 typ host',
      `candidate:1 1 udp 1 ${'x'.repeat(63)}.local 9 typ host`,
      'candidate:1 1 udp 1 127.0.0.1 9 typ host\r\na=fingerprint:sha-256 00',
      '\0',
      'a=candidate:1 1 udp 1 127.0.0.1 9 typ host',
    ];
    for (const candidate of others) outcomes.push(await settles(pc.addIceCandidate({ candidate, sdpMid: '0' }), 500));
    expect(new Set(outcomes)).toEqual(new Set(['resolved', 'OperationError']));
    expect(states.filter((state) => state === 'connected' || state === 'closed')).toEqual([]);
    await stillWorks();
  });

  it('refuses 300 ufrags that are not the peer’s', async () => {
    const pc = connection();
    await pc.setRemoteDescription({ type: 'offer', sdp: offerWith() });
    for (let i = 0; i < 300; i++) {
      const init = { candidate: candidateAt('127.0.0.1', 1000 + i), sdpMid: '0', usernameFragment: `other${i}` };
      expect(await settles(pc.addIceCandidate(init), 500)).toBe('OperationError');
    }
    await stillWorks();
  });

  it('outlives 300 restarts by the peer, with a live connection below', async () => {
    const [a, b] = [connection(), connection()];
    for (const [from, to] of [
      [a, b],
      [b, a],
    ] as const) {
      // Those of a restart come before its description at times, and are refused then.
      from.onicecandidate = ({ candidate }) => void to.addIceCandidate(candidate!).catch(() => {});
    }
    const channel = a.createDataChannel('storm', { negotiated: true, id: 0 });
    const other = b.createDataChannel('storm', { negotiated: true, id: 0 });
    const opened = new Promise((done) => (channel.onopen = done));
    await negotiate(a, b);
    await opened;
    const handles = nativeAddon().liveHandles();
    for (let round = 0; round < 150; round++) {
      await a.setLocalDescription(await a.createOffer({ iceRestart: true }));
      await b.setRemoteDescription(a.localDescription!);
      await b.setLocalDescription();
      await a.setRemoteDescription(b.localDescription!);
      await b.setLocalDescription(await b.createOffer({ iceRestart: true }));
      await a.setRemoteDescription(b.localDescription!);
      await a.setLocalDescription();
      await b.setRemoteDescription(a.localDescription!);
    }
    const got = new Promise((done) => (other.onmessage = ({ data }) => done(data)));
    channel.send('after the storm');
    expect(await got).toBe('after the storm');
    expect(nativeAddon().liveHandles()).toBe(handles);
  });

  it('outlives offers that alternate, glare and roll back', async () => {
    const seed = Number(process.env['SEED'] ?? 99);
    console.log(`random signalling: SEED=${seed}`);
    const random = seededRandom(seed);
    const pc = connection();
    pc.createDataChannel('x');
    const outcomes = new Map<string, number>();
    for (let i = 0; i < 400; i++) {
      const steps = [
        () => pc.setRemoteDescription({ type: 'offer', sdp: offerWith([], { ufrag: `u${i}xx`, version: i }) }),
        () => pc.setLocalDescription(),
        () => pc.setLocalDescription({ type: 'rollback' }),
        () => pc.setRemoteDescription({ type: 'rollback' } as never),
        () => pc.setRemoteDescription({ type: 'answer', sdp: offerWith().replace('actpass', 'active') }),
        () => pc.setRemoteDescription({ type: 'pranswer', sdp: offerWith().replace('actpass', 'passive') }),
        () => pc.createOffer({ iceRestart: random() < 0.5 }).then((offer) => pc.setLocalDescription(offer)),
        () => pc.addIceCandidate({ candidate: candidateAt('127.0.0.1', 9), sdpMid: '0' }),
        () => pc.addIceCandidate(),
        () => Promise.resolve(pc.restartIce()),
      ];
      const outcome = await steps[Math.floor(random() * steps.length)]!().then(
        () => 'resolved',
        (error: Error) => error.name,
      );
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    }
    expect(
      [...outcomes.keys()].filter(
        (name) =>
          ![
            'resolved',
            'InvalidStateError',
            'InvalidAccessError',
            'OperationError',
            'InvalidModificationError',
          ].includes(name),
      ),
    ).toEqual([]);
    await stillWorks();
  });
});

describe('hostile objects of the application', () => {
  let pc: RTCPeerConnection;
  beforeEach(() => {
    pc = new RTCPeerConnection();
  });
  afterEach(() => pc.close());
  const thrown = new Error('from a getter');
  const throwing = (name: string) =>
    Object.defineProperty({}, name, {
      get() {
        throw thrown;
      },
    }) as never;

  it.each(['iceServers', 'iceTransportPolicy', 'certificates', 'iceCandidatePoolSize', 'portRange', 'bindAddress'])(
    'throws what the getter of %s throws',
    (name) => {
      const handles = nativeAddon().liveHandles();
      expect(() => new RTCPeerConnection(throwing(name))).toThrow(thrown);
      expect(nativeAddon().liveHandles()).toBe(handles);
    },
  );

  it('rejects or throws with what getters of other arguments throw', async () => {
    expect(() => pc.createDataChannel('x', throwing('ordered'))).toThrow(thrown);
    await expect(pc.setRemoteDescription(throwing('sdp'))).rejects.toBe(thrown);
    await expect(pc.setLocalDescription(throwing('type'))).rejects.toBe(thrown);
    await expect(pc.addIceCandidate(throwing('candidate'))).rejects.toBe(thrown);
    await expect(pc.createOffer(throwing('iceRestart'))).rejects.toBe(thrown);
    expect(() => pc.setConfiguration(throwing('iceServers'))).toThrow(thrown);
  });

  it('survives getters that close the connection', async () => {
    const closing = (name: string, value: unknown) =>
      Object.defineProperty({}, name, {
        enumerable: true,
        get() {
          pc.close();
          return value;
        },
      }) as never;
    expect(() => pc.createDataChannel('x', closing('protocol', 'p'))).toThrow(
      expect.objectContaining({ name: 'InvalidStateError' }),
    );
    expect(pc.signalingState).toBe('closed');
    const tries: [string, (closed: RTCPeerConnection) => unknown][] = [
      ['label', () => pc.createDataChannel(closing('toString', () => 'x'))],
      ['configuration', () => pc.setConfiguration(closing('iceServers', []))],
      ['remote', () => pc.setRemoteDescription(Object.assign(closing('sdp', offerWith()), { type: 'offer' }))],
      ['local', () => pc.setLocalDescription(closing('type', 'offer'))],
      ['offer', () => pc.createOffer(closing('iceRestart', true))],
      ['candidate', () => pc.addIceCandidate(closing('candidate', ''))],
    ];
    for (const [, attempt] of tries) {
      pc = new RTCPeerConnection();
      let settled = 'pending';
      try {
        void Promise.resolve(attempt(pc)).then(
          () => (settled = 'resolved'),
          (error: Error) => (settled = error.name),
        );
      } catch (error) {
        settled = (error as Error).name;
      }
      await new Promise((done) => setTimeout(done, 30));
      expect(pc.signalingState).toBe('closed');
      expect(['pending', 'InvalidStateError', 'resolved']).toContain(settled);
    }
  });

  it('takes proxies as what they show', async () => {
    const seen: PropertyKey[] = [];
    const proxy = new Proxy({ iceServers: [{ urls: 'stun:127.0.0.1:9' }] } as object, {
      get(target, key, receiver) {
        seen.push(key);
        return Reflect.get(target, key, receiver) as unknown;
      },
    });
    const other = new RTCPeerConnection(proxy as never);
    expect(other.getConfiguration().iceServers).toHaveLength(1);
    expect(new Set(seen).size).toBe(seen.length);
    other.close();
    const { proxy: revoked, revoke } = Proxy.revocable({}, {});
    revoke();
    expect(() => new RTCPeerConnection(revoked as never)).toThrow(TypeError);
    await expect(pc.addIceCandidate(revoked)).rejects.toThrow(TypeError);
  });

  it('ends when iterators do not', () => {
    let given = 0;
    const endless = {
      [Symbol.iterator]: () => ({
        next: () => {
          if (++given > 100_000) throw thrown;
          return { done: false, value: { urls: 'stun:127.0.0.1' } };
        },
      }),
    };
    expect(() => new RTCPeerConnection({ iceServers: endless as never })).toThrow();
  });
});
