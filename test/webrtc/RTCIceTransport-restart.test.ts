import { RTCPeerConnection } from '../../lib';
import { connectPair, once } from '../support/connect';

/** Candidates of a new generation may only be given once its description has been applied. */
async function exchange(a: RTCPeerConnection, b: RTCPeerConnection): Promise<void> {
  await gatherOnce(a);
  await b.setRemoteDescription(a.localDescription!);
  await gatherOnce(b);
  await a.setRemoteDescription(b.localDescription!);
}

async function gatherOnce(pc: RTCPeerConnection): Promise<void> {
  const begun = once(pc, 'icegatheringstatechange');
  await pc.setLocalDescription();
  await begun;
  await gathered(pc);
}

async function gathered(pc: RTCPeerConnection): Promise<void> {
  while (pc.iceGatheringState !== 'complete') await once(pc, 'icegatheringstatechange');
}

const candidatesOf = (pc: RTCPeerConnection): string[] =>
  pc.sctp!.transport.iceTransport.getLocalCandidates().map(({ candidate }) => candidate);

describe('ICE restart', () => {
  test('keeps the transports and the channel, and changes the credentials', async () => {
    const [a, b] = [new RTCPeerConnection(), new RTCPeerConnection()];
    const channel = a.createDataChannel('x');
    const announced = once<{ channel: typeof channel }>(b, 'datachannel');
    await exchange(a, b);
    const { channel: other } = await announced;
    const transport = a.sctp!.transport.iceTransport;
    const before = transport.getLocalParameters()!;
    expect(transport.role).toBe('controlling');
    expect(b.sctp!.transport.iceTransport.role).toBe('controlled');
    expect(b.sctp!.transport.iceTransport.getRemoteParameters()).toEqual(before);

    a.restartIce();
    await exchange(a, b);
    expect(a.sctp!.transport.iceTransport).toBe(transport);
    const after = transport.getLocalParameters()!;
    expect(after.usernameFragment).not.toBe(before.usernameFragment);
    expect(after.password).not.toBe(before.password);
    channel.send('still here');
    expect((await once<MessageEvent>(other, 'message')).data).toBe('still here');
    a.close();
    b.close();
    expect(transport.state).toBe('closed');
    expect(transport.getSelectedCandidatePair()).toBeNull();
  });

  test('a restart that is rolled back is silent, and leaves the connection working', async () => {
    const [a, b] = [new RTCPeerConnection(), new RTCPeerConnection()];
    const near = a.createDataChannel('x');
    const announced = once<{ channel: typeof near }>(b, 'datachannel');
    await exchange(a, b);
    const { channel: far } = await announced;
    const sdp = a.localDescription!.sdp;
    const candidates = candidatesOf(a);
    expect(candidates).not.toEqual([]);
    await a.setLocalDescription(await a.createOffer({ iceRestart: true }));
    await once(a, 'icegatheringstatechange');
    await gathered(a);
    const events: string[] = [];
    for (const type of ['icegatheringstatechange', 'icecandidate']) {
      a.addEventListener(type, () => events.push(type));
    }
    await a.setLocalDescription({ type: 'rollback' });
    expect(/a=ice-ufrag:\S+/.exec(a.localDescription!.sdp)?.[0]).toBe(/a=ice-ufrag:\S+/.exec(sdp)?.[0]);
    expect(candidatesOf(a)).toEqual(candidates);
    near.send('works');
    expect((await once<MessageEvent>(far, 'message')).data).toBe('works');
    expect(events).toEqual([]);
    a.close();
    b.close();
  });

  test('candidates stay the same however often a restart is rolled back', async () => {
    const [a, b] = [new RTCPeerConnection(), new RTCPeerConnection()];
    a.createDataChannel('x');
    await exchange(a, b);
    const candidates = candidatesOf(a);
    for (let round = 0; round < 3; round++) {
      await a.setLocalDescription(await a.createOffer({ iceRestart: true }));
      await a.setLocalDescription({ type: 'rollback' });
      expect(candidatesOf(a)).toEqual(candidates);
    }
    a.close();
    b.close();
  });

  describe('before the restart before it has led to a pair', () => {
    type Description = { type: RTCSdpType; sdp: string };
    const bare = ({ type, sdp }: Description): Description => ({
      type,
      sdp: sdp.replace(/^a=(candidate|end-of-candidates).*\r\n/gm, ''),
    });
    const fragmentIn = (pc: RTCPeerConnection) => /^a=ice-ufrag:(.*)\r$/m.exec(pc.localDescription!.sdp)![1];
    const selectedFragment = (pc: RTCPeerConnection) =>
      pc.sctp!.transport.iceTransport.getSelectedCandidatePair()!.local.usernameFragment;
    /** Both use pairs of the generation that their descriptions have. */
    async function movedOn(...both: RTCPeerConnection[]): Promise<void> {
      for (const pc of both) {
        while (selectedFragment(pc) !== fragmentIn(pc)) {
          await once(pc.sctp!.transport.iceTransport, 'selectedcandidatepairchange');
        }
      }
    }
    /** A connection that has restarted, and either side has no candidate of the other's to check. */
    async function restarted(use: (a: RTCPeerConnection, b: RTCPeerConnection) => Promise<void>): Promise<void> {
      const [a, b] = [new RTCPeerConnection(), new RTCPeerConnection()];
      try {
        const near = a.createDataChannel('x');
        const announced = once<{ channel: typeof near }>(b, 'datachannel');
        await exchange(a, b);
        const { channel: far } = await announced;
        b.restartIce();
        await gatherOnce(b);
        await a.setRemoteDescription(bare(b.localDescription!));
        await gatherOnce(a);
        await b.setRemoteDescription(bare(a.localDescription!));
        await use(a, b);
        await movedOn(a, b);
        near.send('works');
        expect((await once<MessageEvent>(far, 'message')).data).toBe('works');
      } finally {
        a.close();
        b.close();
      }
    }

    test('both sides begin one at once, and the one gives way', () =>
      restarted(async (a, b) => {
        a.restartIce();
        b.restartIce();
        await Promise.all([gatherOnce(a), gatherOnce(b)]);
        await a.setRemoteDescription(b.localDescription!);
        await gatherOnce(a);
        await b.setRemoteDescription(a.localDescription!);
      }));

    test('one side begins another and takes it back', () =>
      restarted(async (a, b) => {
        a.restartIce();
        await gatherOnce(a);
        await a.setLocalDescription({ type: 'rollback' });
        for (const [from, to] of [
          [a, b],
          [b, a],
        ] as const) {
          for (const [line] of from.localDescription!.sdp.matchAll(/(?<=^a=)candidate.*(?=\r$)/gm)) {
            await to.addIceCandidate({ candidate: line, sdpMid: '0' });
          }
        }
      }));
  });

  test.each(['at once', 'icegatheringstatechange', 'icecandidate'])(
    'the end of a generation is told once, however early its restart is rolled back: %s',
    async (moment) => {
      const [a, b] = [new RTCPeerConnection(), new RTCPeerConnection()];
      try {
        a.createDataChannel('x');
        await exchange(a, b);
        const events: string[] = [];
        a.addEventListener('icecandidate', (event) => {
          const { candidate } = event as unknown as {
            candidate: { candidate: string; usernameFragment: string } | null;
          };
          if (candidate === null) events.push('null');
          else if (candidate.candidate === '') events.push(`end of ${candidate.usernameFragment}`);
        });
        a.addEventListener('icegatheringstatechange', () => events.push(a.iceGatheringState));
        const fragment = (): string => a.sctp!.transport.iceTransport.getLocalParameters()!.usernameFragment!;
        const first = fragment();
        for (let round = 0; round < 3; round += 1) {
          const reached = moment === 'at once' ? null : once(a, moment);
          await a.setLocalDescription(await a.createOffer({ iceRestart: true }));
          await reached;
          await a.setLocalDescription({ type: 'rollback' });
          expect(fragment()).toBe(first);
        }
        a.restartIce();
        await exchange(a, b);
        expect(events).not.toContain(`end of ${first}`);
        const ends = events.filter((event) => event.startsWith('end of'));
        expect(ends.at(-1)).toBe(`end of ${fragment()}`);
        // Each time what was told to begin ends once, and nothing else does.
        const told = events.filter((event) => !event.startsWith('end of'));
        const order = ['gathering', 'complete', 'null'];
        expect(told).toEqual(told.map((_, index) => order[index % 3]));
        expect(told.at(-1)).toBe('null');
        expect(ends.length).toBeLessThanOrEqual(told.length / 3);
      } finally {
        a.close();
        b.close();
      }
    },
  );

  test('other ICE servers or another policy make the next offer restart, and only that', async () => {
    const [a, b] = [new RTCPeerConnection(), new RTCPeerConnection()];
    try {
      a.createDataChannel('x');
      await exchange(a, b);
      const fragments = (sdp: string): string[] => [...sdp.matchAll(/a=ice-ufrag:(.*)\r\n/g)].map(([, each]) => each!);
      const [before] = fragments(a.localDescription!.sdp);
      const [answered] = fragments(b.localDescription!.sdp);
      const needed = jest.fn();
      for (const each of [a, b]) each.addEventListener('negotiationneeded', needed);

      a.setConfiguration({});
      expect(fragments((await a.createOffer()).sdp)).toEqual([before]);
      a.setConfiguration({ iceServers: [{ urls: 'stun:127.0.0.1:9' }] });
      a.setConfiguration({});
      const { sdp } = await a.createOffer();
      expect(fragments(sdp)).not.toContain(before);
      // One that was created before tells no longer the truth.
      await a.setLocalDescription();
      expect(fragments(a.localDescription!.sdp)).not.toContain(before);
      await a.setLocalDescription({ type: 'rollback' });

      // What the answerer changes waits for an offer of its own.
      a.setConfiguration({});
      b.setConfiguration({ iceServers: [{ urls: 'stun:127.0.0.1:9' }] });
      await b.setRemoteDescription({
        type: 'offer',
        sdp: sdp
          .replace(fragments(sdp)[0]!, before!)
          .replace(/a=ice-pwd:.*/, /a=ice-pwd:.*/.exec(a.currentLocalDescription!.sdp)![0]),
      });
      expect(fragments((await b.createAnswer()).sdp)).toEqual([answered]);
      expect(needed).not.toHaveBeenCalled();
    } finally {
      a.close();
      b.close();
    }
  });

  test('messages pass at every step of a restart, without its candidates, and when it is undone', async () => {
    const [a, b] = [new RTCPeerConnection(), new RTCPeerConnection()];
    // Not trickled: candidates of a restart would come before the offer they belong to.
    const near = a.createDataChannel('x');
    const announced = once<{ channel: typeof near }>(b, 'datachannel');
    await exchange(a, b);
    const { channel: far } = await announced;
    const passes = async (): Promise<void> => {
      near.send('ping');
      expect((await once<MessageEvent>(far, 'message')).data).toBe('ping');
      far.send('pong');
      expect((await once<MessageEvent>(near, 'message')).data).toBe('pong');
    };
    try {
      await a.setLocalDescription(await a.createOffer({ iceRestart: true }));
      await passes();
      await b.setRemoteDescription(a.localDescription!);
      await passes();
      await b.setRemoteDescription({ type: 'rollback' });
      await a.setLocalDescription({ type: 'rollback' });
      await passes();
      const before = a.sctp!.transport.iceTransport.getLocalParameters()!;
      a.restartIce();
      await exchange(a, b);
      await passes();
      expect(a.sctp!.transport.iceTransport.getLocalParameters()).not.toEqual(before);
    } finally {
      a.close();
      b.close();
    }
  });
});

test('a restart gathers by the time that setLocalDescription() resolves, so that its candidates can be awaited', async () => {
  const [a, b] = [new RTCPeerConnection(), new RTCPeerConnection()];
  try {
    const near = a.createDataChannel('x', { negotiated: true, id: 0 });
    const far = b.createDataChannel('x', { negotiated: true, id: 0 });
    const complete = async (side: RTCPeerConnection): Promise<void> => {
      while (side.iceGatheringState !== 'complete') await once(side, 'icegatheringstatechange');
    };
    await a.setLocalDescription();
    await complete(a);
    await b.setRemoteDescription(a.localDescription!);
    await b.setLocalDescription();
    await complete(b);
    await a.setRemoteDescription(b.localDescription!);
    if (near.readyState !== 'open') await once(near, 'open');
    const states: string[] = [];
    a.onicegatheringstatechange = () => states.push(a.iceGatheringState);
    await a.setLocalDescription(await a.createOffer({ iceRestart: true }));
    expect(a.iceGatheringState).toBe('gathering');
    await complete(a);
    expect(states).toEqual(['gathering', 'complete']);
    expect(a.localDescription!.sdp).toContain('a=candidate:');
    expect(a.localDescription!.sdp).toContain('a=end-of-candidates');
    near.send('still here');
    expect((await once<MessageEvent>(far, 'message')).data).toBe('still here');
  } finally {
    a.close();
    b.close();
  }
});

describe('getStats', () => {
  test('tells what an application looks for, also after close()', async () => {
    const [a, b] = [new RTCPeerConnection(), new RTCPeerConnection()];
    const [near, far] = await connectPair(a, b);
    near.send('12345');
    await once(far, 'message');
    const entries = new Map<string, Record<string, unknown>>();
    (await a.getStats()).forEach((entry) => {
      entries.set(entry.id, entry as never);
    });
    const find = (type: string): Record<string, unknown> =>
      [...entries.values()].find((each) => each['type'] === type)!;
    const transport = find('transport');
    expect(transport).toMatchObject({ dtlsState: 'connected', iceRole: 'controlling', tlsVersion: 'FEFD' });
    const pair = entries.get(transport['selectedCandidatePairId'] as string)!;
    expect(pair).toMatchObject({ type: 'candidate-pair', nominated: true, state: 'succeeded' });
    expect(entries.get(pair['localCandidateId'] as string)).toMatchObject({ type: 'local-candidate' });
    expect(entries.get(pair['remoteCandidateId'] as string)).toMatchObject({ type: 'remote-candidate' });
    expect(entries.get(transport['localCertificateId'] as string)).toMatchObject({ fingerprintAlgorithm: 'sha-256' });
    expect(find('data-channel')).toMatchObject({ label: 'test', state: 'open', messagesSent: 1, bytesSent: 5 });
    expect(find('peer-connection')).toMatchObject({ dataChannelsOpened: 1, dataChannelsClosed: 0 });
    const { timestamp } = find('peer-connection');
    for (const entry of entries.values()) expect(entry['timestamp']).toBe(timestamp);
    a.close();
    b.close();
    const last = await a.getStats();
    const later = (type: string) => last.get(find(type)['id'] as string);
    expect(later('transport')).toBeDefined();
    expect(later('data-channel')).toMatchObject({ label: 'test', state: 'closed', messagesSent: 1, bytesSent: 5 });
    expect(later('peer-connection')).toMatchObject({ dataChannelsOpened: 1, dataChannelsClosed: 1 });
    await expect(a.getStats({} as never)).rejects.toThrow(TypeError);
  });
});
