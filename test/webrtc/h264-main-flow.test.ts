import { codecsNamed, closePairs, fakeTrack, seeNumbers, sendTrack } from '../support/media-pair';

afterEach(closePairs);

const isBuilt = codecsNamed('video', 'H264').length > 0;
if (!isBuilt) console.log('skipped: H.264 of the main profile, as this addon is built without H.264');

// Cameras, and gateways in front of them, often offer nothing else; browsers have it.
(isBuilt ? test : test.skip)(
  'pictures come by the main profile alone',
  async () => {
    const main = codecsNamed('video', 'H264').filter(({ sdpFmtpLine }) => sdpFmtpLine!.includes('profile-level-id=4d'));
    expect(main.map(({ sdpFmtpLine }) => /packetization-mode=./.exec(sdpFmtpLine!)![0])).toEqual([
      'packetization-mode=1',
      'packetization-mode=0',
    ]);
    const pair = await sendTrack(await fakeTrack('video'), {
      prepareSender: (_, transceiver) => {
        transceiver.setCodecPreferences(main);
      },
    });
    const { codecs } = pair.sender.getParameters();
    expect(codecs.every(({ sdpFmtpLine }) => sdpFmtpLine!.includes('profile-level-id=4d00'))).toBe(true);
    const numbers = await seeNumbers(pair.receiver.track, 5);
    expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
  },
  30_000,
);
