import { JsepError } from '../../lib/jsep/jsep-error';
import { sourceLayersOf } from '../../lib/jsep/source-layers';
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

/** As libraries do that parse a description and write it: attributes by their names, and what they do not know is lost. */
function writtenAnew(sdp: string): string {
  const parts = sdp.split(/(?=^m=)/m).map((part) => {
    const lines = part.split('\r\n').filter((line) => line !== '');
    const attributes = lines.filter((line) => line.startsWith('a=')).sort();
    return [...lines.filter((line) => !line.startsWith('a=')), ...attributes.reverse(), ''].join('\r\n');
  });
  return parts.join('').replace('a=ice-options:trickle ice2', 'a=ice-options:trickle');
}

test('attributes may be put in another order, in offers and in answers', () => {
  const [a, b] = [offerer(), new MediaPeer('b', { capabilities })];
  const [offer, other] = [a.createOffer(), writtenAnew(a.createOffer())];
  expect(other).not.toBe(offer);
  a.setLocal('offer', other);
  b.setRemote('offer', other);
  const answer = writtenAnew(b.createAnswer());
  b.setLocal('answer', answer);
  a.setRemote('answer', answer);
  expect([a.session.currentLocal?.text, b.session.currentLocal?.text]).toEqual([other, answer]);
});

test('wishes of bandwidth and of Opus may be written into a description, and reach the peer alone', () => {
  const [a, b] = [offerer(), new MediaPeer('b', { capabilities })];
  b.add('audio', { isFromAddTrack: true });
  const offer = a.createOffer();
  a.setLocal('offer', offer);
  b.setRemote('offer', offer);
  const created = b.createAnswer();
  const answer = created.replace(/^c=.*\r\n/m, '$&b=AS:96\r\n').replace(/^a=fmtp:111 /m, '$&stereo=1;');
  expect(answer).toMatch(/b=AS:96[^]*a=fmtp:111 stereo=1;/);
  b.setLocal('answer', answer);
  a.setRemote('answer', answer);
  const opusOf = (peer: MediaPeer) =>
    peer.session.media[0]!.negotiated!.sendCodecs.find(({ payloadType }) => payloadType === 111)!.sdpFmtpLine;
  expect(opusOf(a)).toContain('stereo=1');
  expect(opusOf(b)).not.toContain('stereo=1');
});

test('what livekit-client writes into descriptions is taken: rates of video, nack of Opus', () => {
  const [a, b] = [offerer(), new MediaPeer('b', { capabilities })];
  a.add('video');
  for (const kind of ['audio', 'video'] as const) b.add(kind, { isFromAddTrack: true });
  const created = a.createOffer();
  const offer = created
    .replace(/^a=rtpmap:96 VP8.*\r\n/m, '$&a=fmtp:96 x-google-start-bitrate=700\r\n')
    .replace(/^a=fmtp:98 .*$/m, '$&;x-google-start-bitrate=700');
  expect(offer.match(/x-google/g)).toHaveLength(2);
  a.setLocal('offer', offer);
  expect(a.session.pendingLocal?.text).toBe(offer);
  b.setRemote('offer', offer);
  const answer = b.createAnswer().replace(/^a=rtpmap:111 .*\r\n/m, '$&a=rtcp-fb:111 nack\r\n');
  expect(answer).toContain('a=rtcp-fb:111 nack');
  b.setLocal('answer', answer);
  a.setRemote('answer', answer);
  expect([a.session.signalingState, b.session.currentLocal?.text]).toEqual(['stable', answer]);
});

test('codecs may be taken out and put in another order, with feedback; what is left is negotiated', () => {
  const [a, b] = [new MediaPeer('a'), new MediaPeer('b')];
  const video = a.add('video');
  b.add('video', { isFromAddTrack: true });
  const created = a.createOffer();
  const [, formats = ''] = /^m=video \d+ \S+ (.*)$/m.exec(created)!;
  const [first = '', rtx = '', second = ''] = formats.split(' ');
  expect(created).toContain(`a=fmtp:${rtx} apt=${first}\r\n`);
  const isOfOthers = (line: string) => /^a=(rtpmap|fmtp|rtcp-fb):/.test(line) && !/:(96|98) /.test(line);
  expect([first, second]).toEqual(['96', '98']);
  const offer = created
    .split('\r\n')
    .filter((line) => !isOfOthers(line) && line !== 'a=rtcp-fb:98 transport-cc')
    .join('\r\n')
    .replace(formats, '98 96');
  a.setLocal('offer', offer);
  expect(a.session.pendingLocal?.text).toBe(offer);
  b.setRemote('offer', offer);
  const answer = b.createAnswer();
  expect(answer).toMatch(/^m=video \d+ \S+ 98 96\r$/m);
  b.setLocal('answer', answer);
  a.setRemote('answer', answer);
  const { receiveCodecs, sendCodecs } = a.mediaOf(video)!.negotiated!;
  for (const codecs of [receiveCodecs, sendCodecs]) {
    expect(codecs.map(({ payloadType }) => payloadType)).toEqual([98, 96]);
    expect(codecs[0]!.rtcpFeedback).not.toContain('transport-cc');
    expect(codecs[1]!.rtcpFeedback).toContain('transport-cc');
  }
});

test('a direction may be narrowed, in offers and in answers', () => {
  const [a, b] = [offerer(), new MediaPeer('b', { capabilities })];
  const ours = b.add('audio', { isFromAddTrack: true });
  const [theirs] = a.transceivers;
  const exchange = (offered: string, answered: string) => {
    const offer = a.createOffer().replace('a=sendrecv', `a=${offered}`);
    a.setLocal('offer', offer);
    b.setRemote('offer', offer);
    const answer = b.createAnswer().replace(/a=(sendrecv|recvonly)/, `a=${answered}`);
    b.setLocal('answer', answer);
    a.setRemote('answer', answer);
    return [a.currentDirection(theirs!), b.currentDirection(ours)];
  };
  expect(exchange('sendrecv', 'recvonly')).toEqual(['sendonly', 'recvonly']);
  expect(exchange('sendonly', 'recvonly')).toEqual(['sendonly', 'recvonly']);
  expect(exchange('sendrecv', 'sendonly')).toEqual(['recvonly', 'sendonly']);
  expect(exchange('inactive', 'inactive')).toEqual(['inactive', 'inactive']);
  expect(exchange('sendrecv', 'sendrecv')).toEqual(['sendrecv', 'sendrecv']);
});

test('lengths of packets may be written in, and reach the peer', () => {
  const [a, b] = [offerer(), new MediaPeer('b', { capabilities })];
  const ours = b.add('audio', { isFromAddTrack: true });
  const offer = `${a.createOffer()}a=ptime:10\r\na=maxptime:60\r\na=framerate:25\r\n`;
  a.setLocal('offer', offer);
  b.setRemote('offer', offer);
  const answer = b.createAnswer();
  b.setLocal('answer', answer);
  a.setRemote('answer', answer);
  expect(b.mediaOf(ours)!.negotiated).toMatchObject({ packetTime: 10, maxPacketTime: 60 });
  expect(a.session.media[0]!.negotiated!.packetTime).toBeNull();
});

describe('transports that have not begun', () => {
  const ufrag = 'libp2p+webrtc+v1/0123456789abcdef';
  const withCredentials = (text: string, value: string = ufrag) =>
    text.replace(/^a=ice-ufrag:.*$/gm, `a=ice-ufrag:${value}`).replace(/^a=ice-pwd:.*$/gm, `a=ice-pwd:${value}`);

  test('take credentials that are written in', () => {
    const [a, b] = [offerer(), new MediaPeer('b', { capabilities })];
    a.add('video');
    const offer = withCredentials(a.createOffer());
    expect(a.setLocal('offer', offer)).toContainEqual(
      expect.objectContaining({ kind: 'gather', local: { usernameFragment: ufrag, password: ufrag } }),
    );
    b.setRemote('offer', offer);
    const answer = withCredentials(b.createAnswer(), `b/${ufrag}`);
    b.setLocal('answer', answer);
    a.setRemote('answer', answer);
    expect(b.session.transports).toMatchObject([
      { localIce: { password: `b/${ufrag}` }, remoteIce: { password: ufrag } },
    ]);
    const next = a.createOffer();
    expect(next).toContain(`a=ice-ufrag:${ufrag}\r\n`);
    expect(errorOf(() => a.setLocal('offer', withCredentials(next, 'x'.repeat(24))))).toBe('InvalidModificationError');
    expect(errorOf(() => a.setLocal('offer', next))).toBeNull();
  });

  test('take no credentials that are none, or differ among sections of one', () => {
    const a = offerer();
    a.add('video');
    const offer = a.createOffer();
    const inOne = offer.replace(/^a=ice-ufrag:.*$/m, `a=ice-ufrag:${ufrag}`);
    for (const given of [
      withCredentials(offer, 'abc'),
      withCredentials(offer, 'with space and more than that'),
      inOne,
    ]) {
      expect(errorOf(() => a.setLocal('offer', given))).toBe('InvalidModificationError');
    }
  });

  test('take the role of DTLS, until they have one', () => {
    const [a, b] = [offerer(), new MediaPeer('b', { capabilities })];
    const offer = a.createOffer();
    a.setLocal('offer', offer);
    b.setRemote('offer', offer);
    const answer = b.createAnswer();
    expect(errorOf(() => b.setLocal('answer', answer.replace('a=setup:active', 'a=setup:actpass')))).not.toBeNull();
    b.setLocal('answer', answer.replace('a=setup:active', 'a=setup:passive'));
    a.setRemote('answer', answer.replace('a=setup:active', 'a=setup:passive'));
    expect([a, b].map(({ session }) => session.transports[0]!.dtlsRole)).toEqual(['client', 'server']);
    const again = a.createOffer();
    const given = again.replace('a=setup:actpass', 'a=setup:active');
    expect(errorOf(() => a.setLocal('offer', given))).toBe('InvalidModificationError');
  });
});

test.each([
  ['a fingerprint', (offer: string) => offer.replace(/^(a=fingerprint:\S+ )../m, '$100')],
  ['parameters of another codec', (offer: string) => offer.replace(/^a=rtpmap:0 .*\r\n/m, '$&a=fmtp:0 stereo=1\r\n')],
  ['feedback that nobody gives', (offer: string) => `${offer}a=rtcp-fb:111 nack pli\r\n`],
  ['another attribute', (offer: string) => `${offer}a=extmap:9 ${CAPTURE_TIME}\r\na=rtcp-mux-only\r\n`],
  ['an extension of the session', (offer: string) => offer.replace('m=', `a=extmap:9 ${CAPTURE_TIME}\r\nm=`)],
  ['another format', (offer: string) => offer.replace(/^(m=\S+ \d+ \S+) /m, '$1 77 ')],
  ['a format twice', (offer: string) => offer.replace(/^(m=\S+ \d+ \S+) (\d+)/m, '$1 $2 $2')],
  ['another name of a format', (offer: string) => offer.replace(/^(a=rtpmap:0) PCMU/m, '$1 PCMA')],
  ['another source', (offer: string) => offer.replace(/^a=ssrc:(\d+) /gm, 'a=ssrc:9$1 ')],
  ['what is no description', (offer: string) => `${offer}a=extmap:9\r\nnonsense\r\n`],
  ['nothing', () => ''],
])('%s is refused all the same', (_, rewrite) => {
  const a = offerer();
  const offer = a.createOffer();
  expect(rewrite(offer)).not.toBe(offer);
  expect(errorOf(() => a.setLocal('offer', rewrite(offer)))).toBe('InvalidModificationError');
});

test('receiving may be written in, sending may not', () => {
  for (const [direction, wider, isTaken] of [
    ['sendonly', 'sendrecv', true],
    ['inactive', 'recvonly', true],
    ['recvonly', 'sendrecv', false],
    ['recvonly', 'sendonly', false],
    ['inactive', 'sendonly', false],
  ] as const) {
    const [a, b] = [new MediaPeer('a'), new MediaPeer('b')];
    const ours = a.add('audio', { direction });
    b.add('audio', { isFromAddTrack: true });
    const offer = a.createOffer().replace(`a=${direction}`, `a=${wider}`);
    expect(errorOf(() => a.setLocal('offer', offer))).toBe(isTaken ? null : 'InvalidModificationError');
    if (!isTaken) continue;
    b.setRemote('offer', offer);
    const answer = b.createAnswer();
    b.setLocal('answer', answer);
    a.setRemote('answer', answer);
    expect(a.currentDirection(ours)).toBe(wider);
  }
});

test('an answer is not rewritten to what does not answer the offer', () => {
  const [a, b] = [new MediaPeer('a'), new MediaPeer('b')];
  a.add('audio', { direction: 'recvonly' });
  b.add('audio', { isFromAddTrack: true });
  const offer = a.createOffer();
  a.setLocal('offer', offer);
  b.setRemote('offer', offer);
  const answer = b.createAnswer().replace('a=sendonly', 'a=sendrecv');
  expect(errorOf(() => b.setLocal('answer', answer))).toBe('InvalidModificationError');
});

describe('layers by SSRC (a=ssrc-group:SIM)', () => {
  const videoOfferer = () => {
    const peer = new MediaPeer('a', { capabilities });
    peer.add('video', { ssrcs: [{ ssrc: 11, rtxSsrc: 21 }] });
    return peer;
  };
  const cname = (offer: string) => / cname:(.*)\r\n/.exec(offer)![1]!;
  const sources = (offer: string, ssrcs: readonly number[]) =>
    ssrcs.map((ssrc) => `a=ssrc:${ssrc} cname:${cname(offer)}\r\n`).join('');
  const written = (offer: string, ssrcs: readonly number[], groups: readonly string[]) =>
    offer.replace(/a=ssrc-group:.*\r\n(a=ssrc:.*\r\n)+/, '') +
    groups.map((group) => `a=ssrc-group:${group}\r\n`).join('') +
    sources(offer, ssrcs);

  test.each([
    ['three', [11, 12, 13, 21, 22, 23], ['SIM 11 12 13', 'FID 11 21', 'FID 12 22', 'FID 13 23'], [11, 12, 13]],
    ['two', [11, 12, 21, 22], ['FID 11 21', 'FID 12 22', 'SIM 11 12'], [11, 12]],
    ['all others than ours', [5, 6, 7, 8], ['SIM 5 6', 'FID 5 7', 'FID 6 8'], [5, 6]],
  ])('%s are taken, and told', (_name, ssrcs, groups, layers) => {
    const a = videoOfferer();
    const offer = written(a.createOffer(), ssrcs, groups);
    a.setLocal('offer', offer);
    const told = sourceLayersOf(a.session.pendingLocal!.model.media[0]!);
    expect(told.map(({ ssrc }) => ssrc)).toEqual(layers);
    expect(told.every(({ rtxSsrc }) => rtxSsrc !== null)).toBe(true);
    expect(a.session.pendingLocal?.text).toBe(offer);
  });

  test.each([
    ['four', [11, 12, 13, 14, 21, 22, 23, 24], ['SIM 11 12 13 14', 'FID 11 21', 'FID 12 22', 'FID 13 23', 'FID 14 24']],
    ['one', [11, 21], ['SIM 11', 'FID 11 21']],
    ['one that is not described', [11, 21, 22], ['SIM 11 12', 'FID 11 21', 'FID 12 22']],
    ['one with two uses', [11, 12, 21], ['SIM 11 12', 'FID 11 21', 'FID 12 21']],
    ['one that does not belong to them', [11, 12, 21, 22, 99], ['SIM 11 12', 'FID 11 21', 'FID 12 22']],
    ['no retransmissions of one', [11, 12, 21], ['SIM 11 12', 'FID 11 21']],
    ['another group', [11, 12, 21, 22], ['SIM 11 12', 'FID 11 21', 'FEC-FR 12 22']],
    ['one of another section', [11, 12, 21, 31], ['SIM 11 12', 'FID 11 21', 'FID 12 31']],
  ])('%s is not', (_name, ssrcs, groups) => {
    const a = videoOfferer();
    a.add('audio', { ssrcs: [{ ssrc: 31, rtxSsrc: 32 }] });
    const created = a.createOffer();
    const [, video] = created.split(/(?=^m=)/m);
    const withSources = (...sources: [readonly number[], readonly string[]]) =>
      created.replace(video!, written(video!, ...sources));
    expect(errorOf(() => a.setLocal('offer', withSources(ssrcs, groups)))).toBe('InvalidModificationError');
    // Nothing else was wrong with it.
    a.setLocal('offer', withSources([11, 12, 21, 22], ['SIM 11 12', 'FID 11 21', 'FID 12 22']));
  });

  test('stay in later offers, as they are; sections that send already get none', () => {
    const groups = ['SIM 11 12', 'FID 11 21', 'FID 12 22'];
    const [a, b] = [videoOfferer(), new MediaPeer('b', { capabilities })];
    const offer = written(a.createOffer(), [11, 12, 21, 22], groups);
    a.setLocal('offer', offer);
    // What the W3C layer makes of it.
    const [transceiver] = a.transceivers;
    transceiver!.sendEncodings = [
      { rid: null, isActive: true },
      { rid: null, isActive: true },
    ];
    transceiver!.ssrcs = [
      { ssrc: 11, rtxSsrc: 21 },
      { ssrc: 12, rtxSsrc: 22 },
    ];
    b.setRemote('offer', offer);
    b.setLocal('answer', b.createAnswer());
    a.setRemote('answer', b.session.currentLocal!.text);
    const again = a.createOffer();
    expect(again.match(/(?<=^a=ssrc-group:).*/gm)).toEqual(groups);
    expect(errorOf(() => a.setLocal('offer', again.replace('SIM 11 12', 'SIM 12 11')))).toBe(
      'InvalidModificationError',
    );
    a.setLocal('offer', again);

    const [c, d] = [videoOfferer(), new MediaPeer('d', { capabilities })];
    c.setLocal('offer', c.createOffer());
    d.setRemote('offer', c.session.pendingLocal!.text);
    d.setLocal('answer', d.createAnswer());
    c.setRemote('answer', d.session.currentLocal!.text);
    const late = written(c.createOffer(), [11, 12, 21, 22], groups);
    expect(errorOf(() => c.setLocal('offer', late))).toBe('InvalidModificationError');
  });
});
