import { RTCPeerConnection } from '../../lib';
import type { RTCDataChannel } from '../../lib/webrtc/RTCDataChannel';
import { negotiate, once, trickle } from '../support/connect';

/** Orders of events that packages written for browsers and for wrtc rely on. */
describe('order of events', () => {
  const open: RTCPeerConnection[] = [];
  const create = (): RTCPeerConnection => {
    const pc = new RTCPeerConnection();
    open.push(pc);
    return pc;
  };
  afterEach(() => {
    for (const pc of open.splice(0)) pc.close();
  });

  test('open comes before the datachannel event of the other end, in one thread', async () => {
    for (let round = 0; round < 20; round += 1) {
      const [a, b] = [create(), create()];
      const channel = a.createDataChannel('first');
      const states: string[] = [];
      const announced = once(b, 'datachannel').then(() => states.push(channel.readyState));
      trickle(a, b);
      await negotiate(a, b);
      await announced;
      const second = a.createDataChannel('second');
      await once(b, 'datachannel');
      states.push(second.readyState);
      expect(states).toEqual(['open', 'open']);
      a.close();
      b.close();
    }
  });

  test('a channel closed before it opened is announced, and closed', async () => {
    const [a, b] = [create(), create()];
    a.createDataChannel('first');
    trickle(a, b);
    const announced = once(b, 'datachannel');
    await negotiate(a, b);
    await announced;
    const channel = a.createDataChannel('second');
    const seen = once<{ channel: RTCDataChannel }>(b, 'datachannel');
    channel.close();
    const closed = once(channel, 'close');
    const { channel: other } = await seen;
    expect(other.label).toBe('second');
    await Promise.all([closed, other.readyState === 'closed' || once(other, 'close')]);
  });

  test('no icecandidate before the promise of setLocalDescription() has resolved, and null comes last', async () => {
    const a = create();
    a.createDataChannel('');
    const events: string[] = [];
    a.onicecandidate = ({ candidate }: { candidate: RTCIceCandidate | null }) =>
      events.push(candidate === null ? 'null' : candidate.candidate === '' ? 'end' : 'candidate');
    const complete = new Promise<void>((resolve) => {
      a.onicegatheringstatechange = () => {
        events.push(a.iceGatheringState);
        if (a.iceGatheringState === 'complete') queueMicrotask(resolve);
      };
    });
    await a.setLocalDescription().then(() => events.push('resolved'));
    await complete;
    await new Promise(setImmediate);
    expect(events.slice(0, 2)).toEqual(['resolved', 'gathering']);
    expect(events.slice(2, -3).every((event) => event === 'candidate')).toBe(true);
    expect(events.slice(-3)).toEqual(['end', 'complete', 'null']);
    expect(a.localDescription?.sdp).toContain('a=end-of-candidates');
  });

  test('addIceCandidate() waits behind a pending setRemoteDescription()', async () => {
    const [a, b] = [create(), create()];
    a.createDataChannel('');
    const first = once<{ candidate: RTCIceCandidate }>(a, 'icecandidate');
    await a.setLocalDescription();
    const { candidate } = await first;
    const order: string[] = [];
    await Promise.all([
      b.setRemoteDescription(a.localDescription!).then(() => order.push('description')),
      b.addIceCandidate(candidate).then(() => order.push('candidate')),
    ]);
    expect(order).toEqual(['description', 'candidate']);
  });

  test('messages sent in the open and datachannel handlers arrive, behind open', async () => {
    const [a, b] = [create(), create()];
    const channel = a.createDataChannel('');
    const events: string[] = [];
    channel.onopen = () => {
      channel.send('from open');
    };
    const received = new Promise<void>((resolve) => {
      b.ondatachannel = ({ channel: other }: { channel: RTCDataChannel }) => {
        other.onopen = () => events.push('open');
        other.onmessage = ({ data }) => {
          events.push(data as string);
          resolve();
        };
        other.send('from datachannel');
      };
    });
    const answered = once<MessageEvent>(channel, 'message');
    trickle(a, b);
    await negotiate(a, b);
    await received;
    expect(events).toEqual(['open', 'from open']);
    expect((await answered).data).toBe('from datachannel');
  });

  test('after close() the channels tell it, once each, and nothing else does', async () => {
    const [a, b] = [create(), create()];
    const channel = a.createDataChannel('');
    trickle(a, b);
    const opened = once(channel, 'open');
    await negotiate(a, b);
    await opened;
    const [closing, early] = [a.createDataChannel(''), b.createDataChannel('', { negotiated: true, id: 9 })];
    const events: string[] = [];
    for (const type of ['connectionstatechange', 'iceconnectionstatechange', 'signalingstatechange', 'icecandidate']) {
      a.addEventListener(type, () => events.push(type));
    }
    for (const [name, each] of Object.entries({ channel, closing, early })) {
      for (const type of ['close', 'closing', 'error', 'message']) {
        each.addEventListener(type, () => events.push(`${name} ${type}: ${each.readyState}`));
      }
    }
    closing.close();
    const pending = a.createOffer().then(() => events.push('createOffer'));
    a.close();
    expect([a.connectionState, a.iceConnectionState, a.signalingState, channel.readyState]).toEqual(
      new Array(4).fill('closed'),
    );
    b.close();
    expect(events).toEqual([]);
    await Promise.race([pending, new Promise((resolve) => setTimeout(resolve, 50))]);
    expect(events).toEqual(['channel close: closed', 'closing close: closed', 'early close: closed']);
  });
});
