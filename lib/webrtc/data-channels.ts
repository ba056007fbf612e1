import { createDOMException } from '../dom/dom-exception';
import { fireEvent } from '../dom/fire-event';
import { queueTask } from '../dom/queue-task';
import { MAX_NAME_OCTETS, type ChannelParameters } from '../transport/data-channel-protocol';
import type { DataChannelTransport } from '../transport/data-channel-transport';
import type { DtlsRole } from '../transport/dtls-role';
import type { SctpFailure, SctpTransportObserver } from '../transport/sctp-transport';
import type { DataChannelDescription } from '../stats/types/data-channel';
import { StreamIds } from '../transport/stream-ids';
import * as webidl from '../webidl';
import type { RTCDataChannelInit } from '../webidl/generated/dictionaries';
import type { Connection } from './connection';
import { priorityValue } from './data-channel-priority';
import { updateNegotiationNeededFlag } from './negotiation-needed';
import { controlOf, RTCDataChannel, type DataChannelOwner } from './RTCDataChannel';
import { RTCDataChannelEvent } from './RTCDataChannelEvent';
import { sctpSlotsOf } from './RTCSctpTransport';

/** Streams that may be used before the association says how many there are. */
const ID_LIMIT = 65535;

/** [[DataChannels]] of one connection, and the association's part in their lives. */
export class DataChannels implements DataChannelOwner, SctpTransportObserver {
  readonly ids = new StreamIds();
  /** For RTCPeerConnectionStats. */
  opened = 0;
  closed = 0;
  anyCreated = false;
  readonly #connection: Connection;
  readonly #channels = new Set<RTCDataChannel>();
  readonly #numbers = new WeakMap<RTCDataChannel, number>();
  /** What the statistics still tell of channels that the connection's end has closed. */
  #lastDescriptions: readonly DataChannelDescription[] = [];
  #lastNumber = 0;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  get all(): readonly RTCDataChannel[] {
    return [...this.#channels];
  }

  /** Those that are not on an association yet. */
  get waiting(): readonly RTCDataChannel[] {
    return this.all.filter(isWaiting);
  }

  /** For RTCDataChannelStats: channels that have, or had, a transport; the closed ones as far as they are kept. */
  describe(): DataChannelDescription[] {
    const current = [...this.#channels].map((channel) => {
      const { counters, id } = controlOf(channel);
      const { label, protocol, readyState: state } = channel;
      return { number: this.#numberOf(channel), label, protocol, id, state, ...counters };
    });
    return [...this.#lastDescriptions, ...current];
  }

  get maxMessageSize(): number | null {
    const { sctp } = this.#connection;
    return sctp && sctpSlotsOf(sctp.rtc).maxMessageSize;
  }

  get maxBufferSize(): number | null {
    const { sctp } = this.#connection;
    return sctp && sctpSlotsOf(sctp.rtc).maxBufferSize;
  }

  /** https://w3c.github.io/webrtc-pc/#dom-peerconnection-createdatachannel, of converted arguments */
  create(label: string, options: RTCDataChannelInit, context: string): RTCDataChannel {
    const connection = this.#connection;
    // 2. If connection.[[IsClosed]] is true, throw an InvalidStateError.
    if (connection.isClosed) {
      throw createDOMException(`${context}: The RTCPeerConnection is closed.`, 'InvalidStateError');
    }
    // 3. – 5. Create an RTCDataChannel; a label of more than 65535 octets is a TypeError.
    checkLength('label', label, context);
    // 6. – 10. Limits, order and protocol, the same for the latter. 16 bits hold every limit: nothing to clamp (15.).
    const { protocol, negotiated, ordered } = options;
    checkLength('protocol', protocol, context);
    // 11. – 13. The id counts only with negotiated, and is required then.
    let id = negotiated ? (options.id ?? null) : null;
    if (negotiated && id === null) throw webidl.conversionError(context, 'A negotiated channel needs an id.');
    // 14. Only one of the limits may be given.
    const maxPacketLifeTime = options.maxPacketLifeTime ?? null;
    const maxRetransmits = options.maxRetransmits ?? null;
    if (maxPacketLifeTime !== null && maxRetransmits !== null) {
      throw webidl.conversionError(context, 'maxPacketLifeTime and maxRetransmits exclude each other.');
    }
    // 16. If [[DataChannelId]] is 65535, throw a TypeError.
    if (id === 65535) throw webidl.conversionError(context, 'The id 65535 is reserved.');
    // 18. Let transport be connection.[[SctpTransport]]: the id must be below its [[MaxChannels]] when it is connected.
    const maxChannels = this.#maxChannels;
    if (id !== null && maxChannels !== null && id >= maxChannels) {
      throw createDOMException(`${context}: There are only ${maxChannels} streams.`, 'OperationError');
    }
    // 17. Without id, and with the DTLS role negotiated, generate one; a taken id is an OperationError.
    if (id !== null) {
      if (!this.ids.claim(id)) throw createDOMException(`${context}: The id ${id} is in use.`, 'OperationError');
    } else {
      const role = this.#dtlsRole;
      if (role) {
        id = this.ids.generate(role, maxChannels ?? ID_LIMIT);
        if (id === null) throw createDOMException(`${context}: All ids are in use.`, 'OperationError');
      }
    }
    const priority = priorityValue(options.priority);
    const parameters = { label, protocol, ordered, maxPacketLifeTime, maxRetransmits, priority };
    const channel = new RTCDataChannel(webidl.constructionKey, this, parameters, negotiated, id);
    // 19. If channel is the first RTCDataChannel created on connection, update the negotiation-needed flag.
    if (!this.anyCreated) {
      this.anyCreated = true;
      updateNegotiationNeededFlag(connection);
    }
    // 20. Append channel to connection.[[DataChannels]].
    this.#channels.add(channel);
    // 21. – 22. Create channel's underlying data transport.
    if (connection.sctp?.association.state === 'connected') this.#open(channel);
    return channel;
  }

  /** Step of "set a session description": channels without id get one, now that the role is known. */
  assignIds(): RTCDataChannel[] {
    const failed: RTCDataChannel[] = [];
    const role = this.#dtlsRole;
    if (!role) return failed;
    for (const channel of this.#channels) {
      const control = controlOf(channel);
      if (control.id !== null || channel.readyState !== 'connecting') continue;
      control.id = this.ids.generate(role, this.#maxChannels ?? ID_LIMIT);
      if (control.id === null) {
        control.setClosed();
        failed.push(channel);
      }
    }
    return failed;
  }

  forgetChannel(channel: RTCDataChannel): void {
    if (!this.#channels.delete(channel)) return;
    const { transport, id } = controlOf(channel);
    if (transport) this.closed += 1;
    else if (id !== null) this.ids.release(id);
  }

  /**
   * Of "close the connection". Each tells in a task of its own that it is closed, which is not in the Recommendation, but in
   * all browsers and wrtc: applications clean up behind their own close() there, too.
   */
  closeAbruptly(): void {
    for (const channel of this.#channels) {
      const isTold = channel.readyState !== 'closed';
      const control = controlOf(channel);
      control.setClosed();
      if (control.transport) this.closed += 1;
      if (isTold) {
        queueTask(() => {
          fireEvent(channel, 'close');
        });
      }
    }
    this.#lastDescriptions = this.describe();
    this.#channels.clear();
  }

  /** https://w3c.github.io/webrtc-pc/#sctp-transport-connected */
  sctpConnected(maxChannels: number): void {
    const { isClosed, sctp } = this.#connection;
    if (isClosed || !sctp) return;
    // 1. – 3. Set [[MaxChannels]] to what both directions have.
    const slots = sctpSlotsOf(sctp.rtc);
    slots.state = 'connected';
    slots.maxChannels = maxChannels;
    // 4. For each of connection's channels: those without id get one; too high ids fail; the others open.
    this.assignIds();
    for (const channel of this.all) {
      if (!isWaiting(channel)) continue;
      const { id } = controlOf(channel);
      if (id === null || id >= maxChannels) {
        controlOf(channel).fail(`The association has only ${maxChannels} streams.`);
      } else {
        this.#open(channel);
      }
    }
    // 5. Fire an event named statechange at transport.
    fireEvent(sctp.rtc, 'statechange');
  }

  sctpClosed(failure: SctpFailure | null): void {
    const { isClosed, sctp } = this.#connection;
    if (isClosed || sctp?.association.state !== 'closed') return;
    // Channels that waited for the association have no transport that could tell them.
    for (const channel of this.all) if (isWaiting(channel)) controlOf(channel).announceClosed(failure);
    if (this.#connection.isClosed) return;
    sctpSlotsOf(sctp.rtc).state = 'closed';
    fireEvent(sctp.rtc, 'statechange');
  }

  /** No association comes of what these have waited for (in a task already). */
  refuse(channels: readonly RTCDataChannel[]): void {
    for (const channel of channels) {
      if (isWaiting(channel)) controlOf(channel).fail('The media section for data channels was rejected.');
    }
  }

  /** https://w3c.github.io/webrtc-pc/#announce-datachannel (in a task already) */
  channelAnnounced(transport: DataChannelTransport): void {
    const connection = this.#connection;
    // 2. If connection.[[IsClosed]] is true, abort these steps.
    if (connection.isClosed) return;
    // 3. – 6. Create an RTCDataChannel of what the peer said.
    const channel = new RTCDataChannel(webidl.constructionKey, this, transport.parameters, false, transport.id);
    const control = controlOf(channel);
    control.attach(transport);
    // 7. Append channel to connection.[[DataChannels]].
    this.#channels.add(channel);
    this.opened += 1;
    // 8. Set channel.[[ReadyState]] to "open", but do not fire the open event, yet.
    control.setOpen();
    // 9. Fire an event named datachannel at connection.
    fireEvent(connection.target, new RTCDataChannelEvent('datachannel', { channel }));
    // 10. Announce the data channel as open.
    control.announceOpen();
  }

  #numberOf(channel: RTCDataChannel): number {
    let number = this.#numbers.get(channel);
    if (number === undefined) {
      number = this.#lastNumber += 1;
      this.#numbers.set(channel, number);
    }
    return number;
  }

  #open(channel: RTCDataChannel): void {
    const control = controlOf(channel);
    const { sctp } = this.#connection;
    if (!sctp || control.id === null) return;
    const transport = sctp.association.addChannel(control.id, control.parameters);
    control.attach(transport);
    if (!control.negotiated) transport.prepareOpen();
    this.opened += 1;
    control.announceOpen();
  }

  get #maxChannels(): number | null {
    const { sctp } = this.#connection;
    return sctp && sctpSlotsOf(sctp.rtc).maxChannels;
  }

  get #dtlsRole(): DtlsRole | null {
    const { session } = this.#connection;
    const { sctp } = session;
    return session.transports.find(({ id }) => id === sctp?.transportId)?.dtlsRole ?? null;
  }
}

function isWaiting(channel: RTCDataChannel): boolean {
  return channel.readyState === 'connecting' && controlOf(channel).transport === null;
}

function checkLength(name: keyof ChannelParameters, text: string, context: string): void {
  if (text.length > MAX_NAME_OCTETS || Buffer.byteLength(text) > MAX_NAME_OCTETS) {
    throw webidl.conversionError(context, `The ${name} is longer than ${MAX_NAME_OCTETS} octets of UTF-8.`);
  }
}
