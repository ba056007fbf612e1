import { MediaStream, RTCPeerConnection, type RTCRtpTransceiver } from '../../lib';
import { setTrackMuted } from '../../lib/mediacapture/MediaStreamTrack';
import { negotiate, once, trickle } from '../support/connect';
import { makeTrack, sectionsOf, trackHistory } from '../support/tracks';

const open: RTCPeerConnection[] = [];

function connection(configuration: ConstructorParameters<typeof RTCPeerConnection>[0] = {}): RTCPeerConnection {
  const pc = new RTCPeerConnection(configuration);
  open.push(pc);
  return pc;
}

afterEach(() => {
  for (const pc of open.splice(0)) pc.close();
});

const directionsOf = (pc: RTCPeerConnection): (string | null)[][] =>
  pc.getTransceivers().map(({ mid, direction, currentDirection }) => [mid, direction, currentDirection]);

const task = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('remote tracks', () => {
  it('are announced behind signalingstatechange and before the promise resolves, each stream being one', async () => {
    const [a, b] = [connection(), connection()];
    const stream = new MediaStream();
    a.addTrack(makeTrack('audio'), stream);
    a.addTrack(makeTrack('video'), stream);
    const history = trackHistory(b);
    const streams: unknown[] = [];
    b.addEventListener('track', (event) => {
      const { streams: given, track, receiver, transceiver } = event as unknown as Record<string, never>;
      streams.push(...(given as unknown[]));
      expect((given as MediaStream[])[0]!.getTracks()).toContain(track);
      expect(b.getTransceivers()).toContain(transceiver);
      expect((transceiver as RTCRtpTransceiver).receiver).toBe(receiver);
      expect((track as { muted: boolean }).muted).toBe(true);
    });
    await a.setLocalDescription();
    await b.setRemoteDescription(a.localDescription!);
    history.push('resolved');
    expect(history).toEqual([
      'signaling have-remote-offer',
      `track audio 0 of ${stream.id}`,
      `track video 1 of ${stream.id}`,
      'resolved',
    ]);
    expect(new Set(streams).size).toBe(1);
    expect(directionsOf(b)).toEqual([
      ['0', 'recvonly', null],
      ['1', 'recvonly', null],
    ]);
  });

  it('are announced one after the other, with microtasks between, and have the ids of the peer', async () => {
    const [a, b] = [connection(), connection()];
    const sent = [makeTrack('audio'), makeTrack('video'), makeTrack('video')];
    for (const track of sent) a.addTrack(track);
    await a.setLocalDescription();
    const applied = b.setRemoteDescription(a.localDescription!);
    const received: string[] = [];
    // Whoever awaits one after the other misses none.
    while (received.length < sent.length) {
      const { track } = await once<Event & { track: { id: string } }>(b, 'track');
      received.push(track.id);
    }
    await applied;
    expect(received).toEqual(sent.map(({ id }) => id));
  });

  it('are muted and leave their streams when the peer sends no longer, and come back with an event', async () => {
    const [a, b] = [connection(), connection()];
    const stream = new MediaStream();
    const sender = a.addTrack(makeTrack('audio'), stream);
    const history = trackHistory(b);
    await negotiate(a, b);
    const { track } = b.getReceivers()[0]!;
    setTrackMuted(track, false);
    history.length = 0;

    a.removeTrack(sender);
    expect(a.getTransceivers()[0]!.direction).toBe('recvonly');
    await a.setLocalDescription();
    await b.setRemoteDescription(a.localDescription!);
    history.push('resolved');
    expect(history).toEqual([
      'signaling have-remote-offer',
      'mute audio',
      `removetrack audio ${stream.id}`,
      'resolved',
    ]);
    expect([track.muted, track.readyState]).toEqual([true, 'live']);
    await b.setLocalDescription();
    await a.setRemoteDescription(b.localDescription!);
    expect(directionsOf(a)).toEqual([['0', 'recvonly', 'inactive']]);

    history.length = 0;
    a.getTransceivers()[0]!.direction = 'sendonly';
    await a.setLocalDescription();
    await b.setRemoteDescription(a.localDescription!);
    expect(history.slice(0, 3)).toEqual([
      'signaling have-remote-offer',
      `addtrack audio ${stream.id}`,
      `track audio 0 of ${stream.id}`,
    ]);
    expect(b.getReceivers()[0]!.track).toBe(track);
  });

  it('are muted by our own answer that does not want them', async () => {
    const [a, b] = [connection(), connection()];
    const stream = new MediaStream();
    a.addTrack(makeTrack('audio'), stream);
    const history = trackHistory(b);
    await a.setLocalDescription();
    await b.setRemoteDescription(a.localDescription!);
    setTrackMuted(b.getReceivers()[0]!.track, false);
    history.length = 0;
    b.getTransceivers()[0]!.direction = 'inactive';
    await b.setLocalDescription();
    expect(history).toEqual(['signaling stable', 'mute audio', `removetrack audio ${stream.id}`]);
    expect(directionsOf(b)).toEqual([['0', 'inactive', 'inactive']]);
  });

  it('move between streams as setStreams() says', async () => {
    const [a, b] = [connection(), connection()];
    const [first, second] = [new MediaStream(), new MediaStream()];
    const sender = a.addTrack(makeTrack('video'), first);
    const history = trackHistory(b);
    await negotiate(a, b);
    history.length = 0;
    sender.setStreams(second, second);
    await negotiate(a, b);
    expect(history.filter((each) => !/signaling|needed/.test(each))).toEqual([
      `removetrack video ${first.id}`,
      `track video 0 of ${second.id}`,
    ]);
    expect(b.getReceivers()).toHaveLength(1);
  });

  it('of a rolled-back offer end, and their transceivers go', async () => {
    const [a, b] = [connection(), connection()];
    a.addTrack(makeTrack('audio'), new MediaStream());
    a.addTransceiver('video');
    await a.setLocalDescription();
    await b.setRemoteDescription(a.localDescription!);
    const [audio, video] = b.getTransceivers() as [RTCRtpTransceiver, RTCRtpTransceiver];
    const track = makeTrack('audio');
    expect(b.addTrack(track)).toBe(audio.sender);
    const ended = once(video.receiver.track, 'ended');
    await b.setRemoteDescription({ type: 'rollback' });
    await ended;
    expect(b.getTransceivers()).toEqual([audio]);
    expect([audio.mid, audio.direction, audio.receiver.track.readyState]).toEqual([null, 'sendrecv', 'live']);
    expect([video.mid, video.direction, video.currentDirection]).toEqual([null, 'stopped', 'stopped']);
    // What addTrack() saved is as if it had made it.
    await b.setRemoteDescription(a.localDescription!);
    expect(b.getTransceivers().map(({ mid }) => mid)).toEqual(['0', '1']);
    expect(b.getTransceivers()[0]).toBe(audio);
  });
});

describe('transceivers', () => {
  it('stop with their section, which another one takes over', async () => {
    const [a, b] = [connection(), connection()];
    a.addTrack(makeTrack('audio'));
    a.addTrack(makeTrack('video'));
    await negotiate(a, b);
    const [audio] = a.getTransceivers() as [RTCRtpTransceiver];
    const [remote] = b.getTransceivers() as [RTCRtpTransceiver];
    const clone = audio.receiver.track.clone();
    audio.stop();
    expect([audio.direction, audio.currentDirection, audio.receiver.track.readyState]).toEqual([
      'stopped',
      'sendonly',
      'live',
    ]);
    await once(clone, 'ended');
    expect(audio.receiver.track.readyState).toBe('ended');
    expect(a.getSenders()).toHaveLength(2);
    await a.setLocalDescription();
    expect(sectionsOf(a.localDescription)).toEqual(['audio 0 rejected', 'video 1 sendrecv']);
    await b.setRemoteDescription(a.localDescription!);
    expect([remote.direction, remote.currentDirection, b.getTransceivers().length, b.getSenders().length]).toEqual([
      'stopped',
      'stopped',
      2,
      1,
    ]);
    await b.setLocalDescription();
    await a.setRemoteDescription(b.localDescription!);
    expect([a, b].map((pc) => pc.getTransceivers().length)).toEqual([1, 1]);
    expect([audio.currentDirection, audio.mid, remote.mid]).toEqual(['stopped', null, null]);

    b.addTransceiver('video');
    await negotiate(b, a);
    expect(sectionsOf(a.currentLocalDescription)).toHaveLength(2);
    expect(a.getTransceivers().map(({ mid }) => mid)).toContain('1');
    expect(new Set(a.getTransceivers().map(({ mid }) => mid)).size).toBe(2);
  });

  it('that stop before any description has them do not need negotiation for ever', async () => {
    const [a, b] = [connection(), connection()];
    a.addTransceiver('audio').stop();
    const history = trackHistory(a);
    await once(a, 'negotiationneeded');
    await negotiate(a, b);
    expect(sectionsOf(a.currentLocalDescription)).toEqual([]);
    expect(a.getTransceivers()).toEqual([]);
    await task();
    await task();
    expect(history).toEqual(['negotiationneeded', 'signaling have-local-offer', 'signaling stable']);
  });

  it('keep what addTrack() did while an offer was being applied', async () => {
    const [a, b] = [connection(), connection()];
    a.addTransceiver('audio');
    await a.setLocalDescription();
    const applied = b.setRemoteDescription(a.localDescription!);
    const sender = b.addTrack(makeTrack('audio'));
    await applied;
    expect(b.getTransceivers()).toHaveLength(1);
    expect([b.getSenders()[0], b.getTransceivers()[0]!.mid]).toEqual([sender, '0']);
  });

  it('wait for setParameters() before a description is applied', async () => {
    const [a, b] = [connection(), connection()];
    a.addTransceiver('video', { sendEncodings: [{ rid: 'h' }, { rid: 'l' }] as never });
    const { sender } = a.getTransceivers()[0]!;
    await a.setLocalDescription();
    await b.setRemoteDescription(a.localDescription!);
    await b.setLocalDescription();
    const order: string[] = [];
    const applied = a.setRemoteDescription(b.localDescription!).then(() => order.push('description'));
    const set = sender.setParameters(sender.getParameters()).then(() => order.push('parameters'));
    await Promise.all([applied, set]);
    expect(order).toEqual(['parameters', 'description']);
    // The peer takes no simulcast.
    expect(sender.getParameters().encodings).toHaveLength(1);
  });

  it('end, and are gone from the lists of senders and receivers, with the connection', async () => {
    const [a, b] = [connection(), connection()];
    a.addTrack(makeTrack('audio'));
    await negotiate(a, b);
    const [transceiver] = b.getTransceivers() as [RTCRtpTransceiver];
    const ended = once(transceiver.receiver.track, 'ended');
    b.close();
    await ended;
    expect([transceiver.direction, transceiver.currentDirection]).toEqual(['stopped', 'stopped']);
    expect([b.getSenders(), b.getReceivers(), b.getTransceivers()]).toEqual([[], [], [transceiver]]);
    expect(() => {
      transceiver.stop();
    }).toThrow(expect.objectContaining({ name: 'InvalidStateError' }));
    expect(() => b.addTransceiver('audio')).toThrow(expect.objectContaining({ name: 'InvalidStateError' }));
  });

  it('are made to receive by the options that createOffer() used to have, without events', async () => {
    const a = connection();
    const needed = jest.fn();
    a.onnegotiationneeded = needed;
    await a.createOffer({ offerToReceiveAudio: true, offerToReceiveVideo: true });
    await a.createOffer({ offerToReceiveAudio: true, offerToReceiveVideo: false });
    expect(directionsOf(a).map(([, direction]) => direction)).toEqual(['recvonly', 'inactive']);
    expect(needed).not.toHaveBeenCalled();
  });
});

describe('replaceTrack()', () => {
  it('takes its turn in the operations chain', async () => {
    const a = connection();
    const { sender } = a.addTransceiver('audio');
    const order: string[] = [];
    const track = makeTrack('audio');
    const offer = a.createOffer().then(() => order.push('offer'));
    const replaced = sender.replaceTrack(track).then(() => order.push('replaced'));
    expect(sender.track).toBeNull();
    await Promise.all([offer, replaced]);
    expect(order).toEqual(['offer', 'replaced']);
    expect(sender.track).toBe(track);
  });

  it('refuses another kind at once, and a stopped transceiver', async () => {
    const a = connection();
    const { sender } = a.addTransceiver('audio');
    await expect(sender.replaceTrack(makeTrack('video'))).rejects.toThrow(TypeError);
    a.getTransceivers()[0]!.stop();
    await expect(sender.replaceTrack(null)).rejects.toMatchObject({ name: 'InvalidStateError' });
  });

  it('never settles when the connection closes meanwhile', async () => {
    const a = connection();
    const { sender } = a.addTransceiver('audio');
    const settled = jest.fn();
    void sender.replaceTrack(makeTrack('audio')).then(settled, settled);
    a.close();
    await task();
    await task();
    expect(settled).not.toHaveBeenCalled();
    expect(sender.track).toBeNull();
  });

  it('sends one track in several connections, ended or not', async () => {
    const [a, b] = [connection(), connection()];
    const track = makeTrack('video');
    const first = a.addTrack(track);
    const second = b.addTrack(track);
    track.stop();
    await negotiate(a, b);
    expect([first.track, second.track]).toEqual([track, track]);
    expect(directionsOf(a)).toEqual([['0', 'sendrecv', 'sendrecv']]);
  });
});

describe('transports', () => {
  it('are one for each section until an answer bundles them', async () => {
    const [a, b] = [connection({ bundlePolicy: 'max-compat' }), connection()];
    a.addTransceiver('audio');
    a.addTransceiver('video');
    a.createDataChannel('');
    expect(a.getSenders().map(({ transport }) => transport)).toEqual([null, null]);
    await a.setLocalDescription();
    const [audio, video] = a.getTransceivers() as [RTCRtpTransceiver, RTCRtpTransceiver];
    const before = [audio.sender.transport, video.sender.transport, a.sctp?.transport];
    expect(new Set(before).size).toBe(3);
    expect(audio.receiver.transport).toBe(audio.sender.transport);

    await b.setRemoteDescription(a.localDescription!);
    expect(b.getTransceivers().map(({ sender }) => sender.transport)).toEqual([null, null]);
    await b.setLocalDescription();
    await a.setRemoteDescription(b.localDescription!);
    for (const pc of [a, b]) {
      const transports = [...pc.getSenders(), ...pc.getReceivers()].map(({ transport }) => transport);
      expect(new Set([...transports, pc.sctp!.transport]).size).toBe(1);
    }
    expect(audio.sender.transport).toBe(before[0]);
    const closed = before[1]!;
    if (closed.state !== 'closed') await once(closed, 'statechange');
    expect([closed.state, closed.iceTransport.state]).toEqual(['closed', 'closed']);
  });

  it('go back to none with a rolled-back offer', async () => {
    const a = connection();
    const { sender, receiver } = a.addTransceiver('audio');
    await a.setLocalDescription();
    expect(sender.transport).not.toBeNull();
    await a.setLocalDescription({ type: 'rollback' });
    expect([sender.transport, receiver.transport]).toEqual([null, null]);
    while (a.iceGatheringState !== 'new') await once(a, 'icegatheringstatechange');
  });

  it('stay one for each section with a peer that knows no BUNDLE, and connect all of them', async () => {
    const [a, b] = [connection({ bundlePolicy: 'max-compat' }), connection()];
    a.addTrack(makeTrack('audio'));
    a.addTrack(makeTrack('video'));
    a.createDataChannel('');
    trickle(a, b);
    const states: string[] = [];
    a.onconnectionstatechange = () => states.push(a.connectionState);
    const withoutBundle = ({ type, sdp }: { type: 'offer' | 'answer'; sdp: string }) => ({
      type,
      sdp: sdp.replace(/^a=group:BUNDLE.*\r\n/m, ''),
    });
    await a.setLocalDescription();
    await b.setRemoteDescription(withoutBundle(a.localDescription as never));
    await b.setLocalDescription();
    await a.setRemoteDescription(withoutBundle(b.localDescription as never));
    for (const pc of [a, b]) {
      while (pc.connectionState !== 'connected') await once(pc, 'connectionstatechange');
      const transports = [...pc.getSenders().map(({ transport }) => transport!), pc.sctp!.transport];
      expect(new Set(transports).size).toBe(3);
      expect(transports.map(({ state }) => state)).toEqual(['connected', 'connected', 'connected']);
      expect(new Set(transports.map(({ iceTransport }) => iceTransport)).size).toBe(3);
    }
    expect(states).toEqual(['connecting', 'connected']);
  });

  it('connect without any data channel', async () => {
    const [a, b] = [connection({ bundlePolicy: 'max-compat' }), connection({ bundlePolicy: 'max-compat' })];
    a.addTrack(makeTrack('audio'));
    a.addTrack(makeTrack('video'));
    trickle(a, b);
    const connected = [a, b].map(
      (pc) =>
        new Promise<void>((resolve) => {
          pc.onconnectionstatechange = () => {
            if (pc.connectionState === 'connected') resolve();
          };
        }),
    );
    await negotiate(a, b);
    await Promise.all(connected);
    expect(a.getSenders()[0]!.transport!.state).toBe('connected');
    const report = await a.getStats();
    const transports = [...report.values()].filter((entry) => (entry as { type: string }).type === 'transport');
    expect(transports).toEqual([expect.objectContaining({ srtpCipher: expect.stringMatching(/^SRTP_|^AEAD/) })]);
  });
});

describe('getStats()', () => {
  interface Entry {
    readonly id: string;
    readonly type: string;
    readonly mid?: string;
    readonly [name: string]: unknown;
  }
  const entriesOf = (report: Map<string, unknown>): Entry[] => [...report.values()] as Entry[];

  it('tells of a track what its sender sends, and all that belongs to it', async () => {
    const [a, b] = [connection(), connection()];
    const track = makeTrack('video');
    const { sender } = a.addTransceiver(track, { sendEncodings: [{ rid: 'h' }, { rid: 'l' }] as never });
    a.addTrack(makeTrack('audio'));
    expect(entriesOf((await a.getStats()) as never).filter(({ type }) => type === 'outbound-rtp')).toEqual([]);
    await negotiate(a, b);
    const entries = entriesOf((await a.getStats(track)) as never);
    const outbound = entries.filter(({ type }) => type === 'outbound-rtp');
    expect(outbound).toHaveLength(1);
    const byId = new Map(entries.map((entry) => [entry.id, entry]));
    const [stream] = outbound as [Entry];
    expect(stream).toMatchObject({ kind: 'video', mid: '0', encodingIndex: 0, active: true, packetsSent: 0 });
    expect(byId.get(stream.mediaSourceId as string)).toMatchObject({ type: 'media-source', trackIdentifier: track.id });
    expect(byId.get(stream.transportId as string)).toMatchObject({ type: 'transport' });
    expect(byId.get(stream.codecId as string)).toMatchObject({
      type: 'codec',
      transportId: stream.transportId,
      payloadType: sender.getParameters().codecs[0]!.payloadType,
    });
    expect(entries.some(({ kind }) => kind === 'audio')).toBe(false);
    expect(entriesOf((await sender.getStats()) as never).map(({ id }) => id)).toEqual(entries.map(({ id }) => id));
  });

  it('wants a track that exactly one sender or receiver has', async () => {
    const a = connection();
    const track = makeTrack('audio');
    const refused = expect.objectContaining({ name: 'InvalidAccessError' });
    await expect(a.getStats(track)).rejects.toEqual(refused);
    a.addTransceiver(track);
    await expect(a.getStats(track)).resolves.toBeDefined();
    await expect(a.getStats(a.getReceivers()[0]!.track)).resolves.toBeDefined();
    a.addTransceiver(track);
    await expect(a.getStats(track)).rejects.toEqual(refused);
    await expect(a.getStats({} as never)).rejects.toThrow(TypeError);
  });
});
