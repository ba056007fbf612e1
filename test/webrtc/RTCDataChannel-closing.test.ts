import { RTCPeerConnection, type RTCDataChannel } from '../../lib';
import { connectPair, once } from '../support/connect';

jest.mock('../../lib/binding/load', () => require('../support/fake-addon').mockLoad());

function recordEvents(channel: RTCDataChannel): string[] {
  const log: string[] = [];
  for (const type of ['open', 'closing', 'close']) channel.addEventListener(type, () => log.push(type));
  return log;
}

describe('closing of channels (over the addon played in memory)', () => {
  let a: RTCPeerConnection;
  let b: RTCPeerConnection;

  beforeEach(async () => {
    [a, b] = [new RTCPeerConnection(), new RTCPeerConnection()];
    await connectPair(a, b);
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
});
