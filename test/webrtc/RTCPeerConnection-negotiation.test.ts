import { RTCPeerConnection } from '../../lib';
import { connectPair, once } from '../support/connect';
import { PerfectPeer } from '../support/perfect-peer';

describe('negotiation', () => {
  test('perfect negotiation survives glare', async () => {
    for (let round = 0; round < 5; round += 1) {
      const [polite, impolite] = PerfectPeer.pair();
      const ofPolite = polite.pc.createDataChannel('polite');
      const ofImpolite = impolite.pc.createDataChannel('impolite');
      await Promise.all([once(ofPolite, 'open'), once(ofImpolite, 'open')]);
      expect([...polite.errors, ...impolite.errors]).toEqual([]);
      expect(polite.pc.signalingState).toBe('stable');
      polite.pc.close();
      impolite.pc.close();
    }
  });

  test('negotiationneeded fires for the first channel only, and not again after negotiation', async () => {
    const [a, b] = [new RTCPeerConnection(), new RTCPeerConnection()];
    let count = 0;
    a.onnegotiationneeded = () => (count += 1);
    a.createDataChannel('one');
    a.createDataChannel('two');
    await once(a, 'negotiationneeded');
    await connectPair(a, b, 'three');
    a.createDataChannel('four');
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(count).toBe(1);
    a.restartIce();
    await once(a, 'negotiationneeded');
    a.close();
    b.close();
  });

  test('rollback of a first offer takes sctp away again, and a new offer works', async () => {
    const pc = new RTCPeerConnection();
    pc.createDataChannel('x');
    const states: string[] = [];
    pc.onsignalingstatechange = () => states.push(pc.signalingState);
    await pc.setLocalDescription();
    const { sctp } = pc;
    expect(sctp?.state).toBe('connecting');
    expect(pc.sctp).toBe(sctp);
    await pc.setLocalDescription({ type: 'rollback' });
    expect(pc.sctp).toBeNull();
    expect(pc.localDescription).toBeNull();
    await expect(pc.setLocalDescription({ type: 'rollback' })).rejects.toMatchObject({ name: 'InvalidStateError' });
    await pc.setLocalDescription();
    expect(pc.sctp).not.toBeNull();
    expect(states).toEqual(['have-local-offer', 'stable', 'have-local-offer']);
    pc.close();
  });

  test.each([
    ['a full peer', 'controlled', {}, {}],
    ['a lite one', 'controlling', { iceLite: true }, {}],
    ['a full peer, and we are lite', 'controlled', {}, { iceLite: true }],
  ])('an offer of data tells the ICE role at once: of %s', async (_, role, theirs, ours) => {
    const [a, b] = [theirs, ours].map((configuration) => new RTCPeerConnection(configuration as RTCConfiguration));
    a!.createDataChannel('x');
    await a!.setLocalDescription();
    await b!.setRemoteDescription(a!.localDescription!);
    expect(b!.sctp!.transport.iceTransport.role).toBe(role);
    a!.close();
    b!.close();
  });

  test('no icecandidate before the promise of setLocalDescription(), none after close()', async () => {
    const pc = new RTCPeerConnection();
    pc.createDataChannel('x');
    const log: string[] = [];
    pc.onicecandidate = () => log.push('candidate');
    await pc.setLocalDescription().then(() => log.push('resolved'));
    await once(pc, 'icecandidate');
    expect(log.slice(0, 2)).toEqual(['resolved', 'candidate']);
    pc.close();
    const { length } = log;
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(log).toHaveLength(length);
  });

  test('a syntax error has its line, and leaves the connection as it was', async () => {
    const pc = new RTCPeerConnection();
    const bad = pc.setRemoteDescription({ type: 'offer', sdp: 'v=0\r\nnonsense' });
    await expect(bad).rejects.toMatchObject({
      name: 'OperationError',
      errorDetail: 'sdp-syntax-error',
      sdpLineNumber: 2,
    });
    expect(pc.signalingState).toBe('stable');
    await expect(pc.addIceCandidate({ candidate: 'x', sdpMid: '0' })).rejects.toMatchObject({
      name: 'InvalidStateError',
    });
    pc.close();
  });

  test.each(['setLocalDescription', 'setRemoteDescription', 'addIceCandidate'] as const)(
    'the legacy %s tells its callback of an argument that is none',
    async (method) => {
      const pc = new RTCPeerConnection() as any;
      const wrong = method === 'setLocalDescription' ? { type: 'wrong' } : method === 'addIceCandidate' ? 1 : {};
      const error = await new Promise((failure) => {
        void pc[method](wrong, () => failure(null), failure);
      });
      expect(error).toBeInstanceOf(TypeError);
      await expect(pc[method](wrong)).rejects.toThrow(TypeError);
      pc.close();
    },
  );

  test('legacy callbacks are called, and the promise is resolved with undefined', async () => {
    const pc = new RTCPeerConnection();
    const offer = await new Promise<{ type: string }>((resolve, reject) => {
      void pc.createOffer(resolve, reject).then((value) => {
        expect(value).toBeUndefined();
      });
    });
    expect(offer.type).toBe('offer');
    const error = await new Promise<Error>((resolve) => {
      void pc.createAnswer(() => undefined, resolve);
    });
    expect(error.name).toBe('InvalidStateError');
    pc.close();
  });

  test('a function alone is options without members, as any object', async () => {
    const [pc, remote] = [new RTCPeerConnection(), new RTCPeerConnection()];
    pc.createDataChannel('x');
    const callback = jest.fn();
    const options = callback as object;
    const offer = await pc.createOffer(options);
    expect(offer.type).toBe('offer');
    await remote.setRemoteDescription(offer);
    await expect(remote.createAnswer(options)).resolves.toMatchObject({ type: 'answer' });
    expect(callback).not.toHaveBeenCalled();
    pc.close();
    remote.close();
  });

  test('connections that are used at the same time have certificates of their own', async () => {
    const connections = [1, 2, 3].map(() => new RTCPeerConnection());
    for (const each of connections) each.createDataChannel('x');
    const offers = await Promise.all(connections.map((each) => each.createOffer()));
    expect(new Set(offers.map(({ sdp }) => /a=fingerprint:.*/.exec(sdp)![0])).size).toBe(3);
    for (const each of connections) each.close();
  });

  test('a fingerprint that does not match lets nothing through', async () => {
    const [a, b] = [new RTCPeerConnection(), new RTCPeerConnection()];
    const channel = a.createDataChannel('x');
    channel.onopen = () => {
      throw new Error('opened');
    };
    a.onicecandidate = ({ candidate }: { candidate: RTCIceCandidate | null }) => void b.addIceCandidate(candidate);
    b.onicecandidate = ({ candidate }: { candidate: RTCIceCandidate | null }) => void a.addIceCandidate(candidate);
    await a.setLocalDescription();
    await b.setRemoteDescription(a.localDescription!);
    await b.setLocalDescription();
    const { type, sdp } = b.localDescription!;
    const forged = sdp.replace(
      /(a=fingerprint:sha-256 )(..)/,
      (_, head: string, octet: string) => `${head}${octet === '00' ? '01' : '00'}`,
    );
    await a.setRemoteDescription({ type, sdp: forged });
    const errors: string[] = [];
    a.sctp!.transport.onerror = ({ error }: { error: { errorDetail: string } }) => errors.push(error.errorDetail);
    while ((a.connectionState as string) !== 'failed') await once(a, 'connectionstatechange');
    expect(a.sctp!.transport.state).toBe('failed');
    expect(errors).toEqual(['fingerprint-failure']);
    a.close();
    b.close();
  });
});
