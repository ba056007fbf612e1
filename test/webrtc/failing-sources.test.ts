/** Tracks whose source does not start, in the midst of what their senders do. */
import { mkdtempSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { getUserMedia, mediaDevices, type MediaStreamTrack, nonstandard } from '../../lib';
import { createTrack } from '../../lib/mediacapture/MediaStreamTrack';
import { negotiate, once } from '../support/connect';
import { closePairs, fakeTrack, sendTrack } from '../support/media-pair';

const folder = mkdtempSync(path.join(tmpdir(), 'peerwire-failing-'));
const warn = jest.spyOn(process, 'emitWarning').mockReturnValue();
const warnings = () => warn.mock.calls.map(([text]) => String(text));

afterEach(() => {
  closePairs();
  warn.mockClear();
});
afterAll(() => {
  warn.mockRestore();
  rmSync(folder, { recursive: true });
});

/** Of a camera that is a file, which is there no more when the first frame is wanted. */
async function trackOfLostFile(): Promise<MediaStreamTrack> {
  const file = path.join(folder, 'lost.y4m');
  writeFileSync(file, Buffer.concat([Buffer.from('YUV4MPEG2 W2 H2 F30:1 C420jpeg\nFRAME\n'), Buffer.alloc(6)]));
  const disconnect = await nonstandard.connectFile(file, { label: 'Lost Camera' });
  const device = (await mediaDevices.enumerateDevices()).find(({ label }) => label === 'Lost Camera');
  const stream = await getUserMedia({ video: { deviceId: { exact: device!.deviceId } } });
  unlinkSync(file);
  const [track] = stream.getVideoTracks();
  track!.addEventListener('ended', disconnect);
  return track!;
}

describe('a camera that does not start', () => {
  test('replaceTrack() takes its track, which ends; the connection goes on', async () => {
    const { a, b, sender } = await sendTrack(await fakeTrack('video'));
    const track = await trackOfLostFile();
    const ended = once(track, 'ended');
    await sender.replaceTrack(track);
    await ended;
    expect(track.readyState).toBe('ended');
    expect(warnings()).toEqual([expect.stringMatching(/^Lost Camera could not be started: ./)]);
    await sender.setParameters(sender.getParameters());
    await sender.replaceTrack(await fakeTrack('video'));
    await negotiate(a, b);
  });

  test('descriptions are applied with its track, which ends', async () => {
    const track = await trackOfLostFile();
    const ended = once(track, 'ended');
    const { a, b } = await sendTrack(track);
    await ended;
    expect([a.signalingState, b.signalingState]).toEqual(['stable', 'stable']);
  });

  test('a sink of its track: it ends, and so does a clone', async () => {
    const track = await trackOfLostFile();
    const ended = [track, track.clone()].map((each) => once(each, 'ended'));
    new nonstandard.RTCVideoSink(track);
    await Promise.all(ended);
    expect(warnings()).toHaveLength(1);
  });
});

describe('what the engine refuses', () => {
  const refusal = new Error('refused');
  const refused = () =>
    createTrack({
      kind: 'video',
      label: 'refused',
      source: {
        kind: 'video',
        label: 'refused',
        capabilities: () => ({}),
        settings: () => ({}),
        native: () => {
          throw refusal;
        },
        stop: () => undefined,
      },
    });

  test('rejects replaceTrack() and setParameters(), and holds up nothing', async () => {
    const { a, b, sender } = await sendTrack(await fakeTrack('video'));
    await expect(sender.replaceTrack(refused())).rejects.toBe(refusal);
    await expect(sender.setParameters(sender.getParameters())).rejects.toBe(refusal);
    await sender.replaceTrack(null);
    await sender.setParameters(sender.getParameters());
    await negotiate(a, b);
  });
});
