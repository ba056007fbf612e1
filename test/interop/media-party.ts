/** One side of a media session, on which the steps of media-steps.ts are taken: ours, or one in a page. */
import { MediaStream, RTCPeerConnection, RTCRtpReceiver } from '../../lib';
import { createTrack } from '../../lib/mediacapture/MediaStreamTrack';
import type { Message, StepContext } from './media-steps';
import type { AgentEvent, RemoteAgent } from './remote-agent';

type Step<A extends unknown[], R> = (pc: RTCPeerConnection, context: StepContext, ...args: A) => R | Promise<R>;
export type Configuration = ConstructorParameters<typeof RTCPeerConnection>[0];

export interface Party {
  readonly name: string;
  do<A extends unknown[], R>(step: Step<A, R>, ...args: A): Promise<R>;
  onSend: (message: Message) => void;
  close(): Promise<unknown>;
}

export class OurParty implements Party {
  readonly name = 'peerwire';
  readonly pc: RTCPeerConnection;
  onSend: (message: Message) => void = () => {};
  readonly #context: StepContext = {
    send: (message) => this.onSend(message),
    receive: () => {},
    track: (kind) =>
      createTrack({
        kind,
        label: 'test',
        source: { kind, label: 'test', capabilities: () => ({}), settings: () => ({}), stop: () => {} },
      }),
    stream: (...tracks) => new MediaStream(tracks),
    codecs: (kind) => RTCRtpReceiver.getCapabilities(kind)!.codecs,
  };

  constructor(configuration?: Configuration) {
    this.pc = new RTCPeerConnection(configuration);
  }

  async do<A extends unknown[], R>(step: Step<A, R>, ...args: A): Promise<R> {
    return step(this.pc, this.#context, ...args);
  }

  close(): Promise<unknown> {
    return Promise.resolve(this.pc.close());
  }
}

let serial = 0;

export class PageParty implements Party {
  onSend: (message: Message) => void = () => {};
  readonly key = `media${++serial}`;

  private constructor(
    readonly name: string,
    readonly agent: RemoteAgent,
  ) {}

  static async open(name: string, agent: RemoteAgent, configuration?: Configuration): Promise<PageParty> {
    const party = new PageParty(name, agent);
    await agent.command('connect', { pc: party.key, ...(configuration && { configuration }) });
    agent.listeners.add(party.#listen);
    return party;
  }

  do<A extends unknown[], R>(step: Step<A, R>, ...args: A): Promise<R> {
    return this.agent.command<R>('run', { pc: this.key, code: String(step), args });
  }

  readonly #listen = (event: AgentEvent): void => {
    if (event.event === 'sent' && event.pc === this.key) this.onSend(event['message'] as Message);
  };

  close(): Promise<unknown> {
    this.agent.listeners.delete(this.#listen);
    return this.agent.command('close', { pc: this.key });
  }
}
