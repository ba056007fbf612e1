import { RTCIceCandidate } from '../../lib/webrtc/RTCIceCandidate';

const host = 'candidate:1905690388 1 udp 2113937151 192.168.0.1 58041 typ host generation 0 ufrag thC8 network-cost 50';
const tcp =
  'candidate:435653019 2 TCP 1845501695 192.168.0.196 4444 typ srflx raddr www.example.com rport 22222 tcptype active';
const lineFields = [
  'foundation',
  'component',
  'priority',
  'address',
  'protocol',
  'port',
  'type',
  'tcpType',
  'relatedAddress',
  'relatedPort',
] as const;

const fieldsOf = (candidate: RTCIceCandidate) => lineFields.map((name) => candidate[name]);

describe('RTCIceCandidate', () => {
  it('needs sdpMid or sdpMLineIndex', () => {
    for (const init of [undefined, {}, { candidate: host }, { sdpMid: null, sdpMLineIndex: null }]) {
      expect(() => new RTCIceCandidate(init)).toThrow(TypeError);
    }
    expect(() => new RTCIceCandidate({})).toThrow(
      "Failed to construct 'RTCIceCandidate': sdpMid and sdpMLineIndex are both null.",
    );
    expect(new RTCIceCandidate({ sdpMid: '' }).sdpMid).toBe('');
    expect(new RTCIceCandidate({ sdpMLineIndex: 65535 }).sdpMLineIndex).toBe(65535);
  });

  it('reads the fields of a UDP host candidate', () => {
    const candidate = new RTCIceCandidate({ candidate: host, sdpMid: 'video', sdpMLineIndex: 1 });
    expect(fieldsOf(candidate)).toEqual([
      '1905690388',
      'rtp',
      2113937151,
      '192.168.0.1',
      'udp',
      58041,
      'host',
      null,
      null,
      null,
    ]);
    expect(candidate.usernameFragment).toBeNull();
  });

  it('reads the fields of a TCP candidate, its transport in any case', () => {
    const candidate = new RTCIceCandidate({
      candidate: tcp,
      sdpMid: '0',
      usernameFragment: 'user1',
      relayProtocol: 'tcp',
      url: 'turn:turn.example.net',
    });
    expect(fieldsOf(candidate)).toEqual([
      '435653019',
      'rtcp',
      1845501695,
      '192.168.0.196',
      'tcp',
      4444,
      'srflx',
      'active',
      'www.example.com',
      22222,
    ]);
    expect([candidate.usernameFragment, candidate.relayProtocol, candidate.url]).toEqual([
      'user1',
      'tcp',
      'turn:turn.example.net',
    ]);
  });

  it.each([
    ['', 'end of candidates'],
    ['<arbitrary string[0] content>;', 'no candidate at all'],
    [host.replace(' 1 udp', ' 3 udp'), 'a component that has no name'],
    [host.replace('58041', '65536'), 'a port out of range'],
    [host.replace('2113937151', '4294967296'), 'a priority out of range'],
    [host.replace('typ host', 'typ unknown'), 'an unknown type'],
    [host.replace('udp', 'quic'), 'an unknown transport'],
  ])('has null fields but keeps the text for %j (%s)', (text) => {
    const candidate = new RTCIceCandidate({ candidate: text, sdpMid: '0' });
    expect(candidate.candidate).toBe(text);
    expect(fieldsOf(candidate)).toEqual(lineFields.map(() => null));
  });

  it('is cloned with, and signalled without, relayProtocol and url', () => {
    const original = new RTCIceCandidate({ sdpMid: '0', relayProtocol: 'tls', url: 'turns:turn.example.net' });
    const clone = new RTCIceCandidate(original);
    expect([clone.relayProtocol, clone.url]).toEqual(['tls', 'turns:turn.example.net']);
    const signalled = JSON.parse(JSON.stringify(original)) as object;
    expect(signalled).toEqual({ candidate: '', sdpMid: '0', sdpMLineIndex: null, usernameFragment: null });
    expect(new RTCIceCandidate(signalled).relayProtocol).toBeNull();
  });

  it('converts its members as WebIDL says', () => {
    expect(new RTCIceCandidate({ candidate: null as unknown as string, sdpMid: '0' }).candidate).toBe('null');
    expect(new RTCIceCandidate({ sdpMLineIndex: 65537 }).sdpMLineIndex).toBe(1);
    expect(() => new RTCIceCandidate({ sdpMid: '0', relayProtocol: 'sctp' as 'udp' })).toThrow(TypeError);
    expect(() => new RTCIceCandidate('x' as unknown as object)).toThrow(TypeError);
  });
});
