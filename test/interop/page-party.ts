/** A side of a media session in a page. */
import type { Message } from './media-steps';
import type { Party, Step } from './party';
import type { AgentEvent, RemoteAgent } from './remote-agent';

let serial = 0;

export class PageParty implements Party {
  onSend: (message: Message) => void = () => {};
  readonly key = `media${++serial}`;

  private constructor(
    readonly name: string,
    readonly agent: RemoteAgent,
  ) {}

  static async open(name: string, agent: RemoteAgent, configuration?: object): Promise<PageParty> {
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
