import { Ppid, serializeAck, serializeOpen, type ChannelParameters } from './data-channel-protocol';
import type { SctpFailure, SctpTransport } from './sctp-transport';

/** What a channel's owner is told. All calls come from the event door, in the order in which things happened. */
export interface DataChannelObserver {
  receiveString(text: string): void;
  receiveBinary(buffer: ArrayBuffer): void;
  /** `octets` of application data left the send buffer. */
  decreaseBufferedAmount(octets: number): void;
  /** The peer closes the channel; closed() follows when our side has been reset too. */
  startClosing(): void;
  /** Both directions are reset (null), or the association is gone. Nothing follows. */
  transportClosed(failure: SctpFailure | null): void;
}

type State = 'open' | 'closing' | 'closed';
/** RFC 8831 section 6.6: SCTP has no empty messages; one octet stands for none. */
const EMPTY = Uint8Array.of(0);

/**
 * The SCTP stream pair below one data channel (RFC 8831, RFC 8832): establishment, sending, and closing by resetting
 * the streams.
 */
export class DataChannelTransport {
  readonly id: number;
  readonly parameters: ChannelParameters;
  observer: DataChannelObserver | null = null;
  readonly #sctp: SctpTransport;
  readonly #limitKind: 0 | 1 | 2;
  readonly #limit: number;
  #state: State = 'open';
  /** Until the peer has acknowledged OPEN even unordered channels send in order, or data could overtake it. */
  #ordered: boolean;
  #openIsDue = false;
  /** Octets given to SCTP that are no application data: DCEP, and the octet of an empty message. */
  #uncountedOctets = 0;
  #incomingReset = false;
  #outgoingReset = false;

  /** Made by {@link SctpTransport}, which then hands it the events of its stream. */
  constructor(sctp: SctpTransport, id: number, parameters: ChannelParameters) {
    this.#sctp = sctp;
    this.id = id;
    this.parameters = parameters;
    this.#limitKind = parameters.maxRetransmits !== null ? 1 : parameters.maxPacketLifeTime !== null ? 2 : 0;
    this.#limit = parameters.maxRetransmits ?? parameters.maxPacketLifeTime ?? -1;
    this.#ordered = parameters.ordered;
  }

  /** Says that the channel is to be announced to the peer, before anything else goes out: {@link sendOpen}. */
  prepareOpen(): void {
    this.#openIsDue = true;
  }

  /** Announces the channel to the peer (RFC 8832 section 6, the initiator's part), if that is due. */
  sendOpen(): void {
    if (!this.#openIsDue) return;
    this.#openIsDue = false;
    this.#ordered = true;
    this.#sendControl(serializeOpen(this.parameters));
  }

  /** Accepts a channel that the peer announced. */
  sendAck(): void {
    this.#sendControl(serializeAck());
  }

  acknowledged(): void {
    this.#ordered = this.parameters.ordered;
  }

  sendString(text: string): void {
    if (this.#state !== 'open') return;
    if (text.length === 0) {
      this.#sendEmpty(Ppid.StringEmpty);
      return;
    }
    this.#sctp.send(this.id, Ppid.String, this.#ordered, this.#limitKind, this.#limit, text);
  }

  /**
   * The octets are copied before this returns.
   * @param size of the data in octets
   */
  sendBinary(data: ArrayBuffer | Uint8Array, size: number): void {
    if (this.#state !== 'open') return;
    if (size === 0) {
      this.#sendEmpty(Ppid.BinaryEmpty);
      return;
    }
    this.#sctp.send(this.id, Ppid.Binary, this.#ordered, this.#limitKind, this.#limit, data);
  }

  /** Closes our direction once everything given to send has been sent; the peer then closes the other one. */
  close(): void {
    if (this.#state !== 'open') return;
    this.sendOpen();
    this.#state = 'closing';
    this.#sctp.resetStream(this.id);
  }

  /**
   * @internal The peer announces another channel on this stream. It does so only once both directions have been reset
   * (RFC 8831 section 6.7): then its answer to our reset was lost, and will be repeated, but this channel has ended.
   * False: it is in use.
   */
  endBeforeAnswer(): boolean {
    if (this.#state !== 'closing' || !this.#incomingReset) return false;
    this.#outgoingReset = true;
    this.#finishReset();
    return true;
  }

  /** @internal Of the association's events. */
  bufferedAmountDecreased(octets: number): void {
    // Which of the octets were ours is not told: ours are taken off first, so that the channel's counter is never too
    // low, and is zero exactly when all has left.
    const uncounted = Math.min(octets, this.#uncountedOctets);
    this.#uncountedOctets -= uncounted;
    if (octets > uncounted) this.observer?.decreaseBufferedAmount(octets - uncounted);
  }

  /** @internal The peer will send no more (RFC 8831 section 6.7): answer in kind. */
  incomingReset(): void {
    if (this.#state === 'closed' || this.#incomingReset) return;
    this.#incomingReset = true;
    if (this.#state === 'open') this.observer?.startClosing();
    this.#finishReset();
  }

  /** @internal The peer has performed our reset. */
  outgoingReset(): void {
    if (this.#state === 'closed') return;
    this.#outgoingReset = true;
    this.#finishReset();
  }

  /** @internal The association ended. */
  abandon(failure: SctpFailure | null): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.observer?.transportClosed(failure);
  }

  #finishReset(): void {
    if (!this.#incomingReset || !this.#outgoingReset) return;
    this.#state = 'closed';
    this.#sctp.releaseStream(this.id);
    this.observer?.transportClosed(null);
  }

  #sendControl(message: Uint8Array): void {
    this.#uncountedOctets += message.length;
    this.#sctp.send(this.id, Ppid.Control, true, 0, -1, message);
  }

  #sendEmpty(ppid: number): void {
    this.#uncountedOctets += EMPTY.length;
    this.#sctp.send(this.id, ppid, this.#ordered, this.#limitKind, this.#limit, EMPTY);
  }
}
