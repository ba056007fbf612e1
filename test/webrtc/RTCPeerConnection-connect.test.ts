import { RTCPeerConnection } from '../../lib';
import { connectPair, negotiate, once } from '../support/connect';

describe('two peers in one process', () => {
  const open: RTCPeerConnection[] = [];
  const create = (...parameters: ConstructorParameters<typeof RTCPeerConnection>): RTCPeerConnection => {
    const pc = new RTCPeerConnection(...parameters);
    open.push(pc);
    return pc;
  };
  afterEach(() => {
    for (const pc of open.splice(0)) pc.close();
  });

  test('exchange messages both ways', async () => {
    const [a, b] = [create(), create()];
    const [channelA, channelB] = await connectPair(a, b);
    channelA.send('to b');
    expect((await once<MessageEvent>(channelB, 'message')).data).toBe('to b');
    channelB.send(Uint8Array.of(1, 2, 3));
    const { data } = await once<MessageEvent>(channelA, 'message');
    expect([...new Uint8Array(data as ArrayBuffer)]).toEqual([1, 2, 3]);
  });

  test('are "connected" first, and the one that controls is "completed" in the end, when both have gathered', async () => {
    const peers = [create(), create()] as const;
    const times: number[] = [];
    const histories = peers.map((pc) => {
      const states: string[] = [];
      pc.oniceconnectionstatechange = () => {
        states.push(`${pc.iceConnectionState}, ${pc.iceGatheringState}`);
        times.push(performance.now());
      };
      return states;
    });
    await connectPair(...peers);
    while (peers[0].iceConnectionState !== 'completed') await once(peers[0], 'iceconnectionstatechange');
    const transports = peers.map((pc) => pc.sctp!.transport.iceTransport);
    for (const transport of transports) while (transport.state !== 'completed') await once(transport, 'statechange');
    const [controlling, controlled] = histories.map((states) => states.map((state) => state.split(',')[0]));
    expect(controlling).toEqual(['checking', 'connected', 'completed']);
    expect(histories[0]![2]).toBe('completed, complete');
    // Whoever looks a moment late for "connected" still finds it: the last event is that of "completed".
    expect(times.at(-1)! - times.at(-2)!).toBeGreaterThan(900);
    // Its RTCIceTransport says so; waiting for "connected" must not come too late.
    expect(controlled).toEqual(['checking', 'connected']);
    for (const pc of peers) expect(pc.connectionState).toBe('connected');
  });

  test('connect by candidates whose foundation is empty, as those of some cameras are', async () => {
    const [a, b] = [create(), create()];
    const opened = once(a.createDataChannel('test'), 'open');
    const gathered = once(b, 'icecandidate');
    await a.setLocalDescription();
    await b.setRemoteDescription(a.localDescription!);
    await b.setLocalDescription();
    await gathered;
    const sdp = b.localDescription!.sdp.replace(/^a=candidate:\S+/gm, 'a=candidate:');
    expect(sdp).toContain('a=candidate: 1 ');
    await a.setRemoteDescription({ type: 'answer', sdp });
    await opened;
  });

  test('connect without trickling: the candidates are in the descriptions', async () => {
    const [a, b] = [create(), create()];
    const channel = a.createDataChannel('test');
    const opened = once(channel, 'open');
    const gathered = (pc: RTCPeerConnection): Promise<void> =>
      new Promise((resolve) => {
        pc.onicecandidate = ({ candidate }: { candidate: unknown }) => {
          if (candidate === null) resolve();
        };
      });
    const ofA = gathered(a);
    await a.setLocalDescription();
    await ofA;
    expect(a.localDescription!.sdp).toMatch(/a=candidate:/);
    expect(a.localDescription!.sdp).toMatch(/a=end-of-candidates/);
    await b.setRemoteDescription(a.localDescription!);
    const ofB = gathered(b);
    await b.setLocalDescription();
    await ofB;
    await a.setRemoteDescription(b.localDescription!);
    await opened;
  });

  test('renegotiate while connected', async () => {
    const [a, b] = [create(), create()];
    const [channelA, channelB] = await connectPair(a, b);
    await negotiate(b, a);
    await negotiate(a, b);
    channelA.send('still here');
    expect((await once<MessageEvent>(channelB, 'message')).data).toBe('still here');
  });

  test('tell what was negotiated when they are closed, too', async () => {
    const peers = [create(), create()] as const;
    peers[0].addTransceiver('audio');
    await connectPair(...peers);
    const told = (pc: RTCPeerConnection): unknown[] => [
      pc.localDescription!.sdp,
      pc.currentLocalDescription!.toJSON(),
      pc.remoteDescription!.sdp,
      pc.currentRemoteDescription!.toJSON(),
      pc.canTrickleIceCandidates,
      pc.pendingLocalDescription,
      pc.pendingRemoteDescription,
    ];
    const before = peers.map(told);
    const objects = peers.map((pc) => [pc.localDescription, pc.remoteDescription]);
    for (const pc of peers) pc.close();
    expect(peers.map(told)).toEqual(before);
    for (const [i, pc] of peers.entries()) {
      expect(pc.localDescription).toBe(objects[i]![0]);
      expect(pc.remoteDescription).toBe(objects[i]![1]);
      expect(pc.canTrickleIceCandidates).toBe(true);
      expect([...(await pc.getStats()).values()].map(({ type }: { type: string }) => type)).toContain('transport');
    }
  });

  test('send 256 KiB in one message', async () => {
    const [a, b] = [create(), create()];
    const [channelA, channelB] = await connectPair(a, b);
    const big = new Uint8Array(262144).map((_, index) => index % 251);
    channelA.send(big);
    const { data } = await once<MessageEvent>(channelB, 'message');
    expect(Buffer.compare(Buffer.from(data as ArrayBuffer), Buffer.from(big))).toBe(0);
    expect(() => {
      channelA.send(new Uint8Array(262145));
    }).toThrow(TypeError);
  });
});
