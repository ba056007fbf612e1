import { RTCPeerConnection } from '../../lib';
import { negotiate, once, trickle } from '../support/connect';

const withUrl = (urls: unknown, more: object = {}): RTCPeerConnection =>
  new RTCPeerConnection({ iceServers: [{ urls, ...more }] } as never);

describe('configuration', () => {
  test('has the defaults of the Recommendation, also after close()', () => {
    const pc = new RTCPeerConnection();
    pc.close();
    expect(pc.getConfiguration()).toEqual({
      iceServers: [],
      iceTransportPolicy: 'all',
      bundlePolicy: 'balanced',
      rtcpMuxPolicy: 'require',
      certificates: [],
      iceCandidatePoolSize: 0,
      alwaysNegotiateDataChannels: false,
    });
    expect(() => {
      pc.setConfiguration({});
    }).toThrow(expect.objectContaining({ name: 'InvalidStateError' }));
  });

  test.each(['stun:a.example', 'stun:[::1]:3478', 'stuns:1.2.3.4:443', 'STUN:a.example:1'])('takes %s', (url) => {
    expect(withUrl(url).getConfiguration().iceServers).toEqual([{ urls: [url] }]);
  });

  test.each(['turn:a.example?transport=TCP', 'TURNS:a.example?Transport=udp'])('takes %s', (url) => {
    const credentials = { username: 'u', credential: 'c' };
    expect(withUrl(url, credentials).getConfiguration().iceServers).toEqual([{ urls: [url], ...credentials }]);
  });

  test.each([
    '',
    'stun:',
    'stun://a.example',
    'stun:a.example/path',
    'stun:user@a.example',
    'stun:a.example?transport=udp',
    'stun:a.example#x',
    'stun:a.example:port',
    'stun:a.example:65536',
    'turn:a.example?transport=sctp',
    'turn:a.example?',
    'https://a.example',
    'a.example',
    `stun:${'a'.repeat(3000)}`,
  ])('%s is a SyntaxError', (url) => {
    expect(() => withUrl(url, { username: 'u', credential: 'c' })).toThrow(
      expect.objectContaining({ name: 'SyntaxError' }),
    );
  });

  test('TURN needs credentials of bounded length', () => {
    const url = 'turn:a.example?transport=tcp';
    expect(() => withUrl(url)).toThrow(expect.objectContaining({ name: 'InvalidAccessError' }));
    expect(() => withUrl(url, { username: 'x'.repeat(100_000), credential: 'c' })).toThrow(
      expect.objectContaining({ name: 'InvalidAccessError' }),
    );
    withUrl(url, { username: 'u', credential: 'c' }).close();
  });

  test('what cannot change is an InvalidModificationError, and nothing changes', () => {
    const pc = new RTCPeerConnection({ bundlePolicy: 'balanced' });
    expect(() => {
      pc.setConfiguration({ bundlePolicy: 'max-bundle', iceTransportPolicy: 'relay' });
    }).toThrow(expect.objectContaining({ name: 'InvalidModificationError' }));
    expect(pc.getConfiguration().iceTransportPolicy).toBe('all');
  });

  test('alwaysNegotiateDataChannels negotiates data without a channel, and stays what it is', async () => {
    const [pc, remote] = [new RTCPeerConnection({ alwaysNegotiateDataChannels: true }), new RTCPeerConnection()];
    expect(pc.getConfiguration().alwaysNegotiateDataChannels).toBe(true);
    for (const [target, configuration] of [
      [pc, {}],
      [remote, { alwaysNegotiateDataChannels: true }],
    ] as const) {
      expect(() => {
        target.setConfiguration(configuration);
      }).toThrow(expect.objectContaining({ name: 'InvalidModificationError' }));
    }
    pc.setConfiguration(pc.getConfiguration());
    const negotiationNeeded = jest.fn();
    pc.onnegotiationneeded = negotiationNeeded;
    trickle(pc, remote);
    await negotiate(pc, remote);
    expect(remote.sctp).not.toBeNull();
    const channel = pc.createDataChannel('x');
    await once(channel, 'open');
    expect(negotiationNeeded).not.toHaveBeenCalled();
    pc.close();
    remote.close();
  });

  test('an impossible portRange or bindAddress is a TypeError', () => {
    expect(() => new RTCPeerConnection({ portRange: { min: 2, max: 1 } })).toThrow(TypeError);
    expect(() => new RTCPeerConnection({ bindAddress: 'nowhere' })).toThrow(TypeError);
    expect(() => new RTCPeerConnection({ enableIceUdpMux: true })).toThrow(TypeError);
  });

  test('unknown members and null are passed over', () => {
    new RTCPeerConnection({ sdpSemantics: 'unified-plan' } as never).close();
    new RTCPeerConnection(null).close();
  });

  test('a getter that closes the connection does no harm', async () => {
    const pc = new RTCPeerConnection();
    const hostile = {
      get iceRestart(): boolean {
        pc.close();
        return true;
      },
    };
    await expect(pc.createOffer(hostile)).rejects.toMatchObject({ name: 'InvalidStateError' });
    expect(RTCPeerConnection.prototype.getStats).toHaveLength(0);
    expect((pc as unknown as { peerIdentity: unknown }).peerIdentity).toBeUndefined();
  });
});
