/** The states that a connection derives from its transports when descriptions add and remove them. */
import { RTCPeerConnection } from '../../lib';
import { negotiate, once, trickle } from '../support/connect';

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
