/** Fake camera and microphone from one connection to another, through an emulated link. */
import { mediaDevices, nonstandard, type RTCPeerConnection } from '../../lib';
import { EmulatedLink, type LinkSettings } from './emulated-link.cjs';
import { pairThrough, type RelayedPair } from './relayed-pair';

export interface CallSettings {
  seed: number;
  link: LinkSettings;
  camera?: { width: number; height: number; frameRate: number };
  contentHint?: 'motion' | 'detail';
  /** `rid` and `scaleResolutionDownBy` of each layer; without, one encoding. */
  layers?: readonly { rid: string; scaleResolutionDownBy: number }[];
}

/** What the statistics say of one kind, of the two sides. */
type Entry = Record<string, number> & { rid?: string; kind: string };

export interface Moment {
  /** Seconds since the call began. */
  at: number;
  estimate: number;
  /** By rid; '' without one. */
  outbound: Map<string, Entry>;
  audio: Entry;
  video: Entry | undefined;
}

async function entriesOf(connection: RTCPeerConnection, type: string): Promise<Entry[]> {
  const report = await connection.getStats();
  return [...report.values()].filter((entry) => entry.type === type) as unknown as Entry[];
}

export class EmulatedCall {
  readonly link: EmulatedLink;
  /** What was shown at the other end. */
  readonly frames: { at: number; height: number; width: number }[] = [];
  readonly #pair: RelayedPair<EmulatedLink>;
  readonly #stream: Awaited<ReturnType<typeof mediaDevices.getUserMedia>>;
  readonly #sinks: { stop(): void }[];
  readonly #begun = performance.now();

  private constructor(
    pair: RelayedPair<EmulatedLink>,
    stream: EmulatedCall['#stream'],
    sinks: { stop(): void }[],
    onframe: (take: (frame: { width: number; height: number }) => void) => void,
  ) {
    this.link = pair.relay;
    this.#pair = pair;
    this.#stream = stream;
    this.#sinks = sinks;
    onframe(({ width, height }) => this.frames.push({ at: this.now, width, height }));
  }

  static async start({ seed, link, camera, contentHint, layers }: CallSettings): Promise<EmulatedCall> {
    const size = camera ?? { width: 320, height: 240, frameRate: 30 };
    const stream = await mediaDevices.getUserMedia({ video: size, audio: true });
    const sinks: { stop(): void }[] = [];
    let take: (frame: { width: number; height: number }) => void = () => undefined;
    const emulated = await EmulatedLink.open({ seed, settings: link });
    const configuration = { receiveSimulcast: layers !== undefined };
    const pair = await pairThrough(
      emulated,
      (left, right) => {
        const [video] = stream.getVideoTracks();
        const [audio] = stream.getAudioTracks();
        if (contentHint) video!.contentHint = contentHint;
        left.addTransceiver(video!, {
          direction: 'sendonly',
          streams: [stream],
          ...(layers ? { sendEncodings: layers.map((layer) => ({ ...layer })) } : {}),
        });
        left.addTransceiver(audio!, { direction: 'sendonly', streams: [stream] });
        right.ontrack = (event) => {
          const { track } = event as unknown as { track: ConstructorParameters<typeof nonstandard.RTCVideoSink>[0] };
          if (track.kind !== 'video') return;
          const sink = new nonstandard.RTCVideoSink(track);
          sinks.push(sink);
          sink.onframe = ({ frame }) => take(frame);
        };
      },
      configuration,
    );
    while (pair.left.connectionState !== 'connected') {
      await new Promise((done) => pair.left.addEventListener('connectionstatechange', done, { once: true }));
    }
    return new EmulatedCall(pair, stream, sinks, (taker) => (take = taker));
  }

  /** Seconds since the call began. */
  get now(): number {
    return (performance.now() - this.#begun) / 1000;
  }

  async look(): Promise<Moment> {
    const { left, right } = this.#pair;
    const [pairs, outbound, inbound] = await Promise.all([
      entriesOf(left, 'candidate-pair'),
      entriesOf(left, 'outbound-rtp'),
      entriesOf(right, 'inbound-rtp'),
    ]);
    const received = inbound.filter(({ kind }) => kind === 'video');
    return {
      at: this.now,
      estimate: pairs.find((pair) => pair['nominated'])?.['availableOutgoingBitrate'] ?? 0,
      outbound: new Map(outbound.filter(({ kind }) => kind === 'video').map((entry) => [entry.rid ?? '', entry])),
      audio: inbound.find(({ kind }) => kind === 'audio')!,
      video: received.find((entry) => (entry['framesDecoded'] ?? 0) > 0),
    };
  }

  /** Looks again and again for so many seconds. */
  async during(seconds: number): Promise<Moment[]> {
    const moments: Moment[] = [];
    const end = this.now + seconds;
    await this.#watch(async () => {
      moments.push(await this.look());
      return this.now >= end;
    });
    return moments;
  }

  /** Resolves with the seconds that it took until `holds`, or with null after `timeout` seconds. */
  async until(holds: (moment: Moment) => boolean, timeout: number): Promise<number | null> {
    const begun = this.now;
    let held = false;
    await this.#watch(async () => {
      held = holds(await this.look());
      return held || this.now - begun > timeout;
    });
    return held ? this.now - begun : null;
  }

  /** With every sample of the link. */
  #watch(isDone: () => Promise<boolean>): Promise<void> {
    return new Promise((resolve, reject) => {
      let busy = false;
      this.link.onsample = () => {
        if (busy) return;
        busy = true;
        isDone().then((done) => {
          busy = false;
          if (!done) return;
          this.link.onsample = null;
          resolve();
        }, reject);
      };
    });
  }

  framesBetween(from: number, to: number) {
    return this.frames.filter(({ at }) => at >= from && at < to);
  }

  /** The longest time without a frame, in milliseconds. */
  longestGapMs(from: number, to: number): number {
    const times = [from, ...this.framesBetween(from, to).map(({ at }) => at), to];
    return 1000 * Math.max(...times.slice(1).map((at, index) => at - times[index]!));
  }

  /** The wait for the link of this part of the samples from `from` on. */
  queueMs(from: number, part: number): number {
    const origin = performance.timeOrigin + this.#begun;
    const waits = this.link.samples
      .filter(({ at }) => (at - origin) / 1000 >= from)
      .map(({ directions }) => directions[0].queueMs)
      .sort((one, other) => one - other);
    return waits[Math.floor(part * (waits.length - 1))] ?? 0;
  }

  async close(): Promise<void> {
    for (const sink of this.#sinks) sink.stop();
    for (const track of this.#stream.getTracks()) track.stop();
    await this.#pair.close();
  }
}
