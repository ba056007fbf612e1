import { RTCPeerConnection, type RTCDataChannel, type RTCIceCandidate } from '../../lib';
import { negotiate, once, trickle } from '../support/connect';

function recordEvents(channel: RTCDataChannel): string[] {
  const log: string[] = [];
  for (const type of ['open', 'closing', 'close']) channel.addEventListener(type, () => log.push(type));
  channel.onerror = ({ error }: { error: { errorDetail: string } }) => log.push(`error ${error.errorDetail}`);
  return log;
}

describe('channels that wait for an association', () => {
  test('fail with it, when DTLS fails', async () => {
    const [a, b] = [new RTCPeerConnection(), new RTCPeerConnection()];
    const announced = a.createDataChannel('announced');
    const negotiated = a.createDataChannel('negotiated', { negotiated: true, id: 7 });
    const logs = [announced, negotiated].map(recordEvents);
    a.onicecandidate = ({ candidate }: { candidate: RTCIceCandidate | null }) => void b.addIceCandidate(candidate);
    b.onicecandidate = ({ candidate }: { candidate: RTCIceCandidate | null }) => void a.addIceCandidate(candidate);
    await a.setLocalDescription();
    await b.setRemoteDescription(a.localDescription!);
    await b.setLocalDescription();
    const { type, sdp } = b.localDescription!;
    const forged = sdp.replace(/(a=fingerprint:sha-256 )(..)/, (_, head: string, octet: string) =>
      octet === '00' ? `${head}01` : `${head}00`,
    );
    await a.setRemoteDescription({ type, sdp: forged });
    await once(negotiated, 'close');
    expect(logs).toEqual([
      ['error sctp-failure', 'close'],
      ['error sctp-failure', 'close'],
    ]);
    expect([announced.readyState, negotiated.readyState]).toEqual(['closed', 'closed']);
    expect(a.sctp!.state).toBe('closed');
    // The stream is free again.
    expect(a.createDataChannel('again', { negotiated: true, id: 7 }).readyState).toBe('connecting');
    a.close();
    b.close();
  });

  describe('and an answer', () => {
    let a: RTCPeerConnection;
    let b: RTCPeerConnection;
    beforeEach(() => {
      [a, b] = [new RTCPeerConnection(), new RTCPeerConnection()];
    });
    afterEach(() => {
      a.close();
      b.close();
    });

    test('fail when it rejects their section, and others wait for the next one', async () => {
      a.addTransceiver('audio');
      const announced = a.createDataChannel('announced');
      const negotiated = a.createDataChannel('negotiated', { negotiated: true, id: 7 });
      const logs = [announced, negotiated].map(recordEvents);
      await a.setLocalDescription();
      await b.setRemoteDescription(a.localDescription!);
      const { type, sdp } = await b.createAnswer();
      const rejecting = sdp!.replace('m=application 9', 'm=application 0').replace('BUNDLE 0 1', 'BUNDLE 0');
      const { sctp } = a;
      await a.setRemoteDescription({ type, sdp: rejecting });
      const later = a.createDataChannel('later');
      const ofLater = recordEvents(later);
      await once(sctp!, 'statechange');
      expect(logs).toEqual([
        ['error data-channel-failure', 'close'],
        ['error data-channel-failure', 'close'],
      ]);
      expect([announced.readyState, negotiated.readyState, sctp!.state]).toEqual(['closed', 'closed', 'closed']);
      expect([a.sctp, later.readyState, ofLater]).toEqual([null, 'connecting', []]);
      // The stream is free again.
      expect(a.createDataChannel('again', { negotiated: true, id: 7 }).readyState).toBe('connecting');
    });

    test('wait on when there was no section for them', async () => {
      trickle(a, b);
      a.addTransceiver('audio');
      await a.setLocalDescription();
      const channel = a.createDataChannel('x');
      const log = recordEvents(channel);
      await b.setRemoteDescription(a.localDescription!);
      await b.setLocalDescription();
      await a.setRemoteDescription(b.localDescription!);
      await negotiate(a, b);
      await once(channel, 'open');
      expect(log).toEqual(['open']);
    });

    test('wait on when their offer was rolled back', async () => {
      const channel = a.createDataChannel('x');
      const log = recordEvents(channel);
      await a.setLocalDescription();
      const ended = once(a.sctp!, 'statechange');
      await a.setLocalDescription({ type: 'rollback' });
      await ended;
      trickle(a, b);
      await negotiate(a, b);
      await once(channel, 'open');
      expect(log).toEqual(['open']);
    });
  });

  test('hear of close() afterwards, and of no failure', async () => {
    const pc = new RTCPeerConnection();
    const channel = pc.createDataChannel('x');
    const log = recordEvents(channel);
    await pc.setLocalDescription();
    pc.close();
    expect(channel.readyState).toBe('closed');
    expect(log).toEqual([]);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(log).toEqual(['close']);
  });
});
