import { lastCreated } from '../../lib/jsep/jsep-session';
import { parseSessionDescription } from '../../lib/sdp/parse';
import { AUDIO_LEVEL, CAPABILITIES, MID_EXTENSION } from './capabilities';
import { exchangeMedia, linesOf, MediaPeer, valuesOf } from './media-peer';
import { errorOf } from './peer';

const CODEC = (mimeType: string) =>
  [...CAPABILITIES.audio.codecs, ...CAPABILITIES.video.codecs].find((codec) => codec.mimeType === mimeType)!;

function formatsOf(sdp: string): string[] {
  return parseSessionDescription(sdp).media.map(({ formats }) => formats.join(' '));
}
const mlines = (sdp: string): string[] => parseSessionDescription(sdp).media.map(({ kind, port }) => `${kind} ${port}`);
const midsOf = (sdp: string): (string | null | undefined)[] =>
  parseSessionDescription(sdp).media.map(({ attributes }) => attributes.find(({ name }) => name === 'mid')?.value);
const groupOf = (sdp: string): string | undefined => /a=group:BUNDLE (.*)\r/.exec(sdp)?.[1];

describe('an initial offer', () => {
  test('of one audio transceiver has the form of RFC 9429 section 5.2.1', () => {
    const a = new MediaPeer('a');
    a.add('audio', { streamIds: ['stream'] });
    const sdp = a.createOffer();
    expect(linesOf(sdp, -1)).toEqual([
      'v=0',
      'o=- 4611686018427387904 1 IN IP4 127.0.0.1',
      's=-',
      't=0 0',
      'a=group:BUNDLE 0',
      'a=extmap-allow-mixed',
      'a=msid-semantic: WMS *',
      'a=ice-options:trickle ice2',
    ]);
    expect(linesOf(sdp, 0)).toEqual([
      'm=audio 9 UDP/TLS/RTP/SAVPF 111 63 9 0 8 110 126',
      'c=IN IP4 0.0.0.0',
      'a=mid:0',
      'a=rtcp:9 IN IP4 0.0.0.0',
      'a=ice-ufrag:a0001',
      'a=ice-pwd:a0001password0123456789abc',
      `a=fingerprint:sha-256 ${a.fingerprint}`,
      'a=setup:actpass',
      `a=extmap:1 ${AUDIO_LEVEL}`,
      `a=extmap:4 ${MID_EXTENSION}`,
      'a=sendrecv',
      'a=msid:stream a-local-1',
      'a=rtcp-mux',
      'a=rtcp-rsize',
      'a=rtcp-xr:rcvr-rtt=all',
      'a=rtpmap:111 opus/48000/2',
      'a=rtcp-fb:111 transport-cc',
      'a=fmtp:111 minptime=10;useinbandfec=1',
      'a=rtpmap:63 red/48000/2',
      'a=fmtp:63 111/111',
      'a=rtpmap:9 G722/8000',
      'a=rtpmap:0 PCMU/8000',
      'a=rtpmap:8 PCMA/8000',
      'a=rtpmap:110 telephone-event/48000',
      'a=rtpmap:126 telephone-event/8000',
      'a=ssrc:1002 cname:a',
      'a=ssrc:1002 msid:stream a-local-1',
    ]);
  });

  test('puts transceivers in their order, and data behind them', () => {
    const a = new MediaPeer('a');
    a.hasDataChannels = true;
    a.add('video');
    a.add('audio');
    expect(mlines(a.createOffer())).toEqual(['video 9', 'audio 9', 'application 9']);
    expect(groupOf(a.createOffer())).toBe('0 1 2');
  });

  test.each(['balanced', 'max-bundle'] as const)('puts data first where it is always offered (%s)', (bundlePolicy) => {
    const a = new MediaPeer('a', { bundlePolicy, alwaysOffersData: true });
    expect(a.needsNegotiation).toBe(false);
    a.add('audio');
    a.add('audio');
    const sdp = a.createOffer();
    expect(mlines(sdp)).toEqual(['application 9', bundlePolicy === 'balanced' ? 'audio 9' : 'audio 0', 'audio 0']);
    expect(groupOf(sdp)).toBe('0 1 2');
  });

  test('tells of RTX beside each video codec, with a=ssrc-group', () => {
    const a = new MediaPeer('a');
    a.add('video');
    const sdp = a.createOffer();
    expect(formatsOf(sdp)).toEqual(['96 97 98 99 106 107 108 109 45 46']);
    expect(valuesOf(sdp, 0, 'fmtp')).toEqual(expect.arrayContaining(['97 apt=96', '99 apt=98', '46 apt=45']));
    expect(valuesOf(sdp, 0, 'ssrc-group')).toEqual(['FID 1002 1003']);
    expect(valuesOf(sdp, 0, 'ssrc')).toContain('1003 cname:a');
  });

  test.each([
    [[], ['- a-local-1']],
    [['x'], ['x a-local-1']],
    [
      ['x', 'y', 'x'],
      ['x a-local-1', 'y a-local-1'],
    ],
  ])('streams %j are a=msid %j', (streamIds, expected) => {
    const a = new MediaPeer('a');
    a.add('audio', { streamIds });
    expect(valuesOf(a.createOffer(), 0, 'msid')).toEqual(expected);
  });

  test.each(['recvonly', 'inactive'] as const)('%s tells of no stream', (direction) => {
    const a = new MediaPeer('a');
    a.add('video', { direction });
    const sdp = a.createOffer();
    expect(sdp).toContain(`a=${direction}\r\n`);
    expect(sdp).not.toMatch(/a=(?:msid|ssrc|ssrc-group):/);
  });

  test('goes on telling of sources that have been sent from, in no stream', () => {
    const a = new MediaPeer('a');
    a.add('video', { direction: 'recvonly', hasSent: true });
    const sdp = a.createOffer();
    expect(valuesOf(sdp, 0, 'ssrc-group')).toEqual(['FID 1002 1003']);
    expect(valuesOf(sdp, 0, 'ssrc')).toEqual(['1002 cname:a', '1003 cname:a']);
    expect(sdp).not.toContain('a=msid:');
  });

  test('leaves stopped transceivers out', () => {
    const a = new MediaPeer('a');
    a.stop(a.add('audio'));
    a.add('video', { isStopped: true, isStopping: true });
    expect(mlines(a.createOffer())).toEqual([]);
  });

  test('tells of simulcast by rid, without a=ssrc; paused layers look like others', () => {
    const a = new MediaPeer('a');
    a.add('video', { sendEncodings: ['q', 'h', 'f'].map((rid) => ({ rid, isActive: rid !== 'h' })) });
    const sdp = a.createOffer();
    expect(valuesOf(sdp, 0, 'rid')).toEqual(['q send', 'h send', 'f send']);
    expect(valuesOf(sdp, 0, 'simulcast')).toEqual(['send q;h;f']);
    expect(sdp).not.toContain('a=ssrc');
  });

  test('writes all fingerprints', () => {
    const a = new MediaPeer('a');
    a.add('audio');
    const parameters = a.parameters.bind(a);
    a.parameters = () => {
      const { fingerprints, ...rest } = parameters();
      return { ...rest, fingerprints: [...fingerprints, { algorithm: 'sha-512', value: 'AA:'.repeat(63) + 'AA' }] };
    };
    expect(valuesOf(a.createOffer(), 0, 'fingerprint')).toHaveLength(2);
  });
});

describe('codec preferences', () => {
  test('order and remove, RTX following what it retransmits', () => {
    const a = new MediaPeer('a');
    const transceiver = a.add('video');
    transceiver.preferredCodecs = [CODEC('video/rtx'), CODEC('video/AV1'), CODEC('video/VP8')];
    expect(formatsOf(a.createOffer())).toEqual(['45 46 96 97']);
    transceiver.preferredCodecs = [CODEC('video/VP9')];
    expect(formatsOf(a.createOffer())).toEqual(['98']);
  });

  test('RED goes with what it carries', () => {
    const a = new MediaPeer('a');
    const transceiver = a.add('audio');
    transceiver.preferredCodecs = [CODEC('audio/red'), CODEC('audio/opus')];
    expect(formatsOf(a.createOffer())).toEqual(['63 111']);
    transceiver.preferredCodecs = [CODEC('audio/red'), CODEC('audio/PCMU')];
    expect(formatsOf(a.createOffer())).toEqual(['0']);
  });

  test('a direction leaves out what cannot be done in it', () => {
    const codecs = CAPABILITIES.video.codecs.map((codec) => ({ ...codec, canSend: codec.mimeType !== 'video/AV1' }));
    const capabilities = { ...CAPABILITIES, video: { ...CAPABILITIES.video, codecs } };
    const a = new MediaPeer('a', { capabilities });
    const transceiver = a.add('video', { direction: 'sendonly' });
    expect(a.createOffer()).not.toContain('AV1');
    transceiver.direction = 'recvonly';
    expect(a.createOffer()).toContain('AV1');
    transceiver.direction = 'sendrecv';
    expect(a.createOffer()).not.toContain('AV1');
    // Preferences of which nothing is left are none.
    transceiver.preferredCodecs = [CODEC('video/AV1')];
    expect(formatsOf(a.createOffer())).toEqual(['96 97 98 99 106 107 108 109']);
  });
});

describe('header extensions', () => {
  test('go with their direction, and not when stopped', () => {
    const a = new MediaPeer('a');
    a.add('audio', {
      headerExtensions: [
        { uri: AUDIO_LEVEL, direction: 'recvonly' },
        { uri: MID_EXTENSION, direction: 'sendrecv' },
      ],
    });
    a.add('video', {
      headerExtensions: CAPABILITIES.video.headerExtensions.map(({ uri }) => ({ uri, direction: 'stopped' })),
    });
    const sdp = a.createOffer();
    expect(valuesOf(sdp, 0, 'extmap')).toEqual([`1/recvonly ${AUDIO_LEVEL}`, `4 ${MID_EXTENSION}`]);
    expect(valuesOf(sdp, 1, 'extmap')).toEqual([]);
  });

  test('that wish for the same identifier get different ones, the same in all sections', () => {
    const capabilities = {
      audio: {
        ...CAPABILITIES.audio,
        headerExtensions: [{ uri: 'urn:x', preferredId: 4, direction: 'sendrecv' as const }],
      },
      video: CAPABILITIES.video,
    };
    const a = new MediaPeer('a', { capabilities });
    a.add('audio', { headerExtensions: [] });
    a.add('video');
    a.add('video');
    const sdp = a.createOffer();
    expect(valuesOf(sdp, 0, 'extmap')).toEqual(['4 urn:x']);
    const [id] = valuesOf(sdp, 1, 'extmap')
      .find((value) => value.endsWith(MID_EXTENSION))!
      .split(' ');
    expect(id).not.toBe('4');
    expect(valuesOf(sdp, 2, 'extmap')).toEqual(valuesOf(sdp, 1, 'extmap'));
  });
});

describe('bundle policies', () => {
  const credentialsOf = (sdp: string) =>
    parseSessionDescription(sdp).media.map(
      ({ attributes }) => attributes.find(({ name }) => name === 'ice-ufrag')!.value,
    );
  const offerWith = (bundlePolicy: 'balanced' | 'max-compat' | 'max-bundle'): MediaPeer => {
    const a = new MediaPeer('a', { bundlePolicy });
    for (const kind of ['audio', 'audio', 'video'] as const) a.add(kind);
    a.hasDataChannels = true;
    a.setLocal('offer');
    return a;
  };

  test.each([
    ['balanced', ['audio 9', 'audio 0', 'video 9', 'application 9'], [['0', '1'], ['2'], ['3']]],
    ['max-compat', ['audio 9', 'audio 9', 'video 9', 'application 9'], [['0'], ['1'], ['2'], ['3']]],
    ['max-bundle', ['audio 9', 'audio 0', 'video 0', 'application 0'], [['0', '1', '2', '3']]],
  ] as const)('%s', (policy, lines, transports) => {
    const a = offerWith(policy);
    expect(mlines(a.local)).toEqual(lines);
    expect(groupOf(a.local)).toBe('0 1 2 3');
    expect(a.session.transports.map(({ mids }) => mids)).toEqual(transports);
    for (const [index, line] of lines.entries()) {
      expect(linesOf(a.local, index).includes('a=bundle-only')).toBe(line.endsWith(' 0'));
    }
    expect(a.session.media.map(({ transportId }) => transportId)).toEqual(
      ['0', '1', '2'].map((mid) => a.session.transports.find(({ mids }) => mids.includes(mid))!.id),
    );
    // The answer merges them all.
    const b = new MediaPeer('b');
    b.setRemote('offer', a.local);
    b.setLocal('answer');
    expect(mlines(b.local)).toEqual(['audio 9', 'audio 9', 'video 9', 'application 9']);
    a.setRemote('answer', b.local);
    expect(a.session.transports.map(({ mids }) => mids)).toEqual([['0', '1', '2', '3']]);
    expect(a.effects.filter(({ kind }) => kind === 'remove-transport')).toHaveLength(transports.length - 1);
    expect(new Set(a.session.media.map(({ transportId }) => transportId))).toEqual(new Set(['transport-0']));
    // What comes new joins, with an address.
    a.add('video');
    a.setLocal('offer');
    expect(mlines(a.local).at(-1)).toBe('video 9');
    expect(a.session.transports).toHaveLength(1);
  });

  test('candidates stand in the tagged section of their group only', () => {
    const a = offerWith('max-bundle');
    a.gather(4444);
    expect(mlines(a.local)).toEqual(['audio 4444', 'audio 0', 'video 0', 'application 0']);
    expect(a.local.match(/a=candidate/g)).toHaveLength(1);
    expect(valuesOf(a.local, 0, 'rtcp')).toEqual(['4444 IN IP4 192.0.2.1']);
    expect(a.createOffer().match(/a=candidate/g)).toHaveLength(1);
  });

  test('a peer that does not bundle gets transports of their own, also for what comes later', () => {
    const a = new MediaPeer('a');
    const b = new MediaPeer('b');
    a.add('audio');
    a.add('video');
    a.setLocal('offer');
    b.setRemote('offer', a.local.replace(/a=group.*\r\n/, ''));
    b.setLocal('answer');
    a.setRemote('answer', b.local);
    expect(a.session.transports.map(({ mids }) => mids)).toEqual([['0'], ['1']]);
    expect(b.session.transports.map(({ mids }) => mids)).toEqual([['0'], ['1']]);
    a.add('video');
    expect(mlines(a.createOffer())).toEqual(['audio 9', 'video 9', 'video 9']);
    const [first, second, third] = credentialsOf(a.createOffer());
    expect(second).toBe(first); // offered to be bundled with it
    expect(third).not.toBe(first);
    a.setLocal('offer');
    expect(a.session.transports.map(({ mids }) => mids)).toEqual([['0'], ['1'], ['2']]);
  });

  // Firefox refuses offers that change the credentials of some sections only, as BUNDLE would; webrtcbin others, too.
  test('transports that may become one have the same credentials, unless they share a port', () => {
    const a = offerWith('balanced');
    expect(new Set(credentialsOf(a.local)).size).toBe(1);
    const b = new MediaPeer('b', { hasSharedPort: true });
    for (const kind of ['audio', 'video'] as const) b.add(kind);
    expect(new Set(credentialsOf(b.createOffer())).size).toBe(2);
  });

  test('what comes to a pending offer gets the credentials that are in it, with the tag, too', () => {
    const a = new MediaPeer('a');
    a.hasDataChannels = true;
    a.setLocal('offer');
    const before = credentialsOf(a.local);
    a.add('audio');
    a.setLocal('offer');
    expect(a.local).toContain('a=group:BUNDLE 1 0');
    expect(credentialsOf(a.local)).toEqual([before[0], before[0]]);
  });

  test('candidates stand in the section of their transport, whose credentials others have, too', () => {
    const a = offerWith('max-compat');
    for (const [index, transport] of a.session.transports.entries()) a.gather(5000 + index, transport);
    expect(mlines(a.local)).toEqual(['audio 5000', 'audio 5001', 'video 5002', 'application 5003']);
    expect(mlines(a.createOffer())).toEqual(['audio 5000', 'audio 5001', 'video 5002', 'application 5003']);
    expect(a.local.match(/a=candidate/g)).toHaveLength(4);
    const b = new MediaPeer('b');
    b.setRemote('offer', a.local);
    b.setLocal('answer');
    a.setRemote('answer', b.local);
    a.add('video');
    a.setLocal('offer');
    expect(a.local.match(/a=candidate/g)).toHaveLength(1);
    expect(valuesOf(a.local, 0, 'candidate')[0]).toContain(' 5000 ');
  });

  test('a restart gives those who had the same credentials the same again', () => {
    const a = new MediaPeer('a');
    const b = new MediaPeer('b');
    for (const kind of ['audio', 'video'] as const) a.add(kind);
    a.setLocal('offer');
    b.setRemote('offer', a.local.replace(/a=group.*\r\n/, ''));
    b.setLocal('answer');
    a.setRemote('answer', b.local);
    const before = credentialsOf(a.local);
    a.iceRestart = true;
    const after = credentialsOf(a.createOffer());
    expect(new Set(after).size).toBe(1);
    expect(after[0]).not.toBe(before[0]);
  });

  test('the tag goes to a section that is bundled already, when its own is stopped', () => {
    const a = new MediaPeer('a');
    const b = new MediaPeer('b');
    const audio = a.add('audio');
    a.hasDataChannels = true;
    exchangeMedia(a, b);
    a.stop(audio);
    exchangeMedia(a, b);
    expect(mlines(a.local)).toEqual(['audio 0', 'application 9']);
    a.add('audio');
    a.setLocal('offer');
    expect(mlines(a.local)).toEqual(['audio 9', 'application 9']);
    expect(groupOf(a.local)).toBe('1 2');
  });

  test('a section offered as bundle-only cannot be accepted alone', () => {
    const a = offerWith('max-bundle');
    const b = new MediaPeer('b');
    b.setRemote('offer', a.local);
    b.setLocal('answer');
    expect(errorOf(() => a.setRemote('answer', b.local.replace(/a=group.*\r\n/, '')))).toBe('InvalidAccessError');
  });
});

describe('later offers', () => {
  test('have the data that is always offered once, and before what is new', () => {
    const [a, b] = [new MediaPeer('a', { alwaysOffersData: true }), new MediaPeer('b')];
    b.add('audio');
    exchangeMedia(b, a);
    expect(a.needsNegotiation).toBe(false);
    a.add('video');
    expect(mlines(a.createOffer())).toEqual(['audio 9', 'application 9', 'video 9']);
    exchangeMedia(a, b);
    a.hasDataChannels = true;
    expect(a.needsNegotiation).toBe(false);
    a.add('video');
    expect(mlines(a.createOffer())).toEqual(['audio 9', 'application 9', 'video 9', 'video 9']);
  });

  test('keep places, mids, payload types and identifiers, whoever made them', () => {
    const [a, b] = [new MediaPeer('a'), new MediaPeer('b')];
    a.add('audio');
    a.add('video');
    a.setLocal('offer');
    // The peer sees other numbers.
    const bent = a.local
      .replaceAll(/(m=video.*SAVPF|a=rtpmap:|a=fmtp:|a=rtcp-fb:)(.*)/g, (line) => line.replaceAll('96', '121'))
      .replaceAll(`extmap:4 ${MID_EXTENSION}`, `extmap:7 ${MID_EXTENSION}`);
    b.setRemote('offer', bent);
    b.setLocal('answer');
    expect(formatsOf(b.local)[1]).toBe('121 97 98 99 106 107 108 109 45 46');
    b.add('video');
    const offer = b.createOffer();
    expect(midsOf(offer)).toEqual(['0', '1', '2']);
    expect(formatsOf(offer)[1]).toBe('121 97 98 99 106 107 108 109 45 46');
    expect(formatsOf(offer)[2]).toBe(formatsOf(offer)[1]);
    expect(valuesOf(offer, 2, 'extmap')).toContain(`7 ${MID_EXTENSION}`);
  });

  test('offer again what the peer did not have, under numbers that meant nothing yet', () => {
    const b = new MediaPeer('b');
    const a = new MediaPeer('a');
    a.add('video', { preferredCodecs: [CODEC('video/VP8')] });
    // 98 is somebody else's codec here.
    b.setRemote('offer', a.createOffer().replaceAll(' 96\r\n', ' 96 98\r\na=rtpmap:98 H265/90000\r\n'));
    b.setLocal('answer');
    expect(formatsOf(b.local)).toEqual(['96']);
    const offer = b.createOffer();
    const maps = valuesOf(offer, 0, 'rtpmap');
    expect(maps).toEqual(expect.arrayContaining(['96 VP8/90000', '106 H264/90000']));
    const vp9 = maps.find((value) => value.endsWith('VP9/90000'))!;
    expect(vp9).not.toMatch(/^98 /);
  });

  test('reject the section of a stopped transceiver, and then use its place for whatever comes', () => {
    const [a, b] = [new MediaPeer('a'), new MediaPeer('b')];
    const first = a.add('audio');
    a.add('video');
    exchangeMedia(a, b);
    a.stop(first);
    expect(a.needsNegotiation).toBe(true);
    exchangeMedia(a, b);
    expect(mlines(a.local)).toEqual(['audio 0', 'video 9']);
    expect(groupOf(a.local)).toBe('1');
    expect(a.transceivers).toHaveLength(1);
    expect(b.transceivers).toHaveLength(1);
    expect(a.session.transports.map(({ id, mids }) => [id, ...mids])).toEqual([['transport-0', '1']]);
    const third = a.add('video');
    a.hasDataChannels = true;
    exchangeMedia(a, b);
    expect(mlines(a.local)).toEqual(['video 9', 'video 9', 'application 9']);
    expect(midsOf(a.local)).toEqual(['2', '1', '3']);
    expect(a.mediaOf(third)).toMatchObject({ mid: '2', mediaSectionIndex: 0 });
    // The tag of the bundle stays where it was.
    expect(groupOf(a.local)).toBe('1 2 3');
    expect(b.transceivers.map((each) => b.mediaOf(each)!.mid).sort()).toEqual(['1', '2']);
  });

  test('give data a section at the end, not the place of a stopped transceiver, but that of rejected data', () => {
    const [a, b] = [new MediaPeer('a'), new MediaPeer('b')];
    const first = a.add('audio');
    a.add('video');
    exchangeMedia(a, b);
    a.stop(first);
    exchangeMedia(a, b);
    a.hasDataChannels = true;
    a.setLocal('offer');
    expect(mlines(a.local)).toEqual(['audio 0', 'video 9', 'application 9']);
    b.setRemote('offer', a.local);
    const answer = b.createAnswer().replace('m=application 9', 'm=application 0');
    a.setRemote('answer', answer.replace(/^(a=group:BUNDLE 1) 2/m, '$1'));
    expect(mlines(a.local)).toEqual(['audio 0', 'video 9', 'application 9']);
    a.setLocal('offer');
    expect(mlines(a.local)).toEqual(['audio 0', 'video 9', 'application 9']);
    expect(midsOf(a.local)).toEqual(['0', '1', '3']);
  });

  test('made while one is pending keep the mids that were given', () => {
    const a = new MediaPeer('a');
    const first = a.add('audio');
    a.setLocal('offer');
    const second = a.add('video');
    a.setLocal('offer');
    expect([first, second].map((each) => a.mediaOf(each)!.mid)).toEqual(['0', '1']);
    a.stop(first);
    a.setLocal('offer');
    expect(mlines(a.local)).toEqual(['audio 0', 'video 9']);
    a.rollback('local');
    expect(a.session.media).toEqual([]);
  });

  test('renew the credentials of all bundled sections alike at a restart', () => {
    const [a, b] = [new MediaPeer('a'), new MediaPeer('b')];
    a.add('audio');
    a.add('video');
    exchangeMedia(a, b);
    const before = valuesOf(a.local, 0, 'ice-ufrag');
    a.iceRestart = true;
    const offer = a.createOffer();
    expect(valuesOf(offer, 0, 'ice-ufrag')).not.toEqual(before);
    expect(valuesOf(offer, 1, 'ice-ufrag')).toEqual(valuesOf(offer, 0, 'ice-ufrag'));
    a.setLocal('offer', offer);
    a.iceRestart = false;
    b.setRemote('offer', a.local);
    b.setLocal('answer');
    expect(valuesOf(b.local, 1, 'ice-ufrag')).toEqual(valuesOf(b.local, 0, 'ice-ufrag'));
    a.setRemote('answer', b.local);
    expect(a.session.transports).toHaveLength(1);
  });
});

describe('lastCreated()', () => {
  test('is null as soon as a transceiver changes what the offer would say', () => {
    const a = new MediaPeer('a');
    const transceiver = a.add('audio');
    const offer = a.createOffer();
    expect(lastCreated(a.session, 'offer', a.parameters())).toBe(offer);
    transceiver.direction = 'recvonly';
    expect(lastCreated(a.session, 'offer', a.parameters())).toBeNull();
    transceiver.direction = 'sendrecv';
    expect(lastCreated(a.session, 'offer', a.parameters())).toBe(offer);
    const credentialsToReplace = [{ usernameFragment: 'x', password: 'y' }];
    expect(lastCreated(a.session, 'offer', { ...a.parameters(), credentialsToReplace })).toBeNull();
  });

  test('is null for an answer to an offer that was replaced', () => {
    const [a, b] = [new MediaPeer('a'), new MediaPeer('b')];
    const transceiver = a.add('audio');
    b.setRemote('offer', a.createOffer());
    const answer = b.createAnswer();
    expect(lastCreated(b.session, 'answer', b.parameters())).toBe(answer);
    transceiver.direction = 'inactive';
    b.setRemote('offer', a.createOffer());
    expect(lastCreated(b.session, 'answer', b.parameters())).toBeNull();
  });
});
