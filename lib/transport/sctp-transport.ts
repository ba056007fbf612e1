import {
  NativeEventKind,
  type NativeSctpAssociation,
  type NativeSctpOptions,
  type NativeSctpStateChange,
  type NativeSctpStats,
} from '../binding/native-addon';
import { DataChannelTransport } from './data-channel-transport';
import { parseControlMessage, type ChannelParameters } from './data-channel-protocol';
import type { DtlsTransport } from './dtls-transport';
import { NativeLink } from './native-link';
import type { StreamIds } from './stream-ids';

/** Why an association ended otherwise than as agreed. */
export interface SctpFailure {
  readonly message: string;
  /** SCTP cause code (RFC 9260 section 3.3.10), or null when none was given. */
  readonly causeCode: number | null;
}

export type SctpTransportState = 'connecting' | 'connected' | 'closed';

export interface SctpTransportObserver {
  /** The association is up; `maxChannels` streams can be used in both directions. */
  sctpConnected(maxChannels: number): void;
  /** `failure` is null after an orderly end. All channels have been told already. */
  sctpClosed(failure: SctpFailure | null): void;
  /** The peer announced a channel. Its observer must be set before this returns. */
  channelAnnounced(transport: DataChannelTransport): void;
}

/** One SCTP association with the data channels on its streams. */
export class SctpTransport {
  observer: SctpTransportObserver | null = null;
  state: SctpTransportState = 'connecting';
  readonly #ids: StreamIds;
  readonly #channels = new Map<number, DataChannelTransport>();
  /** Streams in use again although the answer to our reset, which ended their last use, is still to come. */
  readonly #unanswered = new Set<number>();
  #link: NativeLink<NativeSctpAssociation> | null = null;
  #isHeld = false;

  /** @param ids streams in use, shared with channels that are not on the association yet */
  constructor(ids: StreamIds) {
    this.#ids = ids;
  }

  get isStarted(): boolean {
    return this.#link !== null;
  }

  /** Makes the native association and starts it; it waits for DTLS by itself. A second call does nothing. */
  start(dtls: DtlsTransport, options: NativeSctpOptions): void {
    if (this.#link !== null || this.state === 'closed') return;
    this.#link = new NativeLink(dtls.createAssociation(options), (kind, number, value) => {
      this.#event(kind, number, value);
    });
    this.#link.hold(this.#isHeld);
    this.#link.handle.start();
  }

  /** See {@link NativeLink.hold}. */
  hold(active: boolean): void {
    this.#isHeld = active;
    this.#link?.hold(active);
  }

  /** Puts a channel of ours on its stream, which has been claimed in the StreamIds. */
  addChannel(id: number, parameters: ChannelParameters): DataChannelTransport {
    const channel = new DataChannelTransport(this, id, parameters);
    this.#channels.set(id, channel);
    return channel;
  }

  /** Aborts the association. Channels are told with `failure`, or not at all. */
  close(failure?: SctpFailure | null): void {
    if (this.state === 'closed') return;
    this.state = 'closed';
    this.#link?.close();
    if (failure !== undefined) {
      this.#abandonChannels(failure);
      this.observer?.sctpClosed(failure);
    }
    this.#channels.clear();
  }

  requestStats(): Promise<NativeSctpStats | null> {
    return this.#link ? this.#link.requestStats<NativeSctpStats>() : Promise.resolve(null);
  }

  /** @internal For DataChannelTransport. */
  send(
    id: number,
    ppid: number,
    ordered: boolean,
    limitKind: 0 | 1 | 2,
    limit: number,
    data: string | ArrayBuffer | ArrayBufferView,
  ): void {
    if (this.state === 'connected') this.#link?.handle.send(id, ppid, ordered, limitKind, limit, data);
  }

  /** @internal */
  resetStream(id: number): void {
    if (this.state === 'connected') this.#link?.handle.resetStream(id);
  }

  /** @internal */
  releaseStream(id: number): void {
    this.#channels.delete(id);
    this.#ids.release(id);
  }

  #event(kind: number, number: number, value: unknown): void {
    switch (kind) {
      case NativeEventKind.SctpString:
        this.#channels.get(number)?.observer?.receiveString(value as string);
        break;
      case NativeEventKind.SctpBinary:
        this.#channels.get(number)?.observer?.receiveBinary(value as ArrayBuffer);
        break;
      case NativeEventKind.SctpBufferedAmountDecreased:
        this.#channels.get(number)?.bufferedAmountDecreased(value as number);
        break;
      case NativeEventKind.SctpControl:
        this.#control(number, value as ArrayBuffer);
        break;
      case NativeEventKind.SctpIncomingReset:
        this.#channels.get(number)?.incomingReset();
        break;
      case NativeEventKind.SctpOutgoingReset:
        if (!this.#unanswered.delete(number)) this.#channels.get(number)?.outgoingReset();
        break;
      case NativeEventKind.SctpState:
        this.#stateChange(value as NativeSctpStateChange);
        break;
    }
  }

  #control(id: number, message: ArrayBuffer): void {
    const control = parseControlMessage(new Uint8Array(message));
    if (control.kind === 'ack') {
      this.#channels.get(id)?.acknowledged();
    } else if (control.kind === 'open' && (this.#ids.claim(id) || this.#claimAgain(id))) {
      const channel = this.addChannel(id, control.parameters);
      channel.sendAck();
      this.observer?.channelAnnounced(channel);
    } else if (control.kind === 'malformed' && !this.#ids.has(id)) {
      // RFC 8832 section 6: close the channel that the peer thinks it has.
      this.resetStream(id);
    }
    // OPEN on a stream that is in use already, and nonsense on a channel, are passed over: they must harm no channel.
  }

  /** Claims a stream whose last channel has ended, as far as the peer knows. Of two answers only one can be missing. */
  #claimAgain(id: number): boolean {
    if (this.#unanswered.has(id) || this.#channels.get(id)?.endBeforeAnswer() !== true) return false;
    this.#unanswered.add(id);
    // Unless a listener for `close` has taken it.
    return this.#ids.claim(id);
  }

  #stateChange(change: NativeSctpStateChange): void {
    if (change.state === 'connected' && this.state === 'connecting') {
      this.state = 'connected';
      this.observer?.sctpConnected(change.maxStreams);
    } else if (change.state === 'closed' && this.state !== 'closed') {
      this.close(failureOf(change));
    }
  }

  #abandonChannels(failure: SctpFailure | null): void {
    for (const [id, channel] of [...this.#channels]) {
      channel.abandon(failure);
      this.#ids.release(id);
    }
  }
}

/** A SHUTDOWN is an orderly end; an ABORT is a failure to the channels even when the peer's user asked for it. */
function failureOf({ error, cause }: NativeSctpStateChange): SctpFailure | null {
  if (error === '' && cause < 0) return null;
  return {
    message: error === '' ? 'The peer aborted the association (it closed its connection).' : error,
    causeCode: cause >= 0 ? cause : null,
  };
}
