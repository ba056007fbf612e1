/** An attacker on the path of a live call, and strangers beside it: media goes on, and what they sent is not counted. */
import { createSocket } from 'node:dgram';
import { nonstandard } from '../../lib';
import { relayedPair, type RelayedPair } from '../support/relayed-pair';
import { Studio } from '../support/studio';
import { seededRandom } from '../support/seeded-random.cjs';
import { type Impairments } from '../support/udp-relay';

const { RTCAudioSink, RTCAudioSource, RTCVideoSink, RTCVideoSource } = nonstandard;

const isSrtp = (datagram: Buffer) => datagram[0]! >= 128 && datagram[0]! < 192;
const isRtcp = (datagram: Buffer) => isSrtp(datagram) && datagram[1]! >= 192 && datagram[1]! <= 223;

jest.setTimeout(120_000);

/** A call from left to right, and what has arrived of it. */
class Call {
  pictures = 0;
  blocks = 0;
  #look: (() => void) | null = null;
  readonly states: string[] = [];
  readonly #ends: (() => void)[] = [];

  private constructor(readonly pair: RelayedPair) {}

  static async begin(impairments: Impairments): Promise<Call> {
    const studio = new Studio({ width: 320, height: 240, framesPerSecond: 20 });
    const video = new RTCVideoSource();
    const audio = new RTCAudioSource();
    const tracks = [video.createTrack(), audio.createTrack()];
    let call: Call | null = null;
    const sinks: { stop(): void }[] = [];
    const pair = await relayedPair(impairments, (left, right) => {
      for (const track of tracks) left.addTrack(track);
      right.ontrack = ({ track }) => {
        if (track.kind === 'video') {
          const sink = new RTCVideoSink(track);
          sink.onframe = () => call?.saw('pictures');
          sinks.push(sink);
        } else {
          const sink = new RTCAudioSink(track);
          sink.ondata = () => call?.saw('blocks');
          sinks.push(sink);
        }
      };
    });
    call = new Call(pair);
    studio.takers.push({
      picture: ({ width, height, data }) => video.onFrame({ width, height, data }),
      sound: ({ samples, sampleRate }) => audio.onData({ samples, sampleRate }),
    });
    for (const side of [pair.left, pair.right])
      side.onconnectionstatechange = () => call.states.push(side.connectionState);
    call.#ends.push(() => {
      studio.close();
      for (const each of [...sinks, ...tracks]) each.stop();
      pair.close();
    });
    await call.until(() => call.pictures >= 5 && call.blocks >= 20);
    call.states.length = 0;
    return call;
  }

  saw(what: 'pictures' | 'blocks'): void {
    this[what]++;
    this.#look?.();
  }

  /** Asked whenever something arrives, which therefore goes on until then. */
  until(isEnough: () => boolean): Promise<void> {
    return new Promise((done) => {
      this.#look = () => {
        if (!isEnough()) return;
        this.#look = null;
        done();
      };
      this.#look();
    });
  }

  /**
   * That both kinds of media go on, on the same connection. A flood that fills the sockets of a busy machine takes checks of
   * consent with it; that is told, and mends itself.
   */
  async goesOn(): Promise<void> {
    const { pictures, blocks } = this;
    await this.until(() => this.pictures >= pictures + 10 && this.blocks >= blocks + 50);
    expect(['disconnected', 'connected']).toEqual(expect.arrayContaining(this.states));
    for (const side of [this.pair.left, this.pair.right]) {
      while (side.connectionState === 'disconnected') {
        await new Promise((done) => side.addEventListener('connectionstatechange', done, { once: true }));
      }
      expect(side.connectionState).toBe('connected');
    }
  }

  /** That nothing was received which was not sent. */
  async countsWhatWasSent(): Promise<void> {
    const sum = async (side: 'left' | 'right', type: string, counter: string) =>
      [...(await this.pair[side].getStats()).values()]
        .filter((entry) => entry.type === type)
        .reduce((total, entry) => total + Number(entry[counter]), 0);
    // In this order: more may be sent meanwhile, not less.
    const received = await sum('right', 'inbound-rtp', 'packetsReceived');
    expect(received).toBeGreaterThan(0);
    expect(received).toBeLessThanOrEqual(await sum('left', 'outbound-rtp', 'packetsSent'));
  }

  end(): void {
    for (const end of this.#ends) end();
  }
}

describe('a live call', () => {
  let call: Call;

  beforeAll(async () => {
    call = await Call.begin({ seed: 21 });
  });
  afterAll(() => call.end());
  afterEach(async () => {
    call.pair.relay.alter = null;
    await call.goesOn();
    await call.countsWhatWasSent();
  });

  const alterations: Record<string, (datagram: Buffer, random: () => number) => readonly Buffer[]> = {
    'flipped bits': (datagram, random) => {
      const flipped = Buffer.from(datagram);
      flipped[Math.floor(random() * flipped.length)]! ^= 1 << Math.floor(random() * 8);
      return [flipped];
    },
    'cut datagrams': (datagram, random) => [datagram.subarray(0, Math.floor(random() * datagram.length))],
    'lengthened datagrams': (datagram) => [Buffer.concat([datagram, Buffer.alloc(40, 7)])],
    'another sequence number': (datagram) => {
      const moved = Buffer.from(datagram);
      if (!isRtcp(datagram)) moved.writeUInt16BE((moved.readUInt16BE(2) + 20_000) & 0xffff, 2);
      return [moved, datagram];
    },
    'another SSRC': (datagram, random) => {
      const moved = Buffer.from(datagram);
      if (moved.length >= 12) moved.writeUInt32BE(Math.floor(random() * 2 ** 32), isRtcp(datagram) ? 4 : 8);
      return [moved, datagram];
    },
    'everything twice': (datagram) => [datagram, datagram],
    'everything twenty times': (datagram) => Array<Buffer>(20).fill(datagram),
  };
  it.each(Object.keys(alterations))('outlives %s', async (title) => {
    const random = seededRandom(22);
    let altered = 0;
    call.pair.relay.alter = (datagram) => {
      // A third of what is media, so that some gets through.
      if (!isSrtp(datagram) || random() > 1 / 3) return [datagram];
      altered++;
      return alterations[title]!(datagram, random);
    };
    await call.until(() => altered >= 60);
  });

  it('outlives replays of all that was sent lately, to both sides', async () => {
    for (let round = 0; round < 3; round++) {
      for (const from of [0, 1] as const) {
        for (const datagram of call.pair.relay.captured[from].filter(isSrtp)) {
          await call.pair.relay.inject(0, datagram);
          await call.pair.relay.inject(1, datagram);
        }
      }
    }
  });

  /** Datagrams with headers as the peer's own and nonsense in them. */
  function forge(random: () => number): Buffer {
    const own = call.pair.relay.captured[0].filter(isSrtp);
    const model = own[Math.floor(random() * own.length)]!;
    const forged = Buffer.concat([
      model.subarray(0, Math.min(model.length, 12 + Math.floor(random() * 30))),
      Buffer.from(Array.from({ length: Math.floor(random() * 200) }, () => Math.floor(random() * 256))),
    ]);
    if (random() < 0.2) forged[0] = 128 + Math.floor(random() * 64);
    if (random() < 0.3) forged[1] = [200, 201, 202, 203, 204, 205, 206, 207][Math.floor(random() * 8)]!;
    if (random() < 0.5) forged.writeUInt16BE(Math.floor(random() * 65_536), 2);
    return forged;
  }

  it('outlives 20,000 forged packets from the address of the peer', async () => {
    const random = seededRandom(23);
    for (let count = 0; count < 10_000; count++) {
      const forged = forge(random);
      await call.pair.relay.inject(0, forged);
      await call.pair.relay.inject(1, forged);
    }
  });

  it('outlives 20,000 forged packets from a stranger', async () => {
    const random = seededRandom(24);
    const stranger = createSocket('udp4');
    try {
      for (let count = 0; count < 10_000; count++) {
        const forged = forge(random);
        for (const side of [0, 1] as const) {
          const { address, port } = call.pair.relay.addressOf(side);
          await new Promise((done) => stranger.send(forged, port, address, done));
        }
      }
    } finally {
      stranger.close();
    }
  });
});

it('goes through a network that loses, doubles and reorders', async () => {
  const call = await Call.begin({ seed: 25, loss: 0.03, duplication: 0.2, reordering: 0.2, reorderMs: 30 });
  try {
    await call.until(() => call.pictures >= 60);
    await call.goesOn();
    await call.countsWhatWasSent();
  } finally {
    call.end();
  }
});
