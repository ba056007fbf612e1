import { createDOMException } from '../dom/dom-exception';
import type { EventHandler } from '../dom/event-handler';
import { fireEvent } from '../dom/fire-event';
import { createMessageEvent } from '../dom/message-event';
import { queueTask } from '../dom/queue-task';
import { EventTarget, realm } from '../dom/realm';
import type { ChannelParameters } from '../transport/data-channel-protocol';
import type { DataChannelObserver, DataChannelTransport } from '../transport/data-channel-transport';
import type { SctpFailure } from '../transport/sctp-transport';
import * as webidl from '../webidl';
import type { RTCDataChannelState, RTCErrorDetailType, RTCPriorityType } from '../webidl/generated/enums';
import { priorityOf } from './data-channel-priority';
import { HeldDeliveries } from './held-deliveries';
import { RTCError } from './RTCError';
import { RTCErrorEvent } from './RTCErrorEvent';
import { isBlob, type Payload, type Sendable, SendQueue } from './send-queue';

const INTERFACE = 'RTCDataChannel';
/** RFC 9260 section 3.3.10.12: what closing a connection sends. */
const USER_INITIATED_ABORT = 12;
const toBinaryType = webidl.enumerationOrIgnore(['blob', 'arraybuffer'] as const);

/** What a channel asks of its connection. */
export interface DataChannelOwner {
  /** [[MaxMessageSize]] of the association, in octets; null while there is none. */
  readonly maxMessageSize: number | null;
  /** [[MaxBufferSize]], in octets. */
  readonly maxBufferSize: number | null;
  /** Takes the channel out of [[DataChannels]]. */
  forgetChannel(channel: RTCDataChannel): void;
}

/** Counters for RTCDataChannelStats. */
export interface DataChannelCounters {
  messagesSent: number;
  bytesSent: number;
  messagesReceived: number;
  bytesReceived: number;
}

/** For our own modules: what the machinery does to a channel. */
export interface DataChannelControl {
  readonly parameters: ChannelParameters;
  readonly negotiated: boolean;
  readonly transport: DataChannelTransport | null;
  readonly counters: Readonly<DataChannelCounters>;
  id: number | null;
  /** Gives the channel its streams, and takes their events. */
  attach(transport: DataChannelTransport): void;
  announceOpen(): void;
  setOpen(): void;
  fail(message: string): void;
  announceClosed(failure: SctpFailure | null): void;
  setClosed(): void;
  fireError(errorDetail: RTCErrorDetailType, message: string, sctpCauseCode?: number | null): void;
}

type ChannelControl = DataChannelControl & { transport: DataChannelTransport | null };

/** Friend access for the machinery of lib/webrtc. */
export let controlOf: (channel: RTCDataChannel) => DataChannelControl;

/** https://w3c.github.io/webrtc-pc/#dom-rtcdatachannel */
export class RTCDataChannel extends EventTarget {
  static {
    webidl.defineInterface('RTCDataChannel', this, (value) => #readyState in value);
    controlOf = (channel) => channel.#control;
  }

  declare onopen: EventHandler;
  declare onbufferedamountlow: EventHandler;
  declare onerror: EventHandler;
  declare onclosing: EventHandler;
  declare onclose: EventHandler;
  declare onmessage: EventHandler;

  readonly #owner: DataChannelOwner;
  readonly #parameters: ChannelParameters;
  readonly #negotiated: boolean;
  #readyState: RTCDataChannelState = 'connecting';
  #bufferedAmount = 0;
  #bufferedAmountLowThreshold = 0;
  #binaryType: 'blob' | 'arraybuffer' = 'arraybuffer';
  readonly #sendQueue: SendQueue;
  /**
   * What the transport reported before the `open` event was fired, to be done after it, each in a task of its own;
   * null from then on.
   */
  #held: HeldDeliveries | null = new HeldDeliveries(() => (this.#held = null));
  readonly #counters: DataChannelCounters = { messagesSent: 0, bytesSent: 0, messagesReceived: 0, bytesReceived: 0 };
  /** Has [[DataChannelId]], too. */
  readonly #control: ChannelControl;

  constructor(
    key: webidl.ConstructionKey,
    owner: DataChannelOwner,
    parameters: ChannelParameters,
    negotiated: boolean,
    id: number | null,
  ) {
    webidl.requireConstructionKey(key);
    super();
    this.#owner = owner;
    this.#parameters = parameters;
    this.#negotiated = negotiated;
    this.#sendQueue = new SendQueue((error, size) => {
      this.#decreaseBufferedAmount(size);
      this.#fireError('data-channel-failure', `A Blob given to send() could not be read: ${error}`);
    });
    this.#control = this.#makeControl(id);
  }

  get label(): string {
    return this.#parameters.label;
  }

  get ordered(): boolean {
    return this.#parameters.ordered;
  }

  /** Milliseconds, or null. */
  get maxPacketLifeTime(): number | null {
    return this.#parameters.maxPacketLifeTime;
  }

  get maxRetransmits(): number | null {
    return this.#parameters.maxRetransmits;
  }

  get protocol(): string {
    return this.#parameters.protocol;
  }

  get negotiated(): boolean {
    return this.#negotiated;
  }

  /** SCTP stream; null until the DTLS role is negotiated, unless the application chose it. */
  get id(): number | null {
    return this.#control.id;
  }

  get readyState(): RTCDataChannelState {
    return this.#readyState;
  }

  /** Octets of application data given to send() and not yet handed to the network. */
  get bufferedAmount(): number {
    return this.#bufferedAmount;
  }

  get bufferedAmountLowThreshold(): number {
    return this.#bufferedAmountLowThreshold;
  }

  set bufferedAmountLowThreshold(value: number) {
    void this.#readyState;
    const context = webidl.setterContext('bufferedAmountLowThreshold', INTERFACE);
    this.#bufferedAmountLowThreshold = webidl.unsignedLongEnforceRange(value, context);
  }

  get binaryType(): 'blob' | 'arraybuffer' {
    return this.#binaryType;
  }

  set binaryType(value: 'blob' | 'arraybuffer') {
    const given = toBinaryType(value, webidl.setterContext('binaryType', INTERFACE));
    this.#binaryType = given ?? this.#binaryType;
  }

  /** https://w3c.github.io/webrtc-priority/#new-attribute-for-rtcdatachannel */
  get priority(): RTCPriorityType {
    return priorityOf(this.#parameters.priority);
  }

  /** https://w3c.github.io/webrtc-pc/#dom-rtcdatachannel-close */
  close(): void {
    // 1. Let channel be the object which is about to be closed.
    // 2. If channel.[[ReadyState]] is "closing" or "closed", then abort these steps.
    if (this.#readyState === 'closing' || this.#readyState === 'closed') return;
    // 3. Set channel.[[ReadyState]] to "closing".
    this.#readyState = 'closing';
    // 4. If the closing procedure has not started yet, start it.
    this.#startClosingProcedure();
  }

  /**
   * https://w3c.github.io/webrtc-pc/#datachannel-send
   * Buffers are copied at once; Blobs are read later, and what is sent behind them waits.
   */
  send(data: string | Blob | ArrayBuffer | ArrayBufferView): void {
    // 1. Let channel be the object on which data is to be sent. (2. Skipped: channels are not transferable here.)
    void this.#readyState;
    const context = webidl.operationContext('send', INTERFACE);
    webidl.requireArguments(arguments.length, 1, context);
    const payload = toPayload(data, context);
    // 3. If channel.[[ReadyState]] is not "open", throw an InvalidStateError.
    if (this.#readyState !== 'open') {
      throw createDOMException(`${context}: RTCDataChannel.readyState is not 'open'`, 'InvalidStateError');
    }
    // 4. Let data be the octets of the argument; here first their number.
    const size = payloadSize(payload);
    // 5. If the byte size of data exceeds the value of maxMessageSize on the associated transport, throw a TypeError.
    const { maxMessageSize, maxBufferSize } = this.#owner;
    if (size > (maxMessageSize ?? Infinity)) {
      throw new TypeError(
        `${context}: the message of ${size} octets is larger than the maximum of ${maxMessageSize} that was negotiated.`,
      );
    }
    // 6. If [[BufferedAmount]] increased by the byte size of data is above [[MaxBufferSize]], throw an OperationError.
    if (this.#bufferedAmount + size > (maxBufferSize ?? Infinity)) {
      throw createDOMException(
        `${context}: the send buffer is full (${this.#bufferedAmount} of ${maxBufferSize} octets): ` +
          `wait for 'bufferedamountlow'.`,
        'OperationError',
      );
    }
    // 7. In parallel, transmit data on channel's underlying data transport.
    this.#transmit(payload, size);
    // 8. Increase the value of the [[BufferedAmount]] slot by the byte size of data.
    this.#bufferedAmount += size;
    this.#counters.messagesSent += 1;
    this.#counters.bytesSent += size;
  }

  #transmit(payload: Payload, size: number): void {
    const { transport } = this.#control;
    if (transport === null) throw new Error('An open data channel has no transport');
    if (this.#sendQueue.isEmpty && !isBlob(payload)) {
      sendOver(transport, payload, size);
      return;
    }
    this.#sendQueue.push({
      payload,
      size,
      send: (data) => {
        sendOver(transport, data, size);
      },
    });
  }

  /** https://w3c.github.io/webrtc-pc/#closing-procedure, begun by close() or by the peer */
  #startClosingProcedure(): void {
    // 1. – 2. Let channel, connection be what was closed and its connection.
    const { transport } = this.#control;
    // 3. Remove channel from connection.[[DataChannels]]: when it is closed, as it is told of the association's end.
    // 4. "closing" was set by close(), or with its event by startClosing().
    if (transport === null) {
      queueTask(() => {
        this.#announceClosed(null);
      });
      return;
    }
    // 5.1 – 5.2 Finish sending all currently pending messages, then reset the stream (RFC 8831 section 6.7). At once, so
    // that the request goes out before the ABORT of a connection closed in the same breath.
    this.#sendQueue.whenEmpty(() => {
      transport.close();
    });
    // 5.3 The transport says when it is closed.
  }

  /** https://w3c.github.io/webrtc-pc/#data-transport-closed (in a task already) */
  #announceClosed(failure: SctpFailure | null): void {
    // 1. Let channel be the object whose transport was closed. 2. If it is "closed" already, abort these steps.
    if (this.#readyState === 'closed') return;
    // An association that its user ends while the channel is closing anyway ends as the channel was meant to.
    const isExpected = this.#readyState === 'closing' && failure?.causeCode === USER_INITIATED_ABORT;
    // 3. Set channel.[[ReadyState]] to "closed".
    this.#readyState = 'closed';
    // 4. Remove channel from connection.[[DataChannels]] if it is still there.
    this.#owner.forgetChannel(this);
    this.#sendQueue.clear();
    // 5. If the transport was closed with an error, fire an event named error, errorDetail "sctp-failure".
    if (failure && !isExpected) this.#fireError('sctp-failure', failure.message, failure.causeCode);
    // 6. Fire an event named close at channel.
    fireEvent(this, 'close');
  }

  /** https://w3c.github.io/webrtc-pc/#announce-a-data-channel-as-open */
  #announceOpen(): void {
    queueTask(() => {
      // 1. If the connection's [[IsClosed]] slot is true, abort: its channels are closed then.
      // 2. – 3. If channel.[[ReadyState]] is "closing" or "closed", abort these steps.
      if (this.#readyState === 'closing' || this.#readyState === 'closed') {
        // What was held may be the end of a channel that was closed meanwhile, without which no `close` is fired.
        this.#held?.release();
        return;
      }
      // The peer hears of the channel only now: in a program that has both ends, `open` comes before `datachannel`.
      this.#control.transport?.sendOpen();
      // 4. Set channel.[[ReadyState]] to "open".
      this.#readyState = 'open';
      // 5. Fire an event named open at channel.
      fireEvent(this, 'open');
      this.#held?.release();
    });
  }

  #deliver(action: () => void): void {
    if (this.#held) this.#held.push(action);
    else action();
  }

  /** https://w3c.github.io/webrtc-pc/#receiving-messages-on-a-data-channel */
  #receive(data: string | ArrayBuffer): void {
    // 3. If channel.[[ReadyState]] is not "open", abort these steps and discard rawData.
    if (this.#readyState !== 'open') return;
    // 4. By type and binaryType.
    this.#counters.messagesReceived += 1;
    let payload: string | ArrayBuffer | Blob = data;
    if (typeof data === 'string') {
      this.#counters.bytesReceived += Buffer.byteLength(data);
    } else {
      this.#counters.bytesReceived += data.byteLength;
      // A Buffer: happy-dom's Blob takes every other ArrayBuffer than its window's for a string.
      payload = this.#binaryType === 'blob' ? new realm.Blob([Buffer.from(data)]) : data;
    }
    // 5. Fire an event named message.
    this.dispatchEvent(createMessageEvent(payload));
  }

  #decreaseBufferedAmount(octets: number): void {
    const before = this.#bufferedAmount;
    const after = Math.max(0, before - octets);
    this.#bufferedAmount = after;
    const threshold = this.#bufferedAmountLowThreshold;
    if (before > threshold && after <= threshold && this.#readyState !== 'closed') {
      fireEvent(this, 'bufferedamountlow');
    }
  }

  #fireError(errorDetail: RTCErrorDetailType, message: string, sctpCauseCode?: number | null): void {
    const init = typeof sctpCauseCode === 'number' ? { errorDetail, sctpCauseCode } : { errorDetail };
    fireEvent(this, new RTCErrorEvent('error', { error: new RTCError(init, message) }));
  }

  #makeObserver(): DataChannelObserver {
    return {
      receiveString: (text) => {
        if (this.#held) this.#held.push(() => this.#receive(text));
        else this.#receive(text);
      },
      receiveBinary: (buffer) => {
        if (this.#held) this.#held.push(() => this.#receive(buffer));
        else this.#receive(buffer);
      },
      decreaseBufferedAmount: (octets) => {
        this.#decreaseBufferedAmount(octets);
      },
      startClosing: () => {
        this.#deliver(() => {
          if (this.#readyState === 'closing' || this.#readyState === 'closed') return;
          this.#readyState = 'closing';
          fireEvent(this, 'closing');
          this.#startClosingProcedure();
        });
      },
      transportClosed: (failure) => {
        this.#deliver(() => {
          this.#announceClosed(failure);
        });
      },
    };
  }

  /** Without accessors: V8 makes those of an object literal among its old objects, and they would keep the channel there. */
  #makeControl(id: number | null): ChannelControl {
    const control: ChannelControl = {
      parameters: this.#parameters,
      negotiated: this.#negotiated,
      counters: this.#counters,
      transport: null,
      id,
      attach: (transport) => {
        control.transport = transport;
        transport.observer = this.#makeObserver();
      },
      announceOpen: () => {
        this.#announceOpen();
      },
      setOpen: () => {
        this.#readyState = 'open';
      },
      // https://w3c.github.io/webrtc-pc/#unable-to-create-an-rtcdatachannel (in a task already)
      fail: (message) => {
        if (this.#readyState === 'closed') return;
        this.#readyState = 'closed';
        this.#owner.forgetChannel(this);
        this.#fireError('data-channel-failure', message);
        fireEvent(this, 'close');
      },
      announceClosed: (failure) => {
        this.#announceClosed(failure);
      },
      setClosed: () => {
        this.#readyState = 'closed';
        this.#held = null;
        this.#sendQueue.clear();
      },
      fireError: (errorDetail, message, sctpCauseCode) => {
        this.#fireError(errorDetail, message, sctpCauseCode);
      },
    };
    return control;
  }
}

function sendOver(transport: DataChannelTransport, data: Sendable, size: number): void {
  if (typeof data === 'string') transport.sendString(data);
  else transport.sendBinary(data, size);
}

/** Overload resolution of send(): what is neither a Blob nor a buffer is converted to a string. */
function toPayload(data: unknown, context: string): Payload {
  if (typeof data === 'string') return data;
  if (webidl.isArrayBufferView(data)) return webidl.bytesOf(webidl.toArrayBufferView(data, context));
  if (webidl.isArrayBuffer(data)) return webidl.toArrayBuffer(data, context);
  if (isBlob(data)) return data;
  return webidl.DOMString(data, context);
}

function payloadSize(payload: Payload): number {
  if (typeof payload === 'string') return Buffer.byteLength(payload);
  return 'byteLength' in payload ? webidl.byteLengthOf(payload) : payload.size;
}

declare module '../webidl/types' {
  interface InterfaceTypes {
    RTCDataChannel: RTCDataChannel;
  }
}
