/** voiceActivityDetection of createOffer() and createAnswer(), as JSEP has it (RFC 9429 sections 5.2.3.2 and 5.3.2). */
import { RTCPeerConnection } from '../../lib';
import { trickle } from '../support/connect';
import { closePairs, codecsNamed, fakeTrack } from '../support/media-pair';

const connections: RTCPeerConnection[] = [];
function connectionOfSound(): RTCPeerConnection {
  const connection = new RTCPeerConnection();
  connections.push(connection);
  return connection;
}

afterEach(() => {
  closePairs();
  for (const connection of connections.splice(0)) connection.close();
});

/** What a description says of silence: whether there is comfort noise, and `usedtx` of Opus. */
function silenceOf({ sdp }: { sdp?: string }) {
  const opus = /a=rtpmap:(\d+) opus\/48000\/2/.exec(sdp!)![1]!;
  return {
    hasComfortNoise: sdp!.includes(' CN/8000'),
    usedtx: new RegExp(`a=fmtp:${opus} .*usedtx=(\\d)`).exec(sdp!)?.[1],
  };
}

async function offerWith(voiceActivityDetection?: boolean) {
  const connection = connectionOfSound();
  connection.addTransceiver('audio');
  return connection.createOffer(voiceActivityDetection === undefined ? {} : { voiceActivityDetection });
}

test.each([
  [undefined, { hasComfortNoise: true, usedtx: undefined }],
  [true, { hasComfortNoise: true, usedtx: '1' }],
  [false, { hasComfortNoise: false, usedtx: '0' }],
])('an offer with voiceActivityDetection: %s', async (given, told) => {
  const offer = await offerWith(given);
  expect(silenceOf(offer)).toEqual(told);
  // Nothing else of Opus is lost.
  expect(offer.sdp).toMatch(/a=fmtp:111 minptime=10;useinbandfec=1/);
});

test.each([
  // The answer has nothing that the offer has not; what the offer has, it decides.
  [true, true, { hasComfortNoise: true, usedtx: '1' }],
  [true, false, { hasComfortNoise: false, usedtx: '0' }],
  [false, true, { hasComfortNoise: false, usedtx: '0' }],
  [undefined, true, { hasComfortNoise: true, usedtx: '0' }],
  [true, undefined, { hasComfortNoise: true, usedtx: undefined }],
])('to an offer with %s an answer with %s', async (offered, answered, told) => {
  const answerer = connectionOfSound();
  await answerer.setRemoteDescription(await offerWith(offered));
  const answer = await answerer.createAnswer(answered === undefined ? {} : { voiceActivityDetection: answered });
  expect(silenceOf(answer)).toEqual(told);
  await answerer.setLocalDescription(answer);
  expect(answerer.signalingState).toBe('stable');
});

describe('a muted microphone', () => {
  /** Packets in so many milliseconds, once they flow. */
  async function packetsOf(codec: string, offered: boolean, answered: boolean): Promise<number> {
    const [a, b] = [connectionOfSound(), connectionOfSound()];
    const track = await fakeTrack('audio');
    track.enabled = false;
    const transceiver = a.addTransceiver(track, { direction: 'sendonly' });
    transceiver.setCodecPreferences([...codecsNamed('audio', codec), ...codecsNamed('audio', 'CN')]);
    trickle(a, b);
    const offer = await a.createOffer({ voiceActivityDetection: offered });
    await Promise.all([a.setLocalDescription(offer), b.setRemoteDescription(offer)]);
    const answer = await b.createAnswer({ voiceActivityDetection: answered });
    await Promise.all([b.setLocalDescription(answer), a.setRemoteDescription(answer)]);
    const sent = async () => {
      const all = [...(await a.getStats()).values()];
      const outbound = all.find(({ type }) => type === 'outbound-rtp') as { packetsSent: number } | undefined;
      return outbound?.packetsSent ?? 0;
    };
    const samplesSent = async () => {
      const all = [...(await a.getStats()).values()];
      const source = all.find(({ type }) => type === 'media-source') as { totalSamplesDuration: number } | undefined;
      return source?.totalSamplesDuration ?? 0;
    };
    const pause = () => new Promise((done) => setTimeout(done, 20));
    // By the clock of the source: how busy the machine is does not matter.
    while ((await sent()) < 3) await pause();
    const begun = (await samplesSent()) + 1; // detectors take their time
    while ((await samplesSent()) < begun) await pause();
    const before = await sent();
    while ((await samplesSent()) < begun + 2) await pause();
    return (await sent()) - before;
  }

  it.each(['opus', 'PCMU'])('of %s is sent seldom where both want that, and else always', async (codec) => {
    const both: [offered: boolean, answered: boolean][] = [
      [true, true],
      [true, false],
      [false, true],
    ];
    const [agreed, ...others] = await Promise.all(both.map((wanted) => packetsOf(codec, ...wanted)));
    // Fifty a second, or a few.
    expect(agreed).toBeLessThan(40);
    for (const packets of others) expect(packets).toBeGreaterThan(80);
  });
});
