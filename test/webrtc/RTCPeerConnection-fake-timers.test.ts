import { RTCPeerConnection } from '../../lib/webrtc/RTCPeerConnection';

describe('under fake timers', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  it('two chained operations and negotiationneeded go on', async () => {
    const connection = new RTCPeerConnection();
    const needed = new Promise((resolve) => {
      connection.onnegotiationneeded = resolve;
    });
    connection.createDataChannel('x');
    await needed;
    const [first, second] = await Promise.all([connection.createOffer(), connection.createOffer()]);
    expect([first.type, second.type]).toEqual(['offer', 'offer']);
    await connection.setLocalDescription();
    expect(connection.signalingState).toBe('have-local-offer');
    connection.close();
  });
});
