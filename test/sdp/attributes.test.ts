import { parseCandidate, parseCandidateResult, serializeCandidate } from '../../lib/sdp/attributes/candidate';
import { parseFingerprint, serializeFingerprint } from '../../lib/sdp/attributes/dtls';
import { parseExtMap, serializeExtMap } from '../../lib/sdp/attributes/extmap';
import { parseMsid, serializeMsid } from '../../lib/sdp/attributes/msid';
import { parseRid, parseSimulcast, serializeRid, serializeSimulcast } from '../../lib/sdp/attributes/rid-simulcast';
import { parseRtcpFeedback, serializeRtcpFeedback } from '../../lib/sdp/attributes/rtcp-fb';
import {
  parseFormatParameters,
  parseRtpMap,
  serializeFormatParameters,
  serializeRtpMap,
} from '../../lib/sdp/attributes/rtpmap-fmtp';
import { parseSctpMap } from '../../lib/sdp/attributes/sctp';
import { parseSsrc, parseSsrcGroup, serializeSsrc, serializeSsrcGroup } from '../../lib/sdp/attributes/ssrc';
import { isConnectionAddress, isIpv6Address } from '../../lib/sdp/network-address';

describe('candidate', () => {
  test('reads every field', () => {
    expect(
      parseCandidate(
        'a=candidate:435653019 2 TCP 1845501695 192.168.0.196 4444 typ srflx raddr www.example.com rport 22222 ' +
          'tcptype active generation 0 ufrag thC8 network-cost 50\r\n',
      ),
    ).toEqual({
      foundation: '435653019',
      component: 2,
      protocol: 'tcp',
      priority: 1845501695,
      address: '192.168.0.196',
      port: 4444,
      type: 'srflx',
      relatedAddress: 'www.example.com',
      relatedPort: 22222,
      tcpType: 'active',
      usernameFragment: 'thC8',
      extensions: [
        { name: 'generation', value: '0' },
        { name: 'network-cost', value: '50' },
      ],
    });
  });

  test.each([
    'candidate:1 1 udp 2113929471 203.0.113.100 10100 typ host',
    'candidate:1 1 udp 0 a199a92a-c319-4131-8991-6cad61a4b8dd.local 1 typ host generation 0 network-cost 999',
    'candidate:1 1 tcp 4294967295 2001:db8::1 9 typ host tcptype active',
    'candidate:-=#_ 1 udp 1 192.0.2.1 1 typ host ufrag ab-=#_',
    'candidate: 1 udp 1 192.0.2.1 1 typ host generation 0',
    'candidate:1 256 udp 1 ::ffff:192.0.2.1 0 typ relay raddr :: rport 0 ufrag abcd',
  ])('%s is written as it was', (text) => {
    expect(serializeCandidate(parseCandidate(text)!)).toBe(text);
  });

  test.each(
    [
      '',
      'candidate:',
      'candidate:foo',
      'candidate:1 x udp 1 192.0.2.1 1 typ host',
      'candidate:1 1 udp 1.5 192.0.2.1 1 typ host',
      'candidate:1 1 udp 1  1 typ host',
      'candidate:1 1 udp 4294967296 192.0.2.1 1 typ host',
      'candidate:1 1 udp 1 192.0.2.1 65536 typ host',
      'candidate:1 1 udp 1 192.0.2.1 1 host',
      'candidate:1 1 udp 1 192.0.2.1 1 typ host x y\r\na=z',
      `candidate:1 1 udp 1 192.0.2.1 1 typ host x ${'y'.repeat(3000)}`,
      ' candidate:1 1 udp 1 192.0.2.1 1 typ host',
    ].filter((text) => !text.endsWith('y\n')),
  )('%j is malformed', (text) => {
    expect(parseCandidateResult(text).kind).toBe('malformed');
    expect(parseCandidate(text)).toBeNull();
  });

  test.each([
    'candidate:1 1 sctp 1 192.0.2.1 1 typ host',
    'candidate:1 1 udp 1 192.0.2.1 1 typ wormhole',
    'candidate:1 0 udp 1 192.0.2.1 1 typ host',
    'candidate:1 257 udp 1 192.0.2.1 1 typ host',
    'candidate:1 1 udp 1 192.0.2.256 1 typ host',
    'candidate:1 1 udp 1 fe80::1%eth0 1 typ host',
    'candidate:1 1 udp 1 192.0.2.1 1 typ host generation',
    'candidate:$ 1 udp 1 192.0.2.1 1 typ host',
    'candidate:111111111111111111111111111111111 1 udp 1 192.0.2.1 1 typ host',
    'candidate:1 1 udp 1 [::1] 1 typ host',
    'candidate:1 1 udp 1 192.168.001.002 1 typ host',
    'candidate:1 1 udp 1 192.0.2.1 1 typ srflx raddr fe80::1%eth0 rport 1',
    'candidate:1 1 udp 1 192.0.2.1 1 typ srflx raddr 192.0.2.2 rport x',
    'candidate:1 1 tcp 1 192.0.2.1 1 typ host tcptype x',
    'candidate:1 1 udp 1 192.0.2.1 1 typ host  generation 0',
    'candidate:1 1 udp 1 192.0.2.1 1 typ host ufrag ab',
  ])('%s is to be ignored', (text) => {
    expect(parseCandidateResult(text).kind).toBe('unsupported');
    expect(parseCandidate(text)).toBeNull();
  });
});

test('addresses', () => {
  for (const address of ['::', '::1', '1::', '1:2:3:4:5:6:7:8', '2001:db8::192.0.2.1', '1:2:3:4:5:6:192.0.2.1']) {
    expect([address, isIpv6Address(address)]).toEqual([address, true]);
  }
  for (const address of [
    '',
    ':',
    ':::',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '12345::',
    '::g',
    '1::2::3',
    '::1.2.3',
  ]) {
    expect([address, isIpv6Address(address)]).toEqual([address, false]);
  }
  expect(isConnectionAddress('x.local')).toBe(true);
  expect(isConnectionAddress('1.2.3')).toBe(false);
  expect(isConnectionAddress('-x')).toBe(false);
});

test.each<[string, (value: string) => unknown, (model: never) => string, string[], string[]]>([
  [
    'fingerprint',
    parseFingerprint,
    serializeFingerprint as never,
    ['sha-256 AB:CD'],
    ['sha-256', 'sha-256 AB:C', 'sha-256 AB:CD x'],
  ],
  [
    'rtpmap',
    parseRtpMap,
    serializeRtpMap as never,
    ['111 opus/48000/2', '96 VP8/90000'],
    ['128 x/1', '96', '96 x', '96 x/1/2/3'],
  ],
  ['fmtp', parseFormatParameters, serializeFormatParameters as never, ['111 minptime=10;useinbandfec=1'], ['111']],
  [
    'rtcp-fb',
    parseRtcpFeedback,
    serializeRtcpFeedback as never,
    ['96 nack pli', '* ccm fir', '96 transport-cc'],
    ['x nack', '96'],
  ],
  [
    'extmap',
    parseExtMap,
    serializeExtMap as never,
    ['1 urn:x', '2/recvonly urn:y a b'],
    ['x urn:x', '1', '1/both urn:x'],
  ],
  ['msid', parseMsid, serializeMsid as never, ['stream track', '-'], ['', 'a b c']],
  [
    'ssrc',
    parseSsrc,
    serializeSsrc as never,
    ['1001 cname:some', '1 msid:a b', '4294967295 x'],
    ['x cname:1', '1', '4294967296 x'],
  ],
  ['ssrc-group', parseSsrcGroup, serializeSsrcGroup as never, ['FID 1 2', 'SIM'], ['FID x']],
  ['rid', parseRid, serializeRid as never, ['f send', 'h recv pt=96;max-width=1'], ['f', 'f both', '~ send']],
  [
    'simulcast',
    parseSimulcast,
    serializeSimulcast as never,
    ['send f;~h,q', 'send a recv b'],
    ['send', 'send a send b', 'both a', 'send ;'],
  ],
])('%s: what is right is written as it was, what is wrong is null', (_, parse, serialize, right, wrong) => {
  for (const value of right) expect(serialize(parse(value) as never)).toBe(value);
  for (const value of wrong) expect([value, parse(value)]).toEqual([value, null]);
});

test('a value without a serializer', () => {
  expect(parseSctpMap('5000 webrtc-datachannel 1024')).toEqual({
    port: 5000,
    application: 'webrtc-datachannel',
    streams: 1024,
  });
});
