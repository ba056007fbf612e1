/** What a rolled-back offer gives back to media that flows. */
import { once } from '../support/connect';
import { closePairs, fakeTrack, seeNumbers, sendTrack } from '../support/media-pair';

afterEach(closePairs);

/** More than can be on their way already when the offer ends reception. */
const PICTURES = 20;

describe('a rolled-back offer that ends reception gives it back', () => {
  test('when it was the peer’s', async () => {
    const { a, b, receiver } = await sendTrack(await fakeTrack('video'));
    const { track } = receiver;
    if (track.muted) await once(track, 'unmute');
    a.getTransceivers()[0]!.direction = 'inactive';
    await a.setLocalDescription();
    await b.setRemoteDescription(a.localDescription!);
    expect(track.muted).toBe(true);
    const unmuted = once(track, 'unmute');
    await a.setLocalDescription({ type: 'rollback' });
    await b.setRemoteDescription({ type: 'rollback' });
    await unmuted;
    await seeNumbers(track, PICTURES);
    expect(b.getTransceivers()[0]!.currentDirection).toBe('recvonly');
  });

  test('when it was ours', async () => {
    const { b, receiver } = await sendTrack(await fakeTrack('video'));
    const { track } = receiver;
    if (track.muted) await once(track, 'unmute');
    b.getTransceivers()[0]!.direction = 'inactive';
    await b.setLocalDescription();
    await b.setLocalDescription({ type: 'rollback' });
    await seeNumbers(track, PICTURES);
    expect(track.muted).toBe(false);
  });
});
