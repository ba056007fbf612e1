import { isNegotiationNeeded } from '../../lib/jsep/jsep-session';
import { parseSessionDescription } from '../../lib/sdp/parse';
import { CAPABILITIES, MID_EXTENSION, RID_EXTENSION } from './capabilities';
import { exchangeMedia, MediaPeer, valuesOf } from './media-peer';
import { errorOf } from './peer';

const formats = (sdp: string, index = 0): string => parseSessionDescription(sdp).media[index]!.formats.join(' ');
const mlines = (sdp: string): string[] => parseSessionDescription(sdp).media.map(({ kind, port }) => `${kind} ${port}`);
const codec = (mimeType: string) => CAPABILITIES.video.codecs.find((each) => each.mimeType === mimeType)!;

const SESSION = [
  'v=0',
  'o=- 42 2 IN IP4 127.0.0.1',
  's=-',
  't=0 0',
  `a=fingerprint:sha-256 ${'AB:'.repeat(31)}AB`,
  'a=ice-ufrag:ETEn',
  'a=ice-pwd:OtSK0WpNtpUjkY4+86js7Z/l',
  'a=setup:actpass',
];
/** An offer with one section, of these lines. */
function offerOf(mline: string, ...lines: string[]): string {
  return [...SESSION, mline, 'c=IN IP4 0.0.0.0', 'a=mid:x', 'a=rtcp-mux', ...lines, ''].join('\r\n');
}

function answerTo(offer: string, change: (peer: MediaPeer) => void = () => undefined): MediaPeer {
  const peer = new MediaPeer('b');
  peer.setRemote('offer', offer);
  change(peer);
  peer.setLocal('answer');
  return peer;
}

describe('codecs of an answer', () => {
  test.each<[string, string[], string]>([
    ['static payload types without rtpmap', ['m=audio 9 RTP/SAVPF 8 0 18 9'], '8 0 9'],
    ['dynamic ones of the peer', ['m=audio 9 RTP/SAVPF 120', 'a=rtpmap:120 opus/48000/2'], '120'],
    ['names in any case', ['m=audio 9 RTP/SAVPF 120', 'a=rtpmap:120 OPUS/48000/2'], '120'],
    ['below 64', ['m=audio 9 RTP/SAVPF 35', 'a=rtpmap:35 opus/48000/2'], '35'],
    ['not opus of one channel', ['m=audio 9 RTP/SAVPF 120 0', 'a=rtpmap:120 opus/48000'], '0'],
    [
      'telephone-event by clock rate',
      [
        'm=audio 9 RTP/SAVPF 0 101 102 103',
        ...['a=rtpmap:101 telephone-event/8000', 'a=fmtp:101 0-16'],
        ...['a=rtpmap:102 telephone-event/16000', 'a=rtpmap:103 telephone-event/48000'],
      ],
      '0 101 103',
    ],
    [
      'RED that carries what is accepted',
      ['m=audio 9 RTP/SAVPF 63 111', 'a=rtpmap:63 red/48000/2', 'a=fmtp:63 111/111', 'a=rtpmap:111 opus/48000/2'],
      '63 111',
    ],
    [
      'no RED of something else',
      ['m=audio 9 RTP/SAVPF 0 63 8', 'a=rtpmap:63 red/48000/2', 'a=fmtp:63 112/112', 'a=rtpmap:112 x/48000/2'],
      '0 8',
    ],
    [
      'RTX of what is accepted',
      [
        'm=video 9 RTP/SAVPF 100 101 102 103',
        ...['a=rtpmap:100 H265/90000', 'a=rtpmap:101 rtx/90000', 'a=fmtp:101 apt=100'],
        ...['a=rtpmap:102 VP8/90000', 'a=rtpmap:103 rtx/90000', 'a=fmtp:103 apt=102'],
      ],
      '102 103',
    ],
    [
      'duplicates once, with their own RTX',
      [
        'm=video 9 RTP/SAVPF 96 97 98 99',
        ...['a=rtpmap:96 VP8/90000', 'a=rtpmap:97 rtx/90000', 'a=fmtp:97 apt=98'],
        ...['a=rtpmap:98 VP8/90000', 'a=rtpmap:99 rtx/90000', 'a=fmtp:99 apt=96'],
      ],
      '96 99',
    ],
    [
      'VP9 by profile-id, 0 being the default',
      ['m=video 9 RTP/SAVPF 96 97', ...['a=rtpmap:96 VP9/90000', 'a=fmtp:96 profile-id=2', 'a=rtpmap:97 VP9/90000']],
      '97',
    ],
    [
      'AV1 by profile, not by level',
      [
        'm=video 9 RTP/SAVPF 96 97',
        ...['a=rtpmap:96 AV1/90000', 'a=fmtp:96 profile=1', 'a=rtpmap:97 AV1/90000', 'a=fmtp:97 level-idx=9'],
      ],
      '97',
    ],
    [
      'H.264 by profile and packetization-mode',
      [
        'm=video 9 RTP/SAVPF 96 97 98',
        ...['a=rtpmap:96 H264/90000', 'a=fmtp:96 packetization-mode=1;profile-level-id=640032'],
        ...['a=rtpmap:97 H264/90000', 'a=fmtp:97 profile-level-id=42C01E'],
        ...['a=rtpmap:98 H264/90000', 'a=fmtp:98 packetization-mode=1;profile-level-id=4d801f'],
      ],
      '97 98',
    ],
  ])('%s', (_, [mline, ...lines], expected) => {
    const { local } = answerTo(offerOf(mline!, ...lines));
    expect(formats(local)).toBe(expected);
    for (const apt of valuesOf(local, 0, 'fmtp').flatMap((value) => /apt=(.*)/.exec(value)?.[1] ?? [])) {
      expect(formats(local).split(' ')).toContain(apt);
    }
  });

  test.each([
    ['packetization-mode=1;profile-level-id=42e00d', '42e00d'],
    ['level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e00d', '42e01f'],
    ['packetization-mode=1;profile-level-id=42c033', '42c01f'],
    ['level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=4d8033', '4d801f'],
  ])('H.264 offered as %s is answered with profile-level-id %s', (offered, answered) => {
    const { local } = answerTo(offerOf('m=video 9 RTP/SAVPF 96', 'a=rtpmap:96 H264/90000', `a=fmtp:96 ${offered}`));
    expect(valuesOf(local, 0, 'fmtp')).toEqual([
      `96 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=${answered}`,
    ]);
  });

  test('feedback is what both have, also of all payload types at once', () => {
    const { local, session } = answerTo(
      offerOf('m=video 9 RTP/SAVPF 96', 'a=rtpmap:96 VP8/90000', 'a=rtcp-fb:* nack pli', 'a=rtcp-fb:96 ccm tmmbr'),
    );
    expect(valuesOf(local, 0, 'rtcp-fb')).toEqual(['96 nack pli']);
    expect(session.media[0]!.negotiated!.sendCodecs[0]!.rtcpFeedback).toEqual(['nack pli']);
  });

  test('the order is that of the offer, unless preferences say otherwise', () => {
    const [a, b] = [new MediaPeer('a'), new MediaPeer('b')];
    a.add('video', { preferredCodecs: [codec('video/AV1'), codec('video/VP8'), codec('video/rtx')] });
    b.setRemote('offer', a.createOffer());
    expect(formats(b.createAnswer())).toBe('45 46 96 97');
    b.transceivers[0]!.preferredCodecs = [codec('video/VP8'), codec('video/rtx'), codec('video/AV1')];
    expect(formats(b.createAnswer())).toBe('96 97 45 46');
    b.transceivers[0]!.preferredCodecs = [codec('video/VP8')];
    expect(formats(b.createAnswer())).toBe('96');
  });

  test.each([
    ['an unknown codec', ['m=video 9 RTP/SAVPF 96', 'a=rtpmap:96 H265/90000']],
    ['nothing but RTX', ['m=video 9 RTP/SAVPF 97', 'a=rtpmap:97 rtx/90000', 'a=fmtp:97 apt=96']],
    ['nothing but tones', ['m=audio 9 RTP/SAVPF 101', 'a=rtpmap:101 telephone-event/8000']],
    ['an unknown kind', ['m=unicorns 9 RTP/SAVPF 96', 'a=rtpmap:96 VP8/90000']],
    ['an unknown protocol', ['m=video 9 RTSP 96', 'a=rtpmap:96 VP8/90000']],
  ])('%s rejects the section', (_, [mline, ...lines]) => {
    const { local, session } = answerTo(offerOf(mline!, ...lines));
    expect(parseSessionDescription(local).media[0]).toMatchObject({ port: 0 });
    expect(formats(local)).toBe(mline!.split(' ').slice(3).join(' '));
    expect(local).not.toContain('a=group');
    expect(session.media).toEqual([]);
    expect(session.transports).toEqual([]);
  });
});

describe('what is negotiated', () => {
  test('has the peer’s parameters for sending, and ours for receiving', () => {
    const offer = offerOf('m=video 9 RTP/SAVPF 100', 'a=rtpmap:100 VP8/90000', 'a=fmtp:100 max-fr=30;max-fs=3600');
    const { negotiated } = answerTo(offer).session.media[0]!;
    expect(negotiated!.sendCodecs[0]).toMatchObject({ payloadType: 100, sdpFmtpLine: 'max-fr=30;max-fs=3600' });
    expect(negotiated!.receiveCodecs[0]).not.toHaveProperty('sdpFmtpLine');
  });

  test('a codec that only the answer brings can be sent', () => {
    const [a, b] = [new MediaPeer('a'), new MediaPeer('b')];
    a.add('video', { preferredCodecs: [codec('video/VP8')] });
    a.setLocal('offer');
    b.setRemote('offer', a.local);
    b.setLocal('answer');
    const answer = b.local.replace(' 96\r\n', ' 63\r\n').replace('a=rtpmap:96 VP8', 'a=rtpmap:63 AV1');
    a.setRemote('answer', answer);
    expect(a.session.media[0]!.negotiated).toMatchObject({
      sendCodecs: [{ mimeType: 'video/AV1', payloadType: 63 }],
      receiveCodecs: [],
    });
  });

  test('an answer without a known codec is refused', () => {
    const [a, b] = [new MediaPeer('a'), new MediaPeer('b')];
    a.add('video');
    a.setLocal('offer');
    b.setRemote('offer', a.local);
    b.setLocal('answer');
    const { session } = a;
    expect(errorOf(() => a.setRemote('answer', b.local.replace(/a=rtpmap.*\r\n/g, '')))).toBe('InvalidAccessError');
    expect(a.session).toBe(session);
  });

  test.each([
    ['b=TIAS:500000', 500000],
    ['b=AS:100', 79000],
    ['b=AS:1', 0],
    ['b=AS:100\r\nb=TIAS:64000', 64000],
    ['b=CT:100', null],
    ['b=TIAS:abc\r\nb=AS:', null],
    ['b=AS:100 \r\nb=TIAS:1 2', 79000],
  ])('%s limits us to %s', (line, expected) => {
    const offer = offerOf('m=audio 9 RTP/SAVPF 0').replace('c=IN IP4 0.0.0.0', `c=IN IP4 0.0.0.0\r\n${line}`);
    expect(answerTo(offer).session.media[0]!.negotiated!.maxBitrate).toBe(expected);
  });

  test.each([true, false])('reduced-size RTCP needs both (%s)', (isOffered) => {
    const { local, session } = answerTo(offerOf('m=audio 9 RTP/SAVPF 0', ...(isOffered ? ['a=rtcp-rsize'] : [])));
    expect(local.includes('a=rtcp-rsize')).toBe(isOffered);
    expect(session.media[0]!.negotiated!.reducedSizeRtcp).toBe(isOffered);
  });

  test.each([
    [[], false],
    [['a=rtcp-xr:rcvr-rtt=all'], true],
    [['a=rtcp-xr:pkt-loss-rle=100 rcvr-rtt=sender:1200 voip-metrics'], true],
    [['a=rtcp-xr:stat-summary=loss,dup', 'a=rtcp-xr:rcvr-rtt=all:40'], true],
    [['a=rtcp-xr:rcvr-rtt=none xrcvr-rtt=all rcvr-rtt'], false],
    [['a=rtcp-xr'], false],
  ])('round trips of receivers are answered where they are offered: %j', (lines, isAnswered) => {
    const { local } = answerTo(offerOf('m=audio 9 RTP/SAVPF 0', ...lines));
    expect(local.includes('a=rtcp-xr:rcvr-rtt=all')).toBe(isAnswered);
  });

  test('tells of the peer’s sources', () => {
    const sources = ['a=ssrc-group:FID 1 2', 'a=ssrc:1 cname:c', 'a=ssrc:1 msid:s t', 'a=ssrc:2 cname:c', 'a=ssrc:3 x'];
    const { negotiated } = answerTo(offerOf('m=audio 9 RTP/SAVPF 0', ...sources)).session.media[0]!;
    expect(negotiated!.remoteSsrcs).toEqual([
      { ssrc: 1, cname: 'c' },
      { ssrc: 2, cname: 'c' },
      { ssrc: 3, cname: null },
    ]);
    expect(negotiated!.remoteSsrcGroups).toEqual([{ semantics: 'FID', ssrcs: [1, 2] }]);
  });
});

describe('directions', () => {
  const all = ['sendrecv', 'sendonly', 'recvonly', 'inactive'] as const;
  const expected = {
    sendrecv: { sendrecv: 'sendrecv', sendonly: 'sendonly', recvonly: 'recvonly', inactive: 'inactive' },
    sendonly: { sendrecv: 'recvonly', sendonly: 'inactive', recvonly: 'recvonly', inactive: 'inactive' },
    recvonly: { sendrecv: 'sendonly', sendonly: 'sendonly', recvonly: 'inactive', inactive: 'inactive' },
    inactive: { sendrecv: 'inactive', sendonly: 'inactive', recvonly: 'inactive', inactive: 'inactive' },
  };
  test.each(all.flatMap((offered) => all.map((wanted) => [offered, wanted] as const)))(
    'offered %s and wanted %s',
    (offered, wanted) => {
      const [a, b] = [new MediaPeer('a'), new MediaPeer('b')];
      const ours = a.add('audio', { direction: offered });
      a.setLocal('offer');
      b.setRemote('offer', a.local);
      const [theirs] = b.transceivers;
      expect(theirs!.direction).toBe('recvonly');
      theirs!.direction = wanted;
      b.setLocal('answer');
      a.setRemote('answer', b.local);
      const answer = expected[offered][wanted];
      expect(b.local).toContain(`a=${answer}\r\n`);
      expect(b.currentDirection(theirs!)).toBe(answer);
      const mirrored = answer === 'sendonly' ? 'recvonly' : answer === 'recvonly' ? 'sendonly' : answer;
      expect(a.currentDirection(ours)).toBe(mirrored);
      // The answer tells its streams although nobody wants them, or both sides would ask in turns, for ever.
      expect(b.local.includes('a=msid:')).toBe(wanted.startsWith('send'));
      expect([a, b].map(({ needsNegotiation }) => needsNegotiation)).toEqual([false, false]);
    },
  );
});

describe('header extensions of an answer', () => {
  const answered = (...extmaps: string[]): string[] =>
    valuesOf(
      answerTo(offerOf('m=video 9 RTP/SAVPF 96', 'a=rtpmap:96 VP8/90000', ...extmaps.map((each) => `a=extmap:${each}`)))
        .local,
      0,
      'extmap',
    );

  test('are those of the offer that we have, under its identifiers', () => {
    expect(answered(`3 ${MID_EXTENSION}`, '1 urn:nobody', `200 ${RID_EXTENSION}`)).toEqual([
      `3 ${MID_EXTENSION}`,
      `200 ${RID_EXTENSION}`,
    ]);
  });

  test('have the direction that is left', () => {
    expect(answered(`3/sendonly ${MID_EXTENSION}`)).toEqual([`3/recvonly ${MID_EXTENSION}`]);
    expect(answered(`3/inactive ${MID_EXTENSION}`)).toEqual([]);
  });

  test('get a free number for a placeholder (RFC 8285 section 6)', () => {
    expect(answered('1 urn:nobody', `4096 ${MID_EXTENSION}`)).toEqual([`2 ${MID_EXTENSION}`]);
    expect(answered(`4096 ${MID_EXTENSION}`, `5 ${MID_EXTENSION}`)).toEqual([`5 ${MID_EXTENSION}`]);
  });

  test('an answer that gives them other identifiers is refused', () => {
    const [a, b] = [new MediaPeer('a'), new MediaPeer('b')];
    a.add('video');
    a.setLocal('offer');
    b.setRemote('offer', a.local);
    b.setLocal('answer');
    const bent = b.local.replace(`extmap:4 ${MID_EXTENSION}`, `extmap:5 ${MID_EXTENSION}`);
    expect(errorOf(() => a.setRemote('answer', bent))).toBe('InvalidAccessError');
  });

  test('extmap-allow-mixed is answered where it was offered', () => {
    const own = answerTo(offerOf('m=audio 9 RTP/SAVPF 0', 'a=extmap-allow-mixed')).local;
    expect(own.split('m=audio')[0]).not.toContain('extmap-allow-mixed');
    expect(own.split('m=audio')[1]).toContain('extmap-allow-mixed');
    expect(answerTo(offerOf('m=audio 9 RTP/SAVPF 0')).local).not.toContain('extmap-allow-mixed');
  });
});

describe('simulcast', () => {
  const wanting = (simulcast: string, ...rids: string[]): string =>
    offerOf(
      'm=video 9 RTP/SAVPF 96',
      'a=rtpmap:96 VP8/90000',
      'a=recvonly',
      ...rids.map((rid) => `a=rid:${rid} recv`),
      `a=simulcast:${simulcast}`,
    );
  const answerWith = (offer: string, rids: (string | null)[]): MediaPeer =>
    answerTo(offer, (peer) => {
      const [transceiver] = peer.transceivers;
      transceiver!.direction = 'sendonly';
      transceiver!.sendEncodings = rids.map((rid) => ({ rid, isActive: true }));
    });

  test('that the peer wants is answered with the layers that we have, in our order', () => {
    const { local, session } = answerWith(wanting('recv c;b;a', 'a', 'b', 'c'), ['a', 'b']);
    expect(valuesOf(local, 0, 'simulcast')).toEqual(['send a;b']);
    expect(valuesOf(local, 0, 'rid')).toEqual(['a send', 'b send']);
    expect(local).not.toContain('a=ssrc');
    expect(session.media[0]!.negotiated!.sendRids).toEqual([
      { rid: 'b', isPaused: false },
      { rid: 'a', isPaused: false },
    ]);
  });

  test('that names a rid whose line is malformed has the other layers', () => {
    const offer = wanting('recv a;b;c', 'a', 'b').replace('a=simulcast', 'a=rid:c foo\r\na=simulcast');
    expect(valuesOf(answerWith(offer, ['a', 'b', 'c']).local, 0, 'simulcast')).toEqual(['send a;b']);
  });

  test('of one stream without rid is none', () => {
    const { local, session } = answerWith(wanting('recv a;b', 'a', 'b'), [null]);
    expect(local).not.toContain('simulcast');
    expect(local).toContain('a=ssrc');
    expect(session.media[0]!.negotiated!.sendRids).toBeNull();
  });

  test('offers tell of the layers: of alternatives the first, each once, and only with a=rid', () => {
    const peer = new MediaPeer('b');
    const layers: unknown[] = [];
    Object.defineProperty(peer, 'applied', {
      value: ({ media }: { media: { offeredReceiveRids: unknown }[] }) => layers.push(media[0]!.offeredReceiveRids),
    });
    peer.setRemote('offer', wanting('recv a,b;~c;a;d', 'a', 'b', 'c'));
    expect(layers).toEqual([
      [
        { rid: 'a', isPaused: false },
        { rid: 'c', isPaused: true },
      ],
    ]);
  });

  test('that we offer is narrowed by the answer, which may pause layers', () => {
    const a = new MediaPeer('a');
    a.add('video', { sendEncodings: ['q', 'h', 'f'].map((rid) => ({ rid, isActive: true })) });
    a.setLocal('offer');
    const b = new MediaPeer('b', { receivesSimulcast: true });
    b.setRemote('offer', a.local);
    b.setLocal('answer');
    expect(valuesOf(b.local, 0, 'simulcast')).toEqual(['recv q;h;f']);
    expect(b.session.media[0]!.negotiated!.receiveRids).toEqual(['q', 'h', 'f']);
    a.setRemote('answer', b.local.replace('recv q;h;f', 'recv f;~q;x'));
    expect(a.session.media[0]!.negotiated!.sendRids).toEqual([
      { rid: 'f', isPaused: false },
      { rid: 'q', isPaused: true },
    ]);
  });

  test('is not received unless that is asked for', () => {
    const [a, b] = [new MediaPeer('a'), new MediaPeer('b')];
    a.add('video', { sendEncodings: ['h', 'l'].map((rid) => ({ rid, isActive: true })) });
    exchangeMedia(a, b);
    expect(b.local).not.toMatch(/a=(?:rid|simulcast)/);
    expect(a.session.media[0]!.negotiated!.sendRids).toBeNull();
  });
});

describe('transceivers of a remote offer', () => {
  test('are those of addTrack() that nothing is associated with, in order, and else new ones', () => {
    const [a, b] = [new MediaPeer('a'), new MediaPeer('b')];
    for (const kind of ['audio', 'video', 'audio', 'video'] as const) a.add(kind);
    b.add('audio');
    const second = b.add('audio', { isFromAddTrack: true });
    const third = b.add('video', { isFromAddTrack: true, isStopping: true });
    b.setRemote('offer', a.createOffer());
    expect(b.session.media.map(({ transceiverId }) => transceiverId)).toEqual([
      second.id,
      'remote-0',
      'remote-1',
      'remote-2',
    ]);
    expect(b.mediaOf(third)).toBeUndefined();
    // A repeated offer finds them again; after a rollback new ones are made.
    b.setRemote('offer', a.createOffer());
    expect(b.transceivers).toHaveLength(6);
    b.rollback('remote');
    expect(b.transceivers).toHaveLength(3);
    expect(b.session.media).toEqual([]);
    b.setRemote('offer', a.createOffer());
    expect(b.session.media.map(({ transceiverId }) => transceiverId)).toEqual([
      second.id,
      'remote-3',
      'remote-4',
      'remote-5',
    ]);
  });

  test('are new ones for sections in which the peer receives nothing', () => {
    const [a, b] = [new MediaPeer('a'), new MediaPeer('b')];
    a.add('audio', { direction: 'sendonly' });
    b.add('audio', { isFromAddTrack: true });
    b.setRemote('offer', a.createOffer());
    expect(b.session.media[0]!.transceiverId).toBe('remote-0');
  });

  test('are none for rejected sections', () => {
    const peer = answerTo(offerOf('m=video 0 RTP/SAVPF 96', 'a=rtpmap:96 VP8/90000'));
    expect(peer.transceivers).toEqual([]);
    peer.add('audio');
    expect(mlines(peer.createOffer())).toEqual(['audio 9']);
  });

  test('stop when the peer rejects their section, in an offer or an answer', () => {
    const [a, b] = [new MediaPeer('a'), new MediaPeer('b')];
    a.add('audio');
    a.add('video');
    a.setLocal('offer');
    b.setRemote('offer', a.local);
    // "A transceiver that is stopping, but not stopped, will not affect createAnswer."
    b.stop(b.transceivers[0]!);
    b.setLocal('answer');
    expect(mlines(b.local)).toEqual(['audio 9', 'video 9']);
    a.setRemote('answer', b.local);
    expect([a, b].map(({ needsNegotiation }) => needsNegotiation)).toEqual([false, true]);
    b.setLocal('offer');
    expect(mlines(b.local)).toEqual(['audio 0', 'video 9']);
    a.setRemote('offer', b.local);
    a.setLocal('answer');
    b.setRemote('answer', a.local);
    expect([a, b].map(({ transceivers }) => transceivers.map(({ kind }) => kind))).toEqual([['video'], ['video']]);
    expect([a, b].map(({ needsNegotiation }) => needsNegotiation)).toEqual([false, false]);
  });
});

describe('streams of a remote offer', () => {
  const streamsOf = (...lines: string[]): unknown => {
    const peer = new MediaPeer('b');
    let found: unknown;
    Object.defineProperty(peer, 'applied', {
      value: ({ media }: { media: { remoteStreamIds: unknown; remoteTrackId: unknown }[] }) => {
        found = [media[0]!.remoteStreamIds, media[0]!.remoteTrackId];
      },
    });
    peer.setRemote('offer', offerOf('m=audio 9 RTP/SAVPF 0', ...lines));
    return found;
  };
  test.each([
    [['a=msid:- track'], [[], 'track']],
    [['a=msid:foo bar'], [['foo'], 'bar']],
    [['a=msid:foo'], [['foo'], null]],
    [
      ['a=msid:foo bar', 'a=msid:baz bar'],
      [['foo', 'baz'], 'bar'],
    ],
    [
      ['a=ssrc:1 msid:foo bar', 'a=ssrc:2 msid:foo bar'],
      [['foo'], 'bar'],
    ],
    [[], [['default-42'], null]],
  ])('%j', (lines, expected) => {
    expect(streamsOf(...lines)).toEqual(expected);
  });
});

test('a track in two sections is refused', () => {
  const [a, b] = [new MediaPeer('a'), new MediaPeer('b')];
  a.add('audio', { trackId: 'track' });
  const second = a.add('video', { trackId: 'track' });
  expect(errorOf(() => b.setRemote('offer', a.createOffer()))).toBe('OperationError');
  second.streamIds = ['another'];
  expect(errorOf(() => b.setRemote('offer', a.createOffer()))).toBe('nothing');
});

describe('max-bundle', () => {
  test('answers an offer that bundles nothing with its first usable section', () => {
    const [a, b] = [
      new MediaPeer('a', { bundlePolicy: 'max-compat' }),
      new MediaPeer('b', { bundlePolicy: 'max-bundle' }),
    ];
    a.add('audio');
    a.add('video');
    b.setRemote('offer', a.createOffer().replace(/a=group.*\r\n/, ''));
    b.setLocal('answer');
    expect(mlines(b.local)).toEqual(['audio 9', 'video 0']);
    expect(b.transceivers.map(({ kind }) => kind)).toEqual(['audio']);
  });
});

describe('numbers within a BUNDLE group', () => {
  const twoSections = (group: boolean, video: string): string =>
    [
      ...SESSION,
      ...(group ? ['a=group:BUNDLE a v'] : []),
      ...['m=audio 9 RTP/SAVPF 100', 'a=mid:a', 'a=rtcp-mux', 'a=rtpmap:100 opus/48000/2', 'a=extmap:1 urn:a'],
      ...['m=video 9 RTP/SAVPF 101', 'a=mid:v', 'a=rtcp-mux', 'a=rtpmap:101 VP8/90000', 'a=extmap:2 urn:v', ''],
    ]
      .join('\r\n')
      .replace(/101|extmap:2/g, (each) => (each === video.split(' ')[0] ? video.split(' ')[1]! : each));
  test.each([
    [true, 'none none', 'nothing'],
    [true, '101 100', 'nothing'],
    [false, '101 100', 'nothing'],
    [true, 'extmap:2 extmap:1', 'InvalidAccessError'],
    [false, 'extmap:2 extmap:1', 'nothing'],
  ])('bundled: %s, %s: %s', (group, bend, expected) => {
    expect(errorOf(() => new MediaPeer('b').setRemote('offer', twoSections(group, bend)))).toBe(expected);
  });

  // Firefox offers such, when its own section comes behind one that it has answered.
  test('may differ between sections of video, but not in an offer of ours', () => {
    const peer = new MediaPeer('b');
    const [audio, video] = twoSections(true, 'none none').split(/(?=m=video)/);
    const second = video!.replace('a=mid:v', 'a=mid:w').replace('101 VP8', '101 VP9');
    peer.setRemote('offer', `${audio!.replace('BUNDLE a v', 'BUNDLE a v w')}${video}${second}`);
    peer.setLocal('answer');
    expect(valuesOf(peer.local, 1, 'rtpmap')).toEqual(['101 VP8/90000']);
    expect(valuesOf(peer.local, 2, 'rtpmap')).toEqual(['101 VP9/90000']);
    // An offer of ours tells them apart again.
    const meanings = [1, 2].flatMap((index) => valuesOf(peer.createOffer(), index, 'rtpmap'));
    expect(new Set(meanings.filter((each) => each.startsWith('101 '))).size).toBe(1);
  });

  test('may differ without one; an offer of ours that bundles tells them apart', () => {
    const peer = answerTo(twoSections(false, '101 100'));
    expect([formats(peer.local, 0), formats(peer.local, 1)]).toEqual(['100', '100']);
    const offer = peer.createOffer();
    expect(formats(offer, 0).split(' ')).toContain('100');
    expect(valuesOf(offer, 0, 'rtpmap')).toContain('100 opus/48000/2');
    expect(valuesOf(offer, 1, 'rtpmap')).toContain('96 VP8/90000');
  });
});

describe('isNegotiationNeeded()', () => {
  test('follows streams, directions and stopping', () => {
    const [a, b] = [new MediaPeer('a'), new MediaPeer('b')];
    expect(a.needsNegotiation).toBe(false);
    const transceiver = a.add('audio', { streamIds: ['x'] });
    expect(a.needsNegotiation).toBe(true);
    exchangeMedia(a, b);
    expect([a.needsNegotiation, b.needsNegotiation]).toEqual([false, false]);
    for (const change of [
      { streamIds: ['y'] },
      { streamIds: [] },
      { direction: 'recvonly' },
      { isStopping: true },
      { isStopping: true, isStopped: true },
    ] as const) {
      const views = [{ ...transceiver, ...change }];
      expect(isNegotiationNeeded(a.session, { transceivers: views })).toBe(true);
    }
    // The peer answered recvonly: to want to send only is no news.
    expect(isNegotiationNeeded(a.session, { transceivers: [{ ...transceiver, direction: 'sendonly' }] })).toBe(false);
    b.transceivers[0]!.direction = 'sendrecv';
    expect(b.needsNegotiation).toBe(true);
    b.transceivers[0]!.direction = 'recvonly';
    expect(b.needsNegotiation).toBe(false);
  });
});

test('a section in use does not leave its BUNDLE group; one that is rejected may', () => {
  const [a, b] = [new MediaPeer('a'), new MediaPeer('b')];
  a.add('audio');
  a.add('video');
  exchangeMedia(a, b);
  a.setLocal('offer');
  const offer = a.local;
  const parted = offer.replace('a=group:BUNDLE 0 1', 'a=group:BUNDLE 0');
  expect(parted).not.toBe(offer);
  const unbundled = offer.replace(/a=group:BUNDLE.*\r\n/, '');
  for (const sdp of [parted, unbundled]) expect(errorOf(() => b.setRemote('offer', sdp))).toBe('InvalidAccessError');
  expect(b.session.signalingState).toBe('stable');
  expect(errorOf(() => b.setRemote('offer', parted.replace('m=video 9', 'm=video 0')))).toBe('nothing');
});
