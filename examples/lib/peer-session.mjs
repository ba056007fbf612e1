/**
 * One connection of the demo, seen from either end: negotiation over a signalling channel, a control channel (chat,
 * round trips), a channel for measuring throughput, and one channel for each file. The same code runs in the page
 * and in Node.js; only the RTCPeerConnection differs.
 */
import { waitForRoom } from './file-transfer.mjs';

const floodMessage = new Uint8Array(32 * 1024);
const pingIntervalMs = 1000;

export class PeerSession {
  #connection;
  #events;
  #signal;
  #control;
  #flood;
  #offers;
  #pingTimer;
  #flooding = false;
  #closed = false;

  /** Time of the last round trip of a message, in milliseconds. */
  roundTripMs;
  /** Octets of the throughput channel and of files, for a chart. */
  bytesReceived = 0;
  #bytesHandedOver = 0;

  /**
   * @param {object} parts
   * @param {typeof RTCPeerConnection} parts.RTCPeerConnection
   * @param {boolean} parts.offers whether this side makes the offer
   * @param {(message: object) => void} parts.signal sends a message to the other side's `receiveSignal`
   * @param {object} parts.events onState(), onOpen(), onChat(text), onFile(channel), onFlood(on), onError(error)
   */
  constructor({ RTCPeerConnection, offers, signal, events }) {
    this.#events = events;
    this.#signal = signal;
    this.#offers = offers;
    const connection = new RTCPeerConnection();
    this.#connection = connection;
    connection.addEventListener('icecandidate', ({ candidate }) => {
      if (candidate) signal({ candidate: candidate.toJSON() });
    });
    for (const type of ['connectionstatechange', 'iceconnectionstatechange', 'signalingstatechange']) {
      connection.addEventListener(type, () => events.onState?.());
    }
    connection.addEventListener('datachannel', ({ channel }) => events.onFile?.(channel));

    // Both sides know these channels beforehand, so neither has to announce them.
    this.#control = connection.createDataChannel('control', { negotiated: true, id: 0 });
    this.#flood = connection.createDataChannel('throughput', { negotiated: true, id: 1 });
    this.#flood.binaryType = 'arraybuffer';
    this.#flood.addEventListener('message', ({ data }) => {
      this.bytesReceived += data.byteLength;
    });
    this.#control.addEventListener('message', ({ data }) => this.#receiveControl(JSON.parse(data)));
    this.#control.addEventListener('open', () => {
      this.#pingTimer = setInterval(() => this.#sendControl({ ping: performance.now() }), pingIntervalMs);
      this.#sendControl({ ping: performance.now() });
      events.onOpen?.();
    });
    this.#control.addEventListener('close', () => this.close());
  }

  get connectionState() {
    return this.#closed ? 'closed' : this.#connection.connectionState;
  }
  get iceConnectionState() {
    return this.#closed ? 'closed' : this.#connection.iceConnectionState;
  }
  get isOpen() {
    return this.#control.readyState === 'open';
  }
  /** Octets that have left this side. */
  get bytesSent() {
    return this.#bytesHandedOver - this.#flood.bufferedAmount;
  }

  /** Begins: the side that offers sends its offer, the other one waits for it. */
  async start() {
    if (!this.#offers) return;
    await this.#connection.setLocalDescription();
    this.#signal({ description: this.#connection.localDescription.toJSON() });
  }

  /** Takes a message of the other side's `signal`. */
  async receiveSignal({ description, candidate }) {
    if (this.#closed) return;
    try {
      if (description) {
        await this.#connection.setRemoteDescription(description);
        if (description.type === 'offer') {
          await this.#connection.setLocalDescription();
          this.#signal({ description: this.#connection.localDescription.toJSON() });
        }
      } else if (candidate) {
        await this.#connection.addIceCandidate(candidate);
      }
    } catch (error) {
      if (!this.#closed) this.#events.onError?.(error);
    }
  }

  sendChat(text) {
    this.#sendControl({ chat: text });
  }

  /** Asks the other side to send (or stop sending) as fast as it can. */
  requestFlood(on) {
    this.#sendControl({ flood: on });
  }

  /** Sends as fast as the channel takes it, until stopFlood(). */
  async startFlood() {
    if (this.#flooding) return;
    this.#flooding = true;
    try {
      while (this.#flooding && !this.#closed) {
        await waitForRoom(this.#flood);
        this.#flood.send(floodMessage);
        this.#bytesHandedOver += floodMessage.byteLength;
      }
    } catch (error) {
      if (!this.#closed) this.#events.onError?.(error);
    } finally {
      this.#flooding = false;
    }
  }

  stopFlood() {
    this.#flooding = false;
  }

  /** A new channel for one file; resolves once it is open. */
  openFileChannel(name) {
    const channel = this.#connection.createDataChannel(`file: ${name}`.slice(0, 200));
    return new Promise((resolve, reject) => {
      channel.addEventListener('open', () => resolve(channel), { once: true });
      channel.addEventListener('close', () => reject(new Error('the channel did not open')), { once: true });
    });
  }

  /** Adds a file's octets to what the chart shows. */
  countFileBytes(direction, bytes) {
    if (direction === 'sent') this.#bytesHandedOver += bytes;
    else this.bytesReceived += bytes;
  }

  /** Both ends of the selected candidate pair as text, or undefined while there is none. */
  async selectedPair() {
    if (this.#closed) return undefined;
    const report = await this.#connection.getStats();
    const entries = [...report.values()];
    const transport = entries.find((entry) => entry.type === 'transport' && entry.selectedCandidatePairId);
    const pair = transport && report.get(transport.selectedCandidatePairId);
    const local = pair && report.get(pair.localCandidateId);
    const remote = pair && report.get(pair.remoteCandidateId);
    return local && remote ? { local: describe(local), remote: describe(remote) } : undefined;
  }

  close() {
    if (this.#closed) return;
    this.#closed = true;
    this.#flooding = false;
    clearInterval(this.#pingTimer);
    this.#connection.close();
    this.#events.onState?.();
  }

  #sendControl(message) {
    if (this.isOpen) this.#control.send(JSON.stringify(message));
  }

  #receiveControl(message) {
    if (message.ping !== undefined) this.#sendControl({ pong: message.ping });
    if (message.pong !== undefined) this.roundTripMs = performance.now() - message.pong;
    if (message.chat !== undefined) this.#events.onChat?.(String(message.chat).slice(0, 4000));
    if (message.flood !== undefined) {
      this.#events.onFlood?.(message.flood);
      if (message.flood) void this.startFlood();
      else this.stopFlood();
    }
  }
}

/** Browsers keep some addresses to themselves; those read as "hidden". */
function describe({ candidateType, protocol, address, port }) {
  const host = address || 'hidden';
  return `${candidateType} ${protocol} ${host.includes(':') ? `[${host}]` : host}:${port}`;
}
