import { RTCPeerConnection } from '../../lib';
import { connectPair, once } from '../support/connect';

/** simple-peer, PeerJS and others close the channel and then, in the same breath, the connection. */
describe('closing a channel and its connection in one task', () => {
  const open: RTCPeerConnection[] = [];
  const create = (): RTCPeerConnection => {
    const pc = new RTCPeerConnection();
    open.push(pc);
    return pc;
  };
  afterEach(() => {
    for (const pc of open.splice(0)) pc.close();
  });

  test.each([
    ['', {}],
    [' (negotiated)', { negotiated: true, id: 5 }],
  ])('is an orderly end to the peer%s', async (_, options) => {
    const a = create();
    const [channelA, channelB] = await connectPair(a, create(), 'test', options);
    const events: string[] = [];
    channelB.onerror = ({ error }) => events.push(`error ${error.message}`);
    channelB.onclosing = () => events.push('closing');
    const closed = once(channelB, 'close');
    channelA.close();
    a.close();
    await closed;
    expect(events).toEqual(['closing']);
  });

  test('lets what was sent before go out', async () => {
    const a = create();
    const [channelA, channelB] = await connectPair(a, create());
    const message = once<MessageEvent>(channelB, 'message');
    channelA.send('last words');
    channelA.close();
    a.close();
    expect((await message).data).toBe('last words');
  });

  test('an open channel is told that its connection was aborted', async () => {
    const a = create();
    const [, channelB] = await connectPair(a, create());
    const failed = once<{ error: { errorDetail: string; sctpCauseCode: number | null } } & Event>(channelB, 'error');
    const closed = once(channelB, 'close');
    a.close();
    expect((await failed).error).toMatchObject({ errorDetail: 'sctp-failure', sctpCauseCode: 12 });
    await closed;
  });
});
