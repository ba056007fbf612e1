import { JsepError } from '../../lib/jsep/jsep-error';
import { AUDIO_LEVEL, CAPABILITIES, MID_EXTENSION } from './capabilities';
import { MediaPeer } from './media-peer';

const CAPTURE_TIME = 'http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time';
const extension = { uri: CAPTURE_TIME, preferredId: 7, direction: 'stopped', widest: 'sendrecv' } as const;
const { audio } = CAPABILITIES;
const capabilities = {
  ...CAPABILITIES,
  audio: { ...audio, headerExtensions: [...audio.headerExtensions, extension] },
};
const own = capabilities.audio.headerExtensions.map(({ uri, direction }) => ({ uri, direction }));

function offerer(): MediaPeer {
  const peer = new MediaPeer('a', { capabilities });
  peer.add('audio', { headerExtensions: own });
  return peer;
}

function errorOf(action: () => unknown): string | null {
  try {
    action();
  } catch (error) {
    if (error instanceof JsepError) return error.name;
    throw error;
  }
  return null;
}

test('an extension may be added to a created offer, and is answered where it is stopped by itself alone', () => {
  const a = offerer();
  const created = a.createOffer();
  expect(created).not.toContain(CAPTURE_TIME);
  const offer = `${created}a=extmap:9 ${CAPTURE_TIME}\r\n`;
  a.setLocal('offer', offer);
  expect(a.session.pendingLocal?.text).toBe(offer);
  const b = new MediaPeer('b', { capabilities });
  b.add('audio', { isFromAddTrack: true, headerExtensions: own, welcomeHeaderExtensions: [CAPTURE_TIME] });
  b.setRemote('offer', offer);
  const answer = b.createAnswer();
  expect(answer).toContain(`a=extmap:9 ${CAPTURE_TIME}\r\n`);
  b.setLocal('answer', answer);
  a.setRemote('answer', answer);
  for (const { session } of [a, b]) {
    const [section] = session.media;
    expect(section?.negotiated?.headerExtensions).toContainEqual({ id: 9, uri: CAPTURE_TIME, direction: 'sendrecv' });
  }
});

test('one that the application has stopped is not answered', () => {
  const a = offerer();
  const b = new MediaPeer('b', { capabilities });
  b.add('audio', { isFromAddTrack: true, headerExtensions: own, welcomeHeaderExtensions: [] });
  b.setRemote('offer', `${a.createOffer()}a=extmap:9 ${CAPTURE_TIME}\r\n`);
  expect(b.createAnswer()).not.toContain(CAPTURE_TIME);
});

test('extensions may be taken out of a created offer', () => {
  const a = offerer();
  const lines = a.createOffer().split('\r\n');
  const offer = lines.filter((line) => !line.endsWith(AUDIO_LEVEL)).join('\r\n');
  expect(offer).toContain(MID_EXTENSION);
  a.setLocal('offer', offer);
  expect(a.session.pendingLocal?.text).toBe(offer);
});

test.each([
  ['another attribute', (offer: string) => `${offer}a=extmap:9 ${CAPTURE_TIME}\r\na=ptime:10\r\n`],
  ['an extension of the session', (offer: string) => offer.replace('m=', `a=extmap:9 ${CAPTURE_TIME}\r\nm=`)],
  ['another order of formats', (offer: string) => offer.replace(/^(m=\S+ \d+ \S+) (\d+) (\d+)/m, '$1 $3 $2')],
  ['what is no description', (offer: string) => `${offer}a=extmap:9\r\nnonsense\r\n`],
  ['nothing', () => ''],
])('%s is refused all the same', (_, rewrite) => {
  const a = offerer();
  const offer = a.createOffer();
  expect(rewrite(offer)).not.toBe(offer);
  expect(errorOf(() => a.setLocal('offer', rewrite(offer)))).toBe('InvalidModificationError');
});
