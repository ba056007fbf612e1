/** Media that flows between a program (media-line.ts) and one side of a session. */
import { soundMeter, videoMeter } from '../support/media-meters';
import { Studio } from '../support/studio';
import { testCard } from '../support/test-card';
import * as flow from './flow-steps';
import { decodeAudio, decodeVideo, encodeAudio, encodeVideo, type FfmpegProcess } from './ffmpeg-codec';
import type { Party, Step } from './party';
import * as steps from './media-steps';
import type { Description, StepContext } from './media-steps';
import { MediaLine } from './media-line';
import type { RemoteAgent } from './remote-agent';

let serial = 0;

/** The program's side: what it sends is made here, and what it receives judged here. */
export class FlowAgent {
  readonly key = `flow${++serial}`;
  readonly #agent: RemoteAgent;
  readonly #line: MediaLine;
  readonly #studio: Studio;
  readonly #flow: flow.Flow;
  /** Of a program that leaves coding to others. */
  readonly #coders: FfmpegProcess[] = [];
  #decoder: FfmpegProcess | null = null;

  private constructor(agent: RemoteAgent, line: MediaLine, hertz: number) {
    this.#agent = agent;
    this.#line = line;
    this.#studio = new Studio({ hertz });
    const card = testCard();
    this.#flow = {
      card,
      video: [videoMeter(card)],
      audio: [soundMeter()],
      newVideoMeter: videoMeter,
      newSoundMeter: soundMeter,
      close: [],
    };
    line.onRecord = (head, payload) => {
      if (head.pc !== this.key) return;
      if (head.kind === 'encoded') this.#decoder?.write(payload);
      if (head.kind === 'video') {
        const picture = { width: head.width!, height: head.height!, data: new Uint8Array(payload) };
        this.#flow.video[0]!.push(picture, head.time);
      } else if (head.kind === 'audio') {
        const samples = new Float32Array(payload.length / 2 / head.channels!);
        for (let at = 0; at < samples.length; at++) samples[at] = payload.readInt16LE(2 * at * head.channels!) / 32_768;
        this.#flow.audio[0]!.push(samples, head.rate!, head.time);
      }
    };
  }

  static async open(agent: RemoteAgent, line: MediaLine, hertz: number): Promise<FlowAgent> {
    const party = new FlowAgent(agent, line, hertz);
    await agent.command('connect', { pc: party.key });
    return party;
  }

  /** It sends what is made for it here. */
  async send(kind: 'video' | 'audio', codec: string | null, fmtp = ''): Promise<void> {
    await this.#agent.command('flow', { pc: this.key, kind, ...(codec && { codec, fmtp }) });
    const { key, ...line } = { key: this.key, write: this.#line.write.bind(this.#line) };
    if (kind === 'video') {
      this.#studio.takers.push({
        picture: ({ width, height, data }, time) =>
          line.write({ pc: key, kind: 'video', width, height, time }, data as Uint8Array),
      });
      return;
    }
    let half: Int16Array | null = null;
    this.#studio.takers.push({
      // Of 20 ms, as codecs want it.
      sound: ({ samples, sampleRate, channels }, time) => {
        if (!half) {
          half = samples;
          return;
        }
        const both = new Int16Array(half.length + samples.length);
        both.set(half);
        both.set(samples, half.length);
        half = null;
        line.write(
          { pc: key, kind: 'audio', rate: sampleRate, channels, time: time - 10 },
          new Uint8Array(both.buffer),
        );
      },
    });
  }

  /** It sends and receives what ffmpeg makes and takes. */
  async sendEncoded(kind: 'video' | 'audio', codec: string, fmtp: string): Promise<void> {
    await this.#agent.command('flow', { pc: this.key, kind, codec, fmtp });
    const [pictures, sounds] = [this.#flow.video[0]!, this.#flow.audio[0]!];
    /** Each frame goes with how long it lasts. */
    const send = (frame: Uint8Array, time: number) => this.#line.write({ pc: this.key, kind: 'encoded', time }, frame);
    if (kind === 'video') {
      const shape = this.#studio.settings;
      const encoder = encodeVideo(codec, shape, (frame) => send(frame, 1000 / shape.framesPerSecond));
      this.#studio.takers.push({ picture: ({ data }) => encoder.write(data as Uint8Array) });
      this.#decoder = decodeVideo(codec, shape, (picture) => pictures.push(picture, performance.now()));
      this.#coders.push(encoder, this.#decoder);
    } else {
      const encoder = encodeAudio(codec, (frame) => send(frame, 20));
      this.#studio.takers.push({ sound: ({ samples }) => encoder.write(new Uint8Array(samples.buffer)) });
      this.#decoder = decodeAudio(codec, (samples) => sounds.push(samples, 48_000, performance.now()));
      this.#coders.push(encoder, this.#decoder);
    }
  }

  /** Steps that judge what came. */
  do<A extends unknown[], R>(step: Step<A, R>, ...args: A): Promise<R> {
    const context = { flow: this.#flow } as unknown as StepContext;
    return Promise.resolve(step({ connectionState: 'of a program' } as never, context, ...args));
  }

  answer(description: Description): Promise<Description> {
    return this.#agent.command('answer', { pc: this.key, description, complete: true });
  }
  offer(): Promise<Description> {
    return this.#agent.command('offer', { pc: this.key, complete: true });
  }
  accept(description: Description): Promise<unknown> {
    return this.#agent.command('accept', { pc: this.key, description });
  }

  close(): Promise<unknown> {
    this.#studio.close();
    for (const coder of this.#coders) coder.close();
    return this.#agent.command('close', { pc: this.key });
  }
}

/** Offer and answer with all candidates, then connected. */
export async function connectAgent(us: Party, agent: FlowAgent, offerer: 'us' | 'them'): Promise<void> {
  if (offerer === 'us') await us.do(steps.accept, await agent.answer(await us.do(flow.describeAll)));
  else {
    await us.do(steps.accept, await agent.offer());
    await agent.accept(await us.do(flow.describeAll));
  }
  await us.do(steps.connected);
}
