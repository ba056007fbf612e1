/**
 * One connection of the demo, seen from either end: negotiation over a signalling channel, named streams in both
 * directions, a control channel (chat, round trips, numbers), a channel for measuring throughput, and one channel for
 * each file. The same code runs in the page and in Node.js; only the RTCPeerConnection differs.
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
  /** The first offer is for one side only; from then on either may make the next one. */
  #begun = false;
  #makingOffer = false;
  #ignoringOffer = false;
  #settingAnswer = false;
  /** What is sent: by its name, the stream it is announced as, and transceivers by kind. */
  #sending = new Map();
  #turn = Promise.resolve();
  /** The other side's names for its streams, by stream id; and those that were told. */
  #names = new Map();
  #told = new Set();

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
   * @param {object} parts.events onState(), onOpen(), onChat(text), onFile(channel), onFlood(on), onError(error),
   *   onStream(name, stream), onStreamEnd(name), onRequest(request), onStatistics(statistics)
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
    connection.addEventListener('negotiationneeded', () => void this.#negotiate());
    connection.addEventListener('track', ({ streams: [stream] }) => this.#receiveStream(stream));
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
    this.#begun = true;
    await this.#negotiate();
  }

  /**
   * Takes a message of the other side's `signal`. When both have offered at once, the side that offered first of all
   * has its way ("perfect negotiation", https://w3c.github.io/webrtc-pc/#perfect-negotiation-example).
   */
  async receiveSignal({ description, candidate, names }) {
    if (this.#closed) return;
    try {
      if (names) for (const [id, name] of Object.entries(names)) this.#names.set(id, name);
      if (description) await this.#receiveDescription(description);
      else if (candidate && !this.#ignoringOffer) await this.#connection.addIceCandidate(candidate);
    } catch (error) {
      if (!this.#closed) this.#events.onError?.(error);
    }
  }

  async #receiveDescription(description) {
    const connection = this.#connection;
    const ready = !this.#makingOffer && (connection.signalingState === 'stable' || this.#settingAnswer);
    this.#ignoringOffer = this.#offers && description.type === 'offer' && !ready;
    if (this.#ignoringOffer) return;
    this.#settingAnswer = description.type === 'answer';
    await connection.setRemoteDescription(description);
    this.#settingAnswer = false;
    this.#begun = true;
    if (description.type !== 'offer') return;
    await connection.setLocalDescription();
    this.#signal({ description: connection.localDescription.toJSON() });
  }

  async #negotiate() {
    if (!this.#begun || this.#closed) return;
    this.#makingOffer = true;
    try {
      await this.#connection.setLocalDescription();
      this.#signal({ description: this.#connection.localDescription.toJSON() });
    } catch (error) {
      if (!this.#closed) this.#events.onError?.(error);
    } finally {
      this.#makingOffer = false;
    }
  }

  /** Sends a stream's tracks under a name; those of another stream, later, take the place of those before. */
  startMedia(name, stream) {
    return this.#inTurn(async () => {
      if (!this.#sending.has(name)) this.#sending.set(name, { stream, transceivers: {} });
      // The other side knows the tracks by the first stream's id, whatever they are replaced with.
      const { stream: first, transceivers } = this.#sending.get(name);
      this.#signal({ names: { [first.id]: name } });
      const known = stream.getTracks().filter(({ kind }) => transceivers[kind]);
      await Promise.all(known.map((track) => transceivers[track.kind].sender.replaceTrack(track)));
      // From here on without a pause, so that the other side is told of all tracks at once.
      for (const track of stream.getTracks()) {
        if (known.includes(track)) {
          const transceiver = transceivers[track.kind];
          transceiver.direction = receives(transceiver) ? 'sendrecv' : 'sendonly';
        } else {
          const sender = this.#connection.addTrack(track, first);
          transceivers[track.kind] = this.#connection.getTransceivers().find((one) => one.sender === sender);
        }
      }
    });
  }

  /** Stops sending what goes by that name; the other side is told by renegotiation. */
  stopMedia(name) {
    return this.#inTurn(async () => {
      const transceivers = Object.values(this.#sending.get(name)?.transceivers ?? {});
      for (const transceiver of transceivers) transceiver.direction = receives(transceiver) ? 'recvonly' : 'inactive';
      await Promise.all(transceivers.map(({ sender }) => sender.replaceTrack(null)));
    });
  }

  /** One after the other, so that what is asked for last is what remains. */
  #inTurn(action) {
    this.#turn = this.#turn.then(() => (this.#closed ? undefined : action()));
    const turn = this.#turn;
    this.#turn = turn.catch(() => {});
    return turn.catch((error) => {
      if (!this.#closed) throw error;
    });
  }

  #receiveStream(stream) {
    const name = stream && this.#names.get(stream.id);
    if (!name || this.#told.has(stream.id)) return;
    this.#told.add(stream.id);
    stream.addEventListener('removetrack', () => {
      if (stream.getTracks().length > 0 || !this.#told.delete(stream.id)) return;
      this.#events.onStreamEnd?.(name);
    });
    this.#events.onStream?.(name, stream);
  }

  /** The connection's statistics, or undefined once it is closed. */
  async statistics() {
    return this.#closed ? undefined : this.#connection.getStats();
  }

  /** Loudness (0 to 1) of a received track as its packets tell it, whether it is played or not. */
  soundLevel(trackId) {
    const receiver = this.#connection.getReceivers().find(({ track }) => track.id === trackId);
    return receiver?.getSynchronizationSources()[0]?.audioLevel ?? 0;
  }

  /** Asks the other side for something: {camera: boolean}, {effect: {picture, sound}}. */
  request(request) {
    this.#sendControl({ request });
  }

  /** Tells the other side what this one measures of the media. */
  sendStatistics(statistics) {
    this.#sendControl({ statistics });
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
    if (message.request) this.#events.onRequest?.(message.request);
    if (message.statistics) this.#events.onStatistics?.(message.statistics);
    if (message.flood !== undefined) {
      this.#events.onFlood?.(message.flood);
      if (message.flood) void this.startFlood();
      else this.stopFlood();
    }
  }
}

const receives = ({ direction }) => direction === 'sendrecv' || direction === 'recvonly';

/** Browsers keep some addresses to themselves; those read as "hidden". */
function describe({ candidateType, protocol, address, port }) {
  const host = address || 'hidden';
  return `${candidateType} ${protocol} ${host.includes(':') ? `[${host}]` : host}:${port}`;
}
