/**
 * The far side of an interoperability test: carries out commands on any class with RTCPeerConnection's shape, and tells
 * what happens. Runs unchanged in a page and in Node.js; agents in other languages take the same commands.
 *
 * Only `on…` attributes are used: not every implementation has events beyond them.
 */

/** FNV-1a over octets: enough to see that a message came whole. */
export function digest(octets) {
  let hash = 0x811c9dc5;
  for (let i = 0; i < octets.length; i++) hash = Math.imul(hash ^ octets[i], 0x01000193) >>> 0;
  return hash;
}

const isText = (data) => typeof data === 'string';
const octetsOf = (data) =>
  isText(data)
    ? new TextEncoder().encode(data)
    : ArrayBuffer.isView(data)
      ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
      : new Uint8Array(data);

/** Tracks, streams and codecs of a page. */
const ofPage = {
  track(kind) {
    if (kind === 'audio') return new AudioContext().createMediaStreamDestination().stream.getAudioTracks()[0];
    const canvas = Object.assign(document.createElement('canvas'), { width: 320, height: 240 });
    canvas.getContext('2d').fillRect(0, 0, 8, 8);
    return canvas.captureStream(5).getVideoTracks()[0];
  },
  stream: (...tracks) => new MediaStream(tracks),
  codecs: (kind) => RTCRtpReceiver.getCapabilities(kind).codecs,
};

/**
 * @param RTCPeerConnection the implementation
 * @param emit takes one event, a plain object
 * @param media what steps of flow-steps.ts make and watch media with
 * @returns a function that carries out one command and resolves with its result
 */
export function createAgent(RTCPeerConnection, emit, media = null) {
  const connections = new Map();

  function watchChannel(pc, channel, key) {
    const { channels } = connections.get(pc);
    channels.set(key, channel);
    channel.binaryType = 'arraybuffer';
    channel.onopen = () => emit({ event: 'channel-open', pc, key });
    channel.onclosing = () => emit({ event: 'channel-closing', pc, key });
    channel.onclose = () => emit({ event: 'channel-close', pc, key });
    channel.onerror = (event) =>
      emit({ event: 'channel-error', pc, key, detail: String(event?.error?.errorDetail ?? event?.error ?? '') });
    // Some implementations make channels that are open already, and then fire nothing.
    if (channel.readyState === 'open') emit({ event: 'channel-open', pc, key });
    let sunk = 0;
    channel.onmessage = ({ data }) => {
      // What a channel is for is in its label.
      if (key.startsWith('echo')) channel.send(data);
      else if (key.startsWith('sink')) {
        sunk += octetsOf(data).length;
        if (isText(data)) emit({ event: 'sunk', pc, key, octets: sunk });
      } else {
        const octets = octetsOf(data);
        emit({ event: 'message', pc, key, text: isText(data), length: octets.length, digest: digest(octets) });
      }
    };
  }

  const descriptionOf = (pc) => ({ type: pc.localDescription.type, sdp: pc.localDescription.sdp });

  const commands = {
    connect({ pc: key, configuration }) {
      const pc = new RTCPeerConnection(configuration ?? { iceServers: [] });
      connections.set(key, { pc, channels: new Map(), candidates: [] });
      pc.onicecandidate = ({ candidate }) => {
        const init = candidate && (candidate.toJSON ? candidate.toJSON() : candidate);
        emit({ event: 'candidate', pc: key, candidate: init ?? null });
      };
      pc.onconnectionstatechange = () => emit({ event: 'connection-state', pc: key, state: pc.connectionState });
      pc.oniceconnectionstatechange = () => emit({ event: 'ice-state', pc: key, state: pc.iceConnectionState });
      pc.ondatachannel = ({ channel }) => {
        watchChannel(key, channel, channel.label);
        const { label, protocol, ordered, maxRetransmits, maxPacketLifeTime, id, negotiated, readyState } = channel;
        const has = { label, protocol, ordered, maxRetransmits, maxPacketLifeTime, id, negotiated, readyState };
        emit({ event: 'channel', pc: key, key: label, channel: has });
      };
    },
    channel({ pc, label, options }) {
      watchChannel(pc, connections.get(pc).pc.createDataChannel(label, options ?? {}), label);
    },
    transceiver({ pc, kind, direction, rids }) {
      const sendEncodings = rids?.map((rid) => ({ rid }));
      connections.get(pc).pc.addTransceiver(kind, { direction, ...(sendEncodings && { sendEncodings }) });
    },
    /** A step of media-steps.ts: `code` is a function of the connection, its context and `args`. */
    run({ pc: key, code, args }) {
      const connection = connections.get(key);
      connection.context ??= {
        ...ofPage,
        media,
        send: (message) => emit({ event: 'sent', pc: key, message }),
        receive: () => {},
      };
      return (0, eval)(`(${code})`)(connection.pc, connection.context, ...args);
    },
    view({ pc: key }) {
      const { pc } = connections.get(key);
      const transceivers = pc.getTransceivers().map(({ mid, receiver, direction, currentDirection }) => ({
        mid,
        kind: receiver.track.kind,
        direction,
        currentDirection,
      }));
      return { signaling: pc.signalingState, connection: pc.connectionState, transceivers };
    },
    async offer({ pc: key, iceRestart, complete }) {
      const { pc } = connections.get(key);
      await pc.setLocalDescription(await pc.createOffer(iceRestart ? { iceRestart: true } : {}));
      if (complete) await gathered(pc);
      return descriptionOf(pc);
    },
    async answer({ pc: key, description, complete }) {
      const { pc } = connections.get(key);
      await pc.setRemoteDescription(description);
      await pc.setLocalDescription(await pc.createAnswer());
      if (complete) await gathered(pc);
      return descriptionOf(pc);
    },
    accept: ({ pc, description }) => connections.get(pc).pc.setRemoteDescription(description),
    candidate: ({ pc, candidate }) => connections.get(pc).pc.addIceCandidate(candidate),
    send({ pc, key, text, length, value }) {
      const channel = connections.get(pc).channels.get(key);
      if (text) channel.send(value ?? 'x'.repeat(length));
      else channel.send(Uint8Array.from({ length }, (_, index) => (index * 7) & 255));
    },
    /** Sends `total` octets in messages of `length`, then the text "end", and resolves when all is handed over. */
    async flood({ pc, key, total, length }) {
      const channel = connections.get(pc).channels.get(key);
      const message = new Uint8Array(length).fill(5);
      for (let sent = 0; sent < total; sent += length) {
        while (channel.bufferedAmount > 1 << 20) await new Promise((done) => setTimeout(done, 1));
        channel.send(message);
      }
      channel.send('end');
    },
    'close-channel': ({ pc, key }) => connections.get(pc).channels.get(key).close(),
    async close({ pc: key }) {
      await connections.get(key).pc.close();
    },
    state({ pc: key }) {
      const { pc, channels } = connections.get(key);
      return {
        connection: pc.connectionState,
        ice: pc.iceConnectionState,
        channels: Object.fromEntries([...channels].map(([name, { readyState, id }]) => [name, { readyState, id }])),
        maxMessageSize: pc.sctp?.maxMessageSize ?? null,
      };
    },
    async selected({ pc: key }) {
      const rows = [...(await connections.get(key).pc.getStats()).values()];
      const transport = rows.find(({ type }) => type === 'transport') ?? {};
      const { dtlsCipher, tlsVersion, tlsGroup, srtpCipher, dtlsRole } = transport;
      return { dtlsCipher, tlsVersion, tlsGroup, srtpCipher, dtlsRole };
    },
  };

  function gathered(pc) {
    return new Promise((done) => {
      const look = () => (pc.iceGatheringState === 'complete' ? done() : setTimeout(look, 5));
      look();
    });
  }

  return async ({ op, ...parameters }) => {
    if (!commands[op]) throw new Error(`no such command: ${op}`);
    return (await commands[op](parameters)) ?? null;
  };
}
