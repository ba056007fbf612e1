import { RTCPeerConnection } from '../../lib';
import { connectPair, once, trackStates } from '../support/connect';
import { isKeptAlive } from '../support/fake-addon';

jest.mock('../../lib/binding/load', () =>
  (require('../support/fake-addon') as typeof import('../support/fake-addon')).mockLoad(),
);

describe('histories of a connection (over the addon played in memory)', () => {
  test('offerer and answerer see every event in the order of the Recommendation', async () => {
    const a = new RTCPeerConnection();
    const b = new RTCPeerConnection();
    const historyA = trackStates(a);
    const historyB = trackStates(b);
    const [channelA, channelB] = await connectPair(a, b);
    channelA.send('hello');
    expect((await once<MessageEvent>(channelB, 'message')).data).toBe('hello');
    expect(historyA).toEqual([
      'signaling have-local-offer',
      'gathering gathering',
      'candidate host',
      'candidate end',
      'gathering complete',
      'candidate null',
      'signaling stable',
      'ice checking',
      'connection connecting',
      'ice connected',
      'connection connected',
    ]);
    expect(historyB[0]).toBe('signaling have-remote-offer');
    expect(historyB.filter((each) => /^(signaling|connection|datachannel)/.test(each))).toEqual([
      'signaling have-remote-offer',
      'signaling stable',
      'connection connecting',
      'connection connected',
      'datachannel',
    ]);
    expect(isKeptAlive()).toBe(true);
    a.close();
    b.close();
    expect(isKeptAlive()).toBe(false);
  });
});
