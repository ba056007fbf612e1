import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readDescription } from '../../lib/jsep/description-record';
import {
  addRemoteCandidate,
  descriptionText,
  lastCreated,
  type RemoteCandidateInit,
} from '../../lib/jsep/jsep-session';
import { validateAnswerFits } from '../../lib/jsep/validate-description';
import { parseSessionDescription } from '../../lib/sdp/parse';
import { errorOf, exchange, kinds, Peer } from './peer';

const fixture = (name: string): string => readFileSync(join(__dirname, '../sdp/fixtures', `${name}.sdp`), 'utf8');
const ports = (sdp: string): number[] => parseSessionDescription(sdp).media.map(({ port }) => port);

/** Data-only offer, to be bent. */
const OFFER = new Peer('a').createOffer();
const ZEROS = '00:'.repeat(31) + '00';

const AUDIO = [
  'm=audio 9 UDP/TLS/RTP/SAVPF 111 0',
  'c=IN IP4 0.0.0.0',
  'a=mid:audio',
  'a=ice-ufrag:ETEn',
  'a=ice-pwd:OtSK0WpNtpUjkY4+86js7Z/l',
  `a=fingerprint:sha-256 ${ZEROS}`,
  'a=setup:actpass',
  'a=rtcp-mux',
  'a=sendrecv',
  'a=rtpmap:111 opus/48000/2',
  'a=crypto:0 AES_CM_128_HMAC_SHA1_80 inline:2nra27hTUb9ilyn2rEkBEQN9WOFts26F/jvofasw',
  '',
].join('\r\n');
const withoutTransport = (section: string): string =>
  section.replace(/a=(?:ice-|fingerprint|setup|rtcp-mux).*\r\n/g, '');

describe('remote offers', () => {
  test.each<[string, (sdp: string) => string, string]>([
    ['as it is', (sdp) => sdp, 'nothing'],
    ['no ufrag', (sdp) => sdp.replace(/a=ice-ufrag.*\r\n/, ''), 'InvalidAccessError'],
    ['no password', (sdp) => sdp.replace(/a=ice-pwd.*\r\n/, ''), 'InvalidAccessError'],
    ['ufrag with a forbidden character', (sdp) => sdp.replace('ufrag:a', 'ufrag:$'), 'InvalidAccessError'],
    [
      'ufrag and password in base64url',
      (sdp) => sdp.replace('ufrag:a', 'ufrag:-=#_').replace('pwd:', 'pwd:-=#_'),
      'nothing',
    ],
    ['password with a forbidden character', (sdp) => sdp.replace('pwd:', 'pwd:{'), 'InvalidAccessError'],
    ['ufrag too short', (sdp) => sdp.replace('ufrag:a0001', 'ufrag:abc'), 'InvalidAccessError'],
    ['ufrag of 257', (sdp) => sdp.replace('ufrag:a0001', `ufrag:${'a'.repeat(257)}`), 'InvalidAccessError'],
    ['password too short', (sdp) => sdp.replace(/pwd:.*\r\n/, 'pwd:abc\r\n'), 'InvalidAccessError'],
    ['no fingerprint', (sdp) => sdp.replace(/a=fingerprint.*\r\n/, ''), 'InvalidAccessError'],
    ['only an unknown hash', (sdp) => sdp.replace('sha-256', 'sha3-256'), 'InvalidAccessError'],
    ['a forbidden hash', (sdp) => sdp.replace(/sha-256 .*\r\n/, `md5 ${ZEROS.slice(0, 47)}\r\n`), 'InvalidAccessError'],
    ['fingerprint of a wrong length', (sdp) => sdp.replace('sha-256', 'sha-512'), 'InvalidAccessError'],
    ['fingerprint of odd digits', (sdp) => sdp.replace('sha-256 61', 'sha-256 6'), 'sdp-syntax-error 13'],
    [
      'unknown hash beside a known one',
      (sdp) => sdp.replace('a=setup', 'a=fingerprint:sha3-256 AB\r\na=setup'),
      'nothing',
    ],
    [
      'fingerprint and ICE at session level',
      (sdp) => {
        const lines = sdp.split('\r\n');
        const moved = lines.filter((line) => /^a=(?:ice-ufrag|ice-pwd|fingerprint|setup)/.test(line));
        const rest = lines.filter((line) => !moved.includes(line));
        return [...rest.slice(0, 4), ...moved, ...rest.slice(4)].join('\r\n');
      },
      'nothing',
    ],
    ['setup:holdconn', (sdp) => sdp.replace('actpass', 'holdconn'), 'InvalidAccessError'],
    ['no setup', (sdp) => sdp.replace('a=setup:actpass\r\n', ''), 'nothing'],
    ['unknown setup', (sdp) => sdp.replace('actpass', 'both'), 'sdp-syntax-error 14'],
    ['no mid', (sdp) => sdp.replace(/a=(?:mid|group).*\r\n/g, ''), 'nothing'],
    ['bundle names an unknown mid', (sdp) => sdp.replace('BUNDLE 0', 'BUNDLE 0 1'), 'InvalidAccessError'],
    ['bundle names a mid twice', (sdp) => sdp.replace('BUNDLE 0', 'BUNDLE 0 0'), 'InvalidAccessError'],
    ['another group names anything', (sdp) => sdp.replace('BUNDLE 0', 'LS 0 1'), 'nothing'],
    ['duplicate mid', (sdp) => sdp + AUDIO.replace('mid:audio', 'mid:0'), 'InvalidAccessError'],
    ['audio without rtcp-mux', (sdp) => sdp + AUDIO.replace('a=rtcp-mux\r\n', ''), 'InvalidAccessError'],
    ['audio with a payload type of RTCP', (sdp) => sdp + AUDIO.replace(' 111 0', ' 64'), 'InvalidAccessError'],
    ['audio with SDES only', (sdp) => sdp + AUDIO.replace(/a=fingerprint.*\r\n/, ''), 'InvalidAccessError'],
    ['rejected audio without anything', (sdp) => `${sdp}m=audio 0 UDP/TLS/RTP/SAVPF 0\r\n`, 'nothing'],
    [
      'bundle-only audio without transport attributes',
      (sdp) =>
        sdp.replace('BUNDLE 0', 'BUNDLE first audio') +
        AUDIO.replace('mid:audio', 'mid:first') +
        withoutTransport(AUDIO).replace('m=audio 9', 'm=audio 0').replace('a=mid', 'a=bundle-only\r\na=mid'),
      'nothing',
    ],
  ])('%s', (_, bend, expected) => {
    expect(errorOf(() => new Peer('b').setRemote('offer', bend(OFFER)))).toBe(expected);
  });

  test('rtcp-mux may be missing under rtcpMuxPolicy negotiate', () => {
    const offer = OFFER + AUDIO.replace('a=rtcp-mux\r\n', '');
    expect(errorOf(() => new Peer('b', 'negotiate').setRemote('offer', offer))).toBe('nothing');
  });

  test('later ones keep number, order, kind and mid of sections in use', () => {
    const [a, b] = [new Peer('a'), new Peer('b')];
    exchange(a, b);
    const offer = a.createOffer();
    expect(errorOf(() => b.setRemote('offer', offer.slice(0, offer.indexOf('m='))))).toBe('InvalidAccessError');
    expect(
      errorOf(() =>
        b.setRemote(
          'offer',
          offer.replace(/BUNDLE 0|mid:0/g, (each) => each.replace('0', '7')),
        ),
      ),
    ).toBe('InvalidAccessError');
    const swapped = offer
      .replace('a=group:BUNDLE 0\r\n', '')
      .replace(/m=[^]*/, AUDIO + offer.slice(offer.indexOf('m=')));
    expect(errorOf(() => b.setRemote('offer', swapped))).toBe('InvalidAccessError');
    expect(errorOf(() => b.setRemote('offer', offer + AUDIO))).toBe('nothing');
  });

  describe('that replace one without answer', () => {
    /** After an exchange of a data section the peer offers audio behind it. */
    const PENDING = (() => {
      const [a, b] = [new Peer('a'), new Peer('b')];
      exchange(a, b);
      return { offer: a.createOffer() + AUDIO, session: b.session };
    })();
    const pending = (): Peer => {
      const b = new Peer('b');
      b.session = PENDING.session;
      b.setRemote('offer', PENDING.offer);
      return b;
    };

    test.each<[string, (sdp: string) => string, string]>([
      ['the same', (sdp) => sdp, 'nothing'],
      ['another direction', (sdp) => sdp.replace('sendrecv', 'inactive'), 'nothing'],
      ['another section behind', (sdp) => sdp + AUDIO.replace('mid:audio', 'mid:more'), 'nothing'],
      ['the new section rejected', (sdp) => sdp.replace('m=audio 9', 'm=audio 0'), 'nothing'],
      ['a restart of ICE', (sdp) => sdp.replaceAll('ice-ufrag:', 'ice-ufrag:new'), 'nothing'],
      ['without the new section', (sdp) => sdp.replace(AUDIO, ''), 'InvalidAccessError'],
      ['of another kind', (sdp) => sdp.replace('m=audio', 'm=video'), 'InvalidAccessError'],
      ['of another mid', (sdp) => sdp.replace('mid:audio', 'mid:other'), 'InvalidAccessError'],
      ['without what was negotiated', (sdp) => sdp.replace('mid:0', 'mid:other'), 'InvalidAccessError'],
    ])('%s', (_, bend, expected) => {
      const b = pending();
      const offer = bend(PENDING.offer);
      expect(errorOf(() => b.setRemote('offer', offer))).toBe(expected);
      expect(b.remote).toBe(expected === 'nothing' ? offer : PENDING.offer);
    });

    test('a section without mid keeps the one that was made up', () => {
      const b = new Peer('b');
      const data = OFFER.replace(/a=(?:mid|group).*\r\n/g, '');
      b.setRemote('offer', data + AUDIO.replace('mid:audio', 'mid:0'));
      expect(b.session.pendingRemote!.mids).toEqual(['1', '0']);
      b.setRemote('offer', `${data}m=audio 0 UDP/TLS/RTP/SAVPF 0\r\n`);
      expect(b.session.pendingRemote!.mids).toEqual(['1', '0']);
    });

    test('a rejected section of it may be used for something else', () => {
      const b = pending();
      b.setRemote('offer', PENDING.offer.replace('m=audio 9', 'm=audio 0'));
      const other = PENDING.offer.replace('m=audio', 'm=video').replace('mid:audio', 'mid:video');
      expect(errorOf(() => b.setRemote('offer', other))).toBe('nothing');
    });
  });
});

describe('remote answers', () => {
  test.each<[string, (sdp: string) => string, string]>([
    ['as it is', (sdp) => sdp, 'nothing'],
    ['setup:actpass', (sdp) => sdp.replace('setup:active', 'setup:actpass'), 'InvalidAccessError'],
    ['setup:passive', (sdp) => sdp.replace('setup:active', 'setup:passive'), 'nothing'],
    ['no mid and no group', (sdp) => sdp.replace(/a=(?:mid|group).*\r\n/g, ''), 'nothing'],
    ['another mid', (sdp) => sdp.replace(/BUNDLE 0|mid:0/g, (each) => each.replace('0', '1')), 'InvalidAccessError'],
    ['one section too many', (sdp) => sdp + AUDIO, 'InvalidAccessError'],
    ['no section', (sdp) => sdp.slice(0, sdp.indexOf('m=')).replace(/a=group.*\r\n/, ''), 'InvalidAccessError'],
    ['another kind', (sdp) => sdp.replace('m=application', 'm=audio'), 'InvalidAccessError'],
    ['another protocol', (sdp) => sdp.replace('UDP/DTLS', 'TCP/DTLS'), 'InvalidAccessError'],
    ['no fingerprint', (sdp) => sdp.replace(/a=fingerprint.*\r\n/, ''), 'InvalidAccessError'],
    ['syntax', (sdp) => sdp.replace('m=application 9', 'm=application x'), 'sdp-syntax-error 8'],
  ])('%s', (_, bend, expected) => {
    const [a, b] = [new Peer('a'), new Peer('b')];
    a.setLocal('offer');
    b.setRemote('offer', a.local);
    b.setLocal('answer');
    expect(errorOf(() => a.setRemote('answer', bend(b.local)))).toBe(expected);
  });

  test('a rejected data section ends its transport; the next offer uses its place again', () => {
    const [a, b] = [new Peer('a'), new Peer('b')];
    a.setLocal('offer');
    b.setRemote('offer', a.local.replace('webrtc-datachannel', 'something-else'));
    b.setLocal('answer');
    expect(ports(b.local)).toEqual([0]);
    expect(b.local).not.toContain('a=group');
    const answer = b.local.replace('something-else', 'webrtc-datachannel');
    expect(kinds(a.setRemote('answer', answer))).toEqual(['remove-transport']);
    expect(a.session.sctp).toBeNull();
    const offer = a.createOffer();
    expect(offer).toContain('a=mid:1\r\n');
    expect(ports(offer)).toEqual([9]);
    a.setLocal('offer', offer);
    b.setRemote('offer', offer);
    b.setLocal('answer');
    expect(kinds(a.setRemote('answer', b.local))).toContain('start-sctp');
  });
});

describe('sections that are not for data', () => {
  test('are rejected in place, out of the bundle, and nothing of SDES is echoed', () => {
    const b = new Peer('b');
    const offer = OFFER.replace('BUNDLE 0', 'BUNDLE audio 0').replace('m=application', `${AUDIO}m=application`);
    b.setRemote('offer', `${offer}m=unicorns 9 UDP/XYZ z\r\na=mid:u\r\n`);
    const answer = b.createAnswer();
    expect(ports(answer)).toEqual([0, 9, 0]);
    expect(answer).toContain('a=group:BUNDLE 0\r\n');
    expect(answer).toContain(
      'm=audio 0 UDP/TLS/RTP/SAVPF 111 0\r\nc=IN IP4 0.0.0.0\r\na=mid:audio\r\na=inactive\r\nm=',
    );
    expect(answer).toContain('m=unicorns 0 UDP/XYZ z\r\n');
    expect(answer).not.toContain('a=crypto');
    expect(kinds(b.setLocal('answer', answer))).toContain('start-sctp');
    expect(b.session.transports).toHaveLength(1);
    // They stay rejected in our own offers, and the peer may go on offering them.
    b.hasDataChannels = true;
    expect(ports(b.createOffer())).toEqual([0, 9, 0]);
    b.setRemote('offer', `${offer}m=unicorns 9 UDP/XYZ z\r\na=mid:u\r\n`);
    expect(ports(b.createAnswer())).toEqual([0, 9, 0]);
  });

  test('a second data section is rejected', () => {
    const b = new Peer('b');
    const section = OFFER.slice(OFFER.indexOf('m=')).replace('mid:0', 'mid:1');
    b.setRemote('offer', OFFER + section);
    expect(ports(b.createAnswer())).toEqual([9, 0]);
  });

  test('a bundle-only data section uses the transport of the tagged section', () => {
    const b = new Peer('b');
    const data = [
      'm=application 0 UDP/DTLS/SCTP webrtc-datachannel',
      'c=IN IP4 0.0.0.0',
      'a=mid:0',
      'a=bundle-only',
      'a=sctp-port:5000',
      '',
    ].join('\r\n');
    const head = OFFER.slice(0, OFFER.indexOf('m=')).replace('BUNDLE 0', 'BUNDLE audio 0');
    b.setRemote('offer', head + AUDIO + data);
    b.setLocal('answer');
    expect(b.session.transports[0]).toMatchObject({ mid: '0', remoteIce: { usernameFragment: 'ETEn' } });
    expect(b.session.sctp).toMatchObject({ mid: '0' });
  });

  test.each([
    ['sendrecv', 'sendrecv', 'nothing'],
    ['sendrecv', 'inactive', 'nothing'],
    ['recvonly', 'sendonly', 'nothing'],
    ['recvonly', 'recvonly', 'InvalidAccessError'],
    ['sendonly', 'sendrecv', 'InvalidAccessError'],
    ['inactive', 'sendonly', 'InvalidAccessError'],
  ])('%s is answered with %s: %s', (offered, answered, expected) => {
    const head = OFFER.slice(0, OFFER.indexOf('a=group'));
    const section = (direction: string): string => head + AUDIO.replace('sendrecv', direction);
    const offer = readDescription('offer', section(offered), []);
    const answer = readDescription('answer', section(answered).replace('actpass', 'active'), []);
    expect(errorOf(() => validateAnswerFits(offer, answer))).toBe(expected);
  });

  test('an answer created for another offer is refused', () => {
    const b = new Peer('b');
    b.setRemote('offer', OFFER);
    const answer = b.createAnswer();
    b.setRemote('offer', OFFER + AUDIO);
    expect(lastCreated(b.session, 'answer', b.parameters())).toBeNull();
    expect(errorOf(() => b.setLocal('answer', answer))).toBe('InvalidModificationError');
  });
});

describe('offers of other implementations', () => {
  test.each([
    ['chromium-156-data-offer-trickle', 262144, 0],
    ['chromium-156-data-offer-gathered', 262144, 2],
    ['chromium-156-audio-video-data-offer', 262144, 0],
    ['chromium-156-max-bundle-audio-data-offer', 262144, 0],
    ['firefox-form-data-offer', 1073741823, 3],
    ['safari-form-data-offer', 262144, 1],
    ['pion-form-data-offer', 1073741823, 2],
    ['aiortc-form-data-offer', 65536, 2],
    ['libdatachannel-form-data-offer', 262144, 2],
  ])('%s', (name, maxMessageSize, candidates) => {
    const b = new Peer('b');
    b.setRemote('offer', fixture(name));
    const answer = b.createAnswer();
    const offered = parseSessionDescription(fixture(name)).media;
    const answered = parseSessionDescription(answer).media;
    expect(answered.map(({ kind, protocol, formats }) => ({ kind, protocol, formats }))).toEqual(
      offered.map(({ kind, protocol, formats }) => ({ kind, protocol, formats })),
    );
    b.setLocal('answer', answer);
    expect(b.session.sctp).toMatchObject({ remotePort: 5000, remoteMaxMessageSize: maxMessageSize });
    expect(b.session.transports).toHaveLength(1);
    expect(b.session.transports[0]!.remoteCandidates).toHaveLength(candidates);
    // And they offer next, to be answered with the roles as they are.
    expect(b.createOffer()).toContain(`m=application 9 ${offered.at(-1)!.protocol}`);
  });

  test('aiortc gets the form of the drafts back', () => {
    const b = new Peer('b');
    b.setRemote('offer', fixture('aiortc-form-data-offer'));
    const answer = b.createAnswer();
    expect(answer).toContain('m=application 9 DTLS/SCTP 5000\r\n');
    expect(answer).toContain('a=sctpmap:5000 webrtc-datachannel 1024\r\n');
    expect(answer).not.toContain('a=sctp-port');
  });

  test('answers: Chromium, and a libp2p one that is ICE-lite with long credentials', () => {
    for (const name of ['chromium-156-data-answer-gathered', 'libp2p-direct-form-answer']) {
      const a = new Peer('a');
      a.setLocal('offer');
      const effects = a.setRemote('answer', fixture(name));
      expect(kinds(effects)).toEqual(['set-remote-ice', 'add-remote-candidates', 'start-dtls', 'start-sctp']);
    }
  });

  test('an empty offer is answered with an empty answer', () => {
    const b = new Peer('b');
    b.setRemote('offer', fixture('chromium-156-empty-offer'));
    expect(ports(b.createAnswer())).toEqual([]);
    expect(b.setLocal('answer')).toEqual([]);
    expect(b.session.signalingState).toBe('stable');
  });
});

describe('candidates of several sections', () => {
  const second = AUDIO.replace('mid:audio', 'mid:video').replace('m=audio', 'm=video').replace('ETEn', 'BGKk');
  const candidate = 'candidate:1 2 udp 2113929470 203.0.113.100 10101 typ host';
  const none = { candidate, sdpMid: null, sdpMLineIndex: null, usernameFragment: null };

  /** Which sections hold the text after the call. */
  function placesOf(init: Partial<RemoteCandidateInit>, text: string, first = AUDIO): number[] {
    const b = new Peer('b');
    b.setRemote('offer', OFFER.slice(0, OFFER.indexOf('a=group')) + first + second);
    const { session } = addRemoteCandidate(b.session, { ...none, ...init });
    const sections = descriptionText(session.pendingRemote!).split('\r\nm=').slice(1);
    return sections.flatMap((section, index) => (section.includes(`a=${text}`) ? [index] : []));
  }

  test.each<[string, Partial<RemoteCandidateInit>, number[]]>([
    ['by mid', { sdpMid: 'audio' }, [0]],
    ['by mid, whatever the index', { sdpMid: 'video', sdpMLineIndex: 0 }, [1]],
    ['by index', { sdpMLineIndex: 1 }, [1]],
    ['by index and ufrag', { sdpMLineIndex: 1, usernameFragment: 'BGKk' }, [1]],
    ['by index beside an empty mid', { sdpMid: '', sdpMLineIndex: 1 }, [1]],
    ['in the first, with nothing but an empty mid', { sdpMid: '' }, [0]],
  ])('one is put where it belongs: %s', (_, init, expected) => {
    expect(placesOf(init, candidate)).toEqual(expected);
  });

  test.each<[string, Partial<RemoteCandidateInit>, number[]]>([
    ['everywhere', {}, [0, 1]],
    ['by ufrag', { usernameFragment: 'BGKk' }, [1]],
    ['by mid', { sdpMid: 'audio' }, [0]],
    ['by index beside an empty mid', { sdpMid: '', sdpMLineIndex: 1 }, [1]],
  ])('their end is put where it belongs: %s', (_, init, expected) => {
    expect(placesOf({ ...init, candidate: '' }, 'end-of-candidates')).toEqual(expected);
  });

  test.each<[string, Partial<RemoteCandidateInit>]>([
    ['the ufrag of another section', { sdpMid: 'video', usernameFragment: 'ETEn' }],
    ['a ufrag that nobody has', { candidate: '', usernameFragment: 'no such ufrag' }],
    ['an index that is none, beside an empty mid', { sdpMid: '', sdpMLineIndex: 7 }],
  ])('%s is an OperationError', (_, init) => {
    expect(errorOf(() => placesOf(init, ''))).toBe('OperationError');
  });

  test.each<[string, Partial<RemoteCandidateInit>]>([
    ['by mid', { sdpMid: 'audio' }],
    ['by index', { sdpMLineIndex: 0 }],
    ['with the ufrag that it had', { sdpMid: 'audio', usernameFragment: 'ETEn' }],
    ['with any other', { sdpMid: 'audio', usernameFragment: 'nobody' }],
    ['with one in its text', { sdpMid: 'audio', candidate: `${candidate} ufrag ETEn` }],
    ['that cannot be read', { sdpMid: 'audio', candidate: 'none' }],
    ['that says their end', { sdpMid: 'audio', candidate: '', usernameFragment: 'ETEn' }],
  ])('one for the section of a stopped transceiver is passed over: %s', (_, init) => {
    const rejected = withoutTransport(AUDIO).replace('m=audio 9', 'm=audio 0');
    expect(placesOf(init, 'candidate', rejected)).toEqual([]);
    expect(placesOf(init, 'end-of-candidates', rejected)).toEqual([]);
  });
});
