import {
  addLocalCandidate,
  addRemoteCandidate,
  canTrickleIceCandidates,
  createJsepSession,
  implicitLocalType,
  isNegotiationNeeded,
  lastCreated,
  localIceCredentials,
} from '../../lib/jsep/jsep-session';
import { parseCandidate } from '../../lib/sdp/attributes/candidate';
import { errorOf, exchange, kinds, NO_CAPABILITIES, Peer } from './peer';

function pair(): [Peer, Peer] {
  return [new Peer('a'), new Peer('b')];
}

describe('createOffer()', () => {
  test('writes one data section in the form of RFC 8841', () => {
    const [a] = pair();
    expect(a.createOffer().split('\r\n')).toEqual([
      'v=0',
      'o=- 4611686018427387904 1 IN IP4 127.0.0.1',
      's=-',
      't=0 0',
      'a=group:BUNDLE 0',
      'a=extmap-allow-mixed',
      'a=ice-options:trickle ice2',
      'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
      'c=IN IP4 0.0.0.0',
      'a=mid:0',
      'a=ice-ufrag:a0001',
      'a=ice-pwd:a0001password0123456789abc',
      `a=fingerprint:sha-256 ${a.fingerprint}`,
      'a=setup:actpass',
      'a=sctp-port:5000',
      'a=max-message-size:262144',
      '',
    ]);
  });

  test('gives the same text again when nothing changed, and the next version when something did', () => {
    const [a] = pair();
    const first = a.createOffer();
    expect(a.createOffer()).toBe(first);
    a.hasDataChannels = false;
    expect(a.createOffer()).toContain(' 2 IN IP4');
  });

  test('without data channels has no media section', () => {
    const [a, b] = pair();
    a.hasDataChannels = false;
    expect(a.createOffer()).not.toContain('m=');
    exchange(a, b);
    expect(a.session.signalingState).toBe('stable');
    expect(a.session.transports).toEqual([]);
    expect(isNegotiationNeeded(a.session, a.parameters())).toBe(false);
    a.hasDataChannels = true;
    expect(isNegotiationNeeded(a.session, a.parameters())).toBe(true);
    exchange(a, b);
    expect(isNegotiationNeeded(a.session, a.parameters())).toBe(false);
    expect(b.session.sctp).not.toBeNull();
  });

  test('is refused while a remote offer is pending', () => {
    const [a, b] = pair();
    b.setRemote('offer', a.createOffer());
    expect(errorOf(() => b.createOffer())).toBe('InvalidStateError');
    expect(errorOf(() => a.createAnswer())).toBe('InvalidStateError');
  });
});

describe('an exchange', () => {
  test('tells each side what its transports have to do, in order', () => {
    const [a, b] = pair();
    expect(kinds(a.setLocal('offer'))).toEqual(['create-transport', 'gather']);
    expect(kinds(b.setRemote('offer', a.local))).toEqual([]);
    expect(kinds(b.setLocal('answer'))).toEqual([
      'create-transport',
      'gather',
      'set-remote-ice',
      'start-dtls',
      'start-sctp',
    ]);
    expect(kinds(a.setRemote('answer', b.local))).toEqual(['set-remote-ice', 'start-dtls', 'start-sctp']);
    const [transportA] = a.session.transports;
    const [transportB] = b.session.transports;
    expect(transportA).toMatchObject({ iceRole: 'controlling', dtlsRole: 'server', mids: ['0'] });
    expect(transportB).toMatchObject({ iceRole: 'controlled', dtlsRole: 'client', mids: ['0'] });
    expect(transportA!.remoteIce).toMatchObject(transportB!.localIce);
    expect(transportB!.remoteFingerprints).toEqual([{ algorithm: 'sha-256', value: a.fingerprint }]);
    expect(a.session.sctp).toEqual({
      mid: '0',
      transportId: transportA!.id,
      localPort: 5000,
      remotePort: 5000,
      remoteMaxMessageSize: 262144,
    });
  });

  test('repeated changes nothing and keeps credentials and roles, whoever offers', () => {
    const [a, b] = pair();
    exchange(a, b);
    const { transports } = a.session;
    a.effects.length = b.effects.length = 0;
    exchange(b, a);
    exchange(a, b);
    expect([...a.effects, ...b.effects]).toEqual([]);
    expect(a.session.transports).toEqual(transports);
    expect(a.local).toContain('a=setup:actpass');
  });

  test('keeps the association when only the maximum message size changes', () => {
    const [a, b] = pair();
    exchange(a, b);
    a.maxMessageSize = 1;
    b.effects.length = 0;
    exchange(a, b);
    expect(kinds(b.effects)).toEqual(['update-sctp']);
    expect(b.session.sctp!.remoteMaxMessageSize).toBe(1);
  });

  test('a missing max-message-size is 65536, and 0 stays 0', () => {
    const [a, b] = pair();
    b.setRemote('offer', a.createOffer().replace(/a=max-message-size:.*\r\n/, ''));
    b.setLocal('answer');
    expect(b.session.sctp!.remoteMaxMessageSize).toBe(65536);
    const c = new Peer('c');
    a.maxMessageSize = 0;
    c.setRemote('offer', a.createOffer());
    c.setLocal('answer');
    expect(c.session.sctp!.remoteMaxMessageSize).toBe(0);
  });

  test('with another peer replaces ICE generation, DTLS and SCTP association (handover)', () => {
    const [a, b] = pair();
    const c = new Peer('c');
    exchange(a, b);
    const [before] = a.session.transports;
    a.effects.length = 0;
    exchange(a, c);
    expect(kinds(a.effects)).toEqual(['stop-sctp', 'set-remote-ice', 'start-dtls', 'start-sctp']);
    expect(a.effects).toContainEqual(expect.objectContaining({ kind: 'start-dtls', restart: true }));
    expect(a.session.transports[0]!.id).toBe(before!.id);
  });

  test.each([
    ['actpass', 'active', 'client'],
    ['active', 'passive', 'server'],
    ['passive', 'active', 'client'],
  ])('answers setup:%s with %s', (offered, answered, role) => {
    const [a, b] = pair();
    b.setRemote('offer', a.createOffer().replace('setup:actpass', `setup:${offered}`));
    expect(b.createAnswer()).toContain(`a=setup:${answered}\r\n`);
    b.setLocal('answer');
    expect(b.session.transports[0]!.dtlsRole).toBe(role);
  });

  test('an ICE-lite peer makes us controlling', () => {
    const [a, b] = pair();
    b.setRemote('offer', a.createOffer().replace('a=group', 'a=ice-lite\r\na=group'));
    b.setLocal('answer');
    expect(b.session.transports[0]).toMatchObject({ iceRole: 'controlling', remoteIce: { iceLite: true } });
  });
});

describe('pranswer', () => {
  test('starts the transports, and the answer after it changes nothing', () => {
    const [a, b] = pair();
    a.setLocal('offer');
    b.setRemote('offer', a.local);
    const answer = b.createAnswer();
    expect(kinds(b.setLocal('pranswer', answer))).toContain('start-dtls');
    expect(b.session.signalingState).toBe('have-local-pranswer');
    expect(kinds(a.setRemote('pranswer', answer))).toContain('start-sctp');
    expect(a.session.signalingState).toBe('have-remote-pranswer');
    expect(errorOf(() => a.rollback('local'))).toBe('InvalidStateError');
    expect(errorOf(() => a.rollback('remote'))).toBe('InvalidStateError');
    expect(errorOf(() => b.rollback('local'))).toBe('InvalidStateError');
    expect(b.setLocal('answer', answer)).toEqual([]);
    expect(a.setRemote('answer', answer)).toEqual([]);
    expect([a.session.signalingState, b.session.signalingState]).toEqual(['stable', 'stable']);
  });
});

describe('states', () => {
  test('a local description has to be the one created last', () => {
    const [a, b] = pair();
    const offer = a.createOffer();
    expect(errorOf(() => a.setLocal('offer', offer.replace('5000', '5001')))).toBe('InvalidModificationError');
    expect(errorOf(() => a.setLocal('offer', b.createOffer()))).toBe('InvalidModificationError');
    expect(errorOf(() => a.setLocal('answer', offer))).toBe('InvalidStateError');
    a.setLocal('offer', offer);
    expect(errorOf(() => a.setLocal('answer', offer))).toBe('InvalidStateError');
  });

  test('an offer created before a rolled back exchange stays usable', () => {
    const [a, b] = pair();
    const offer = a.createOffer();
    a.setRemote('offer', b.createOffer());
    const answer = a.createAnswer();
    a.rollback('remote');
    a.setLocal('offer', offer);
    a.rollback('local');
    a.setRemote('offer', b.createOffer());
    a.setLocal('answer', answer);
    expect(a.session.signalingState).toBe('stable');
  });

  test('what was created is forgotten with the exchange', () => {
    const [a, b] = pair();
    const stale = b.createOffer();
    exchange(a, b);
    expect(errorOf(() => b.setLocal('offer', stale))).toBe('InvalidModificationError');
    expect(lastCreated(b.session, 'offer', b.parameters())).toBeNull();
  });

  test('lastCreated() gives what was created unless a data channel came after it', () => {
    const [a] = pair();
    a.hasDataChannels = false;
    const offer = a.createOffer();
    expect(lastCreated(a.session, 'offer', a.parameters())).toBe(offer);
    a.hasDataChannels = true;
    expect(lastCreated(a.session, 'offer', a.parameters())).toBeNull();
  });

  test('rollback returns to the last stable, and only from a pending offer of that side', () => {
    const [a, b] = pair();
    expect(errorOf(() => a.rollback('local'))).toBe('InvalidStateError');
    a.setLocal('offer');
    expect(errorOf(() => a.rollback('remote'))).toBe('InvalidStateError');
    expect(kinds(a.rollback('local'))).toEqual(['remove-transport']);
    expect(a.session).toMatchObject({ signalingState: 'stable', pendingLocal: null, transports: [], iceRole: null });
    b.setRemote('offer', a.createOffer());
    expect(implicitLocalType(b.session)).toBe('answer');
    expect(errorOf(() => b.rollback('local'))).toBe('InvalidStateError');
    expect(b.rollback('remote')).toEqual([]);
    expect(b.session.pendingRemote).toBeNull();
  });

  test('glare: the polite side rolls back and both end connected', () => {
    const [a, b] = pair();
    a.setLocal('offer');
    b.setLocal('offer');
    const offer = a.local;
    b.setRemote('offer', offer);
    expect(kinds(b.effects)).toEqual(['create-transport', 'gather', 'remove-transport']);
    b.setLocal('answer');
    a.setRemote('answer', b.local);
    expect(a.session.transports[0]!.remoteIce).toMatchObject(b.session.transports[0]!.localIce);
    expect(b.session.transports[0]!.iceRole).toBe('controlled');
  });

  test('an error leaves the session as it was', () => {
    const [a, b] = pair();
    exchange(a, b);
    const { session } = a;
    expect(errorOf(() => a.setRemote('offer', 'Invalid SDP'))).toBe('sdp-syntax-error 1');
    expect(a.session).toBe(session);
  });

  test('the session id has to be a number below 2^63', () => {
    const make = (sessionId: string) => () =>
      createJsepSession({
        bundlePolicy: 'balanced',
        rtcpMuxPolicy: 'require',
        sessionId,
        capabilities: NO_CAPABILITIES,
        cname: 'a',
      });
    expect(errorOf(make('9223372036854775808'))).toBe('TypeError');
    expect(errorOf(make('x'))).toBe('TypeError');
    expect(errorOf(make('9223372036854775807'))).toBe('nothing');
  });
});

describe('ICE restart', () => {
  test('of the offerer renews both sides at the answer, and keeps DTLS and SCTP', () => {
    const [a, b] = pair();
    exchange(a, b);
    const old = [a.session.transports[0]!.localIce, b.session.transports[0]!.localIce];
    a.iceRestart = true;
    const gather = expect.objectContaining({ kind: 'gather', restart: true });
    const setRemote = expect.objectContaining({ kind: 'set-remote-ice', restart: true });
    expect(a.setLocal('offer')).toEqual([gather]);
    b.setRemote('offer', a.local);
    expect(b.setLocal('answer')).toEqual([gather, setRemote]);
    expect(a.setRemote('answer', b.local)).toEqual([setRemote]);
    a.iceRestart = false;
    expect(a.session.transports[0]!.localIce).not.toEqual(old[0]);
    expect(b.session.transports[0]!.localIce).not.toEqual(old[1]);
    expect(a.session.transports[0]!.iceRole).toBe('controlling');
  });

  test('rolled back goes back to the old credentials', () => {
    const [a, b] = pair();
    exchange(a, b);
    const { localIce } = a.session.transports[0]!;
    a.iceRestart = true;
    a.setLocal('offer');
    expect(a.rollback('local')).toEqual([{ kind: 'revert-ice', transportId: 'transport-0', local: localIce }]);
  });

  test('of credentials to be replaced happens once', () => {
    const [a, b] = pair();
    exchange(a, b);
    expect(localIceCredentials(a.session)).toEqual([a.session.transports[0]!.localIce]);
    const replaced = localIceCredentials(a.session);
    const parameters = a.parameters.bind(a);
    a.parameters = () => ({ ...parameters(), credentialsToReplace: replaced });
    a.effects.length = 0;
    exchange(a, b);
    exchange(a, b);
    expect(kinds(a.effects).filter((kind) => kind === 'gather')).toHaveLength(1);
  });
});

describe('candidates', () => {
  test('local ones go into the description, with the default candidate, and end', () => {
    const [a, b] = pair();
    a.setLocal('offer');
    const { id, localIce } = a.session.transports[0]!;
    a.gather(4444);
    const relay = parseCandidate('candidate:9 1 udp 5 2001:db8::1 3478 typ relay raddr 192.0.2.1 rport 4444')!;
    const added = addLocalCandidate(a.session, id, localIce.usernameFragment, relay);
    expect(added.place).toEqual({ sdpMid: '0', sdpMLineIndex: 0 });
    a.session = addLocalCandidate(added.session, id, localIce.usernameFragment, null).session;
    const lines = a.local.split('\r\n');
    expect(lines).toContain('m=application 3478 UDP/DTLS/SCTP webrtc-datachannel');
    expect(lines).toContain('c=IN IP6 2001:db8::1');
    expect(lines.slice(-4, -1)).toEqual([
      'a=candidate:1 1 udp 2130706431 192.0.2.1 4444 typ host ufrag a0001',
      'a=candidate:9 1 udp 5 2001:db8::1 3478 typ relay raddr 192.0.2.1 rport 4444',
      'a=end-of-candidates',
    ]);
    expect(addLocalCandidate(a.session, id, 'other', relay).place).toBeNull();
    // The other side takes them from the description, and the next offer repeats them.
    b.setRemote('offer', a.local);
    expect(b.setLocal('answer')).toContainEqual(
      expect.objectContaining({ kind: 'add-remote-candidates', endOfCandidates: true }),
    );
    expect(b.session.transports[0]!.remoteCandidates).toHaveLength(2);
    a.setRemote('answer', b.local);
    expect(a.createOffer()).toContain('a=candidate:9 1 udp 5 2001:db8::1 3478');
  });

  test('a candidate that comes between createOffer() and setLocalDescription() is not lost', () => {
    const [a, b] = pair();
    exchange(a, b);
    const offer = a.createOffer();
    a.gather(4444);
    a.setLocal('offer', offer);
    expect(a.local).toContain(' 4444 typ host');
  });

  test('remote ones wait in the description until there is a transport, then pass through once', () => {
    const [a, b] = pair();
    const init = { candidate: '', sdpMid: null, sdpMLineIndex: null, usernameFragment: null };
    expect(errorOf(() => addRemoteCandidate(b.session, init))).toBe('InvalidStateError');
    a.setLocal('offer');
    b.setRemote('offer', a.local);
    const first = a.gather(1000);
    expect(b.addCandidate(first)).toEqual([]);
    expect(b.remote).toContain('192.0.2.1 1000 typ host');
    const ports = b
      .setLocal('answer')
      .flatMap((effect) => (effect.kind === 'add-remote-candidates' ? effect.candidates.map(({ port }) => port) : []));
    expect(ports).toEqual([1000]);
    const second = b.addCandidate(a.gather(1001));
    expect(second).toEqual([
      expect.objectContaining({ kind: 'add-remote-candidates', candidates: [expect.objectContaining({ port: 1001 })] }),
    ]);
    expect(b.addCandidate(first)).toEqual([]);
    const end = addRemoteCandidate(b.session, init);
    expect(end.effects).toEqual([expect.objectContaining({ candidates: [], endOfCandidates: true })]);
  });

  test('stay known through an exchange whose texts do not repeat them', () => {
    const [a, b] = pair();
    exchange(a, b);
    const candidate = a.gather(1000);
    b.addCandidate(candidate);
    a.setLocal('offer');
    b.setRemote('offer', a.local.replace(/a=candidate.*\r\n/, ''));
    b.setLocal('answer');
    expect(b.session.transports[0]!.remoteCandidates.map(({ port }) => port)).toEqual([1000]);
    expect(b.addCandidate(candidate)).toEqual([]);
  });

  test('of a pending restart wait for the answer; those of the running generation do not', () => {
    const [a, b] = pair();
    exchange(a, b);
    const running = a.session.transports[0]!.localIce.usernameFragment;
    a.iceRestart = true;
    a.setLocal('offer');
    b.setRemote('offer', a.local);
    expect(b.addCandidate(a.gather(2000))).toEqual([]);
    expect(kinds(b.addCandidate(`candidate:1 1 udp 1 192.0.2.1 2001 typ host ufrag ${running}`))).toEqual([
      'add-remote-candidates',
    ]);
    expect(kinds(b.setLocal('answer'))).toEqual(['gather', 'set-remote-ice', 'add-remote-candidates']);
    expect(b.session.transports[0]!.remoteCandidates.map(({ port }) => port)).toEqual([2000]);
  });

  const line = 'candidate:1 1 udp 2113929471 203.0.113.100 10100 typ host';
  const unsupported = line.replace('203.0.113.100', 'fe80::1%eth0');

  test.each([
    ['unknown mid', { sdpMid: 'x' }, 'OperationError'],
    ['unknown index', { sdpMid: null, sdpMLineIndex: 1 }, 'OperationError'],
    ['unknown ufrag', { usernameFragment: 'nobody' }, 'OperationError'],
    [
      'unknown ufrag, in the line, too',
      { usernameFragment: 'nobody', candidate: `${line} ufrag nobody` },
      'OperationError',
    ],
    ['unknown mid, unknown ufrag in the line', { sdpMid: 'x', candidate: `${line} ufrag nobody` }, 'OperationError'],
    ['garbage', { candidate: '(Invalid) candidate \r\n string' }, 'OperationError'],
    ['unknown mid, address that no candidate has', { sdpMid: 'x', candidate: unsupported }, 'OperationError'],
    [
      'unknown ufrag, address that no candidate has',
      { usernameFragment: 'x', candidate: unsupported },
      'OperationError',
    ],
    ['line injection', { candidate: 'candidate:1 1 udp 1 192.0.2.1 1 typ host x y\r\na=ice-lite' }, 'OperationError'],
    ['neither mid nor index', { sdpMid: null }, 'TypeError'],
    ['known mid, wrong index', { sdpMLineIndex: 7 }, 'nothing'],
  ])('%s', (_, change, expected) => {
    const [a, b] = pair();
    b.setRemote('offer', a.createOffer());
    const init = { candidate: line, sdpMid: '0', sdpMLineIndex: null, usernameFragment: null, ...change };
    expect(errorOf(() => addRemoteCandidate(b.session, init))).toBe(expected);
  });

  test('one of a generation that is over, answered or not, is passed over', () => {
    const [a, b] = pair();
    exchange(a, b);
    const over = [a.session.transports[0]!.localIce.usernameFragment];
    a.iceRestart = true;
    a.setLocal('offer');
    b.setRemote('offer', a.local);
    over.push(a.session.transports[0]!.localIce.usernameFragment);
    b.rollback('remote');
    a.rollback('local');
    a.setLocal('offer');
    b.setRemote('offer', a.local);
    b.setLocal('answer');
    const { session } = b;
    for (const usernameFragment of over) {
      const result = addRemoteCandidate(session, {
        candidate: line,
        sdpMid: '0',
        sdpMLineIndex: null,
        usernameFragment,
      });
      expect(result).toEqual({ session, effects: [], media: [] });
    }
  });

  test('one whose line alone has the ufrag of a generation that is over, or of none, is passed over', () => {
    const [a, b] = pair();
    exchange(a, b);
    const before = a.session.transports[0]!.localIce.usernameFragment;
    a.iceRestart = true;
    a.setLocal('offer');
    b.setRemote('offer', a.local);
    b.setLocal('answer');
    const { session } = b;
    for (const fragment of [before, 'nobody']) {
      expect(b.addCandidate(`${line} ufrag ${fragment}`)).toEqual([]);
      expect(b.session).toEqual(session);
    }
  });

  test.each([unsupported, line.replace('udp', 'sctp'), `${line} generation`, line.replace(':1 1', ':1 0')])(
    '%s is passed over, trickled and in a description',
    (odd) => {
      const [a, b] = pair();
      const offer = a.createOffer().replace('a=mid:0', `a=mid:0\r\na=${odd}\r\na=${line}`);
      b.setRemote('offer', offer);
      b.setLocal('answer');
      expect(b.remote).toBe(offer);
      expect(b.session.transports[0]!.remoteCandidates.map(({ port }) => port)).toEqual([10100]);
      const { session } = b;
      expect(b.addCandidate(odd)).toEqual([]);
      expect(b.session).toEqual(session);
    },
  );

  test('canTrickleIceCandidates follows the remote description', () => {
    const [a, b] = pair();
    expect(canTrickleIceCandidates(b.session)).toBeNull();
    b.setRemote('offer', a.createOffer());
    expect(canTrickleIceCandidates(b.session)).toBe(true);
    b.setRemote('offer', a.createOffer().replace('trickle ', ''));
    expect(canTrickleIceCandidates(b.session)).toBe(false);
  });
});
