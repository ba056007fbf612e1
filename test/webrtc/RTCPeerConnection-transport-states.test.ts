/** The states that a connection derives from its transports when descriptions add and remove them. */
import { RTCPeerConnection, type RTCDataChannel } from '../../lib';
import { negotiate, once, trackStates, trickle } from '../support/connect';

describe('states derived from several transports', () => {
  let a: RTCPeerConnection;
  let b: RTCPeerConnection;
  beforeEach(() => {
    a = new RTCPeerConnection({ bundlePolicy: 'max-compat' });
    b = new RTCPeerConnection({ bundlePolicy: 'max-compat' });
    trickle(a, b);
  });
  afterEach(() => {
    a.close();
    b.close();
  });

  const gathered = async (connection: RTCPeerConnection): Promise<void> => {
    while (connection.iceGatheringState !== 'complete') await once(connection, 'icegatheringstatechange');
  };
  const connected = async (connection: RTCPeerConnection): Promise<void> => {
    while (connection.connectionState !== 'connected') await once(connection, 'connectionstatechange');
  };
  /** An exchange in which the peer hears nothing of BUNDLE. */
  const negotiateUnbundled = async (): Promise<void> => {
    await a.setLocalDescription();
    const sdp = a.localDescription!.sdp.replace(/a=group:BUNDLE.*\r\n/, '').replace(/a=bundle-only\r\n/g, '');
    await b.setRemoteDescription({ type: 'offer', sdp });
    await b.setLocalDescription();
    await a.setRemoteDescription(b.localDescription!);
  };

  test('two transports that restart are told as one', async () => {
    a.addTransceiver('audio');
    a.addTransceiver('video');
    await negotiateUnbundled();
    expect(new Set(a.getTransceivers().map(({ sender }) => sender.transport)).size).toBe(2);
    await Promise.all([gathered(a), connected(a)]);
    const told: string[] = [];
    a.addEventListener('icegatheringstatechange', () => told.push(a.iceGatheringState));
    await a.setLocalDescription(await a.createOffer({ iceRestart: true }));
    // Its candidates may come now.
    await b.setRemoteDescription(a.localDescription!);
    await gathered(a);
    expect(told).toEqual(['gathering', 'complete']);
  });

  test('a transport more makes the connection connect again', async () => {
    a.addTransceiver('audio');
    await negotiateUnbundled();
    await connected(a);
    const told: string[] = [];
    a.addEventListener('connectionstatechange', () => told.push(a.connectionState));
    a.createDataChannel('x');
    await negotiateUnbundled();
    await connected(a);
    expect(told).toEqual(['connecting', 'connected']);
  });

  describe('a data section that joins the bundle', () => {
    let history: string[];
    let channel: RTCDataChannel;
    beforeEach(async () => {
      a.addTransceiver('audio');
      await negotiate(a, b);
      await Promise.all([a, b].flatMap((each) => [gathered(each), connected(each)]));
      history = trackStates(b);
      channel = a.createDataChannel('late');
      await a.setLocalDescription();
      await b.setRemoteDescription(a.localDescription!);
    });
    const transportOfAudio = (connection: RTCPeerConnection) => connection.getReceivers()[0]!.transport!;

    test('is on its transport from the offer on, and changes no state', async () => {
      expect(b.sctp!.transport).toBe(transportOfAudio(b));
      expect([b.iceGatheringState, b.iceConnectionState, b.connectionState]).toEqual([
        'complete',
        'connected',
        'connected',
      ]);
      await b.setLocalDescription();
      await a.setRemoteDescription(b.localDescription!);
      await Promise.all([once(channel, 'open'), once(b, 'datachannel')]);
      expect(history).toEqual(['signaling have-remote-offer', 'signaling stable', 'datachannel']);
      expect(b.sctp!.transport).toBe(transportOfAudio(b));
    });

    test('leaves the transport to the others when it is rolled back', async () => {
      const { transport } = b.sctp!;
      const ended = once(b.sctp!, 'statechange');
      await b.setRemoteDescription({ type: 'rollback' });
      await ended;
      expect(b.sctp).toBeNull();
      expect(transport).toBe(transportOfAudio(b));
      expect(transport.state).toBe('connected');
      expect(history).toEqual(['signaling have-remote-offer', 'signaling stable']);
    });
  });

  test('without transports all is new again, at once', async () => {
    a.addTransceiver('audio');
    await negotiate(a, b);
    await Promise.all([gathered(a), connected(a)]);
    const told = ['icegatheringstatechange', 'iceconnectionstatechange', 'connectionstatechange'].map((type) =>
      once(a, type),
    );
    a.getTransceivers()[0]!.stop();
    await negotiate(a, b);
    expect([a.iceGatheringState, a.iceConnectionState, a.connectionState]).toEqual(['new', 'new', 'new']);
    await Promise.all(told);
  });
});

describe('the null candidate', () => {
  let a: RTCPeerConnection;
  let told: string[];
  beforeEach(() => {
    a = new RTCPeerConnection({ bundlePolicy: 'max-compat' });
    told = [];
    a.addEventListener('icegatheringstatechange', () => told.push(a.iceGatheringState));
    a.addEventListener('icecandidate', ({ candidate }: any) => candidate ?? told.push('null'));
  });
  afterEach(() => {
    a.close();
  });

  test('comes when all transports have gathered', async () => {
    a.addTransceiver('audio');
    a.addTransceiver('video');
    a.createDataChannel('x');
    await a.setLocalDescription();
    while (told.at(-1) !== 'null') await once(a, 'icecandidate');
    expect(told).toEqual(['gathering', 'complete', 'null']);
    expect(a.localDescription!.sdp.match(/^a=end-of-candidates/gm)).toHaveLength(3);
  });

  test('tells of no transport that a rollback has taken away', async () => {
    a.createDataChannel('x');
    let rolledBack: Promise<void> | undefined;
    a.addEventListener('icecandidate', ({ candidate }: any) => {
      if (candidate?.candidate === '') rolledBack = a.setLocalDescription({ type: 'rollback' });
    });
    await a.setLocalDescription();
    while (!rolledBack) await once(a, 'icecandidate');
    await rolledBack;
    await once(a, 'icegatheringstatechange');
    await new Promise((resolve) => setTimeout(resolve, 0));
    expect(told).toEqual(['gathering', 'new']);
  });
});
