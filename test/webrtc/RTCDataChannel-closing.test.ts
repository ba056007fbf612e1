import { RTCPeerConnection, type RTCDataChannel } from '../../lib';
import { connectPair, once } from '../support/connect';
import { loseResetAnswers } from '../support/fake-addon';

jest.mock('../../lib/binding/load', () => require('../support/fake-addon').mockLoad());

function recordEvents(channel: RTCDataChannel): string[] {
  const log: string[] = [];
  for (const type of ['open', 'closing', 'close']) channel.addEventListener(type, () => log.push(type));
  channel.addEventListener('message', ({ data }: { data: string }) => log.push(data));
  return log;
}

describe('closing of channels (over the addon played in memory)', () => {
  let a: RTCPeerConnection;
  let b: RTCPeerConnection;
  let channel: RTCDataChannel;
  let atPeer: RTCDataChannel;

  beforeEach(async () => {
    [a, b] = [new RTCPeerConnection(), new RTCPeerConnection()];
    [channel, atPeer] = await connectPair(a, b);
  });

  afterEach(() => {
    a.close();
    b.close();
  });

  test('`close` is fired at a channel that both sides close before its `open`', async () => {
    const first = a.createDataChannel('first');
    first.onopen = () => first.close();
    let log: string[] = [];
    b.ondatachannel = ({ channel: second }: { channel: RTCDataChannel }) => {
      log = recordEvents(second);
      second.close();
    };
    await once(first, 'close');
    // What the other side has to be told is told in turns of the loop.
    for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
    expect(log).toEqual(['close']);
  });

  test('a channel on a stream whose last use has ended at the peer alone is a channel', async () => {
    const { id } = channel;
    let answer = (): void => {};
    // The peer's own reset, which is the second one, is performed without its hearing of it.
    atPeer.onclosing = () => (answer = loseResetAnswers());
    const ended = recordEvents(atPeer);
    channel.close();
    await once(channel, 'close');
    expect(ended).toEqual(['open', 'closing']);

    const next = a.createDataChannel('next');
    expect(next.id).toBe(id);
    const { channel: nextAtPeer } = await once<{ channel: RTCDataChannel }>(b, 'datachannel');
    expect(ended).toEqual(['open', 'closing', 'close']);
    expect(nextAtPeer.label).toBe('next');
    const log = recordEvents(nextAtPeer);
    await once(nextAtPeer, 'open');
    // The answer that was lost ends nothing but what it belongs to.
    answer();
    next.send('hello');
    next.close();
    await once(next, 'close');
    for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
    expect(log).toEqual(['open', 'hello', 'closing', 'close']);
    expect(nextAtPeer.readyState).toBe('closed');
  });
});
